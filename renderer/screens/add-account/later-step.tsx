// A sign-in that was put off: what that means, and every way on.
import { Button } from "react-aria-components";
import { FailureNote } from "../../components/failure-note.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { useTask } from "../../state/use-task.ts";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { goTo, replaceRoute } from "../../use-route.ts";

export function LaterStep({ email, onSignIn }: { readonly email: string; readonly onSignIn: () => void }) {
  const { t } = useTexts();
  const control = useControl();
  const removal = useTask(async () => {
    await control.call("account.remove", { email });
    replaceRoute({ kind: "home" });
  });
  return (
    <section>
      <h2>{t("add.later-title")}</h2>
      <p>{t("add.later-text", { email })}</p>
      {removal.state.kind === "failed" ? <FailureNote failure={removal.state.failure} /> : null}
      <div className="buttons">
        <Button className="button primary" onPress={onSignIn}>
          {t("add.later-sign-in")}
        </Button>
        <Button className="button" onPress={() => goTo({ kind: "account", email, tab: "programs" })}>
          {t("add.later-keep")}
        </Button>
        <WorkButton
          className="button quiet"
          isBusy={removal.state.kind === "running"}
          onPress={() => void removal.run()}
        >
          {t("add.later-remove")}
        </WorkButton>
      </div>
    </section>
  );
}
