// After the sign-in: every part of the way is tried at once, before a mail program has to.
import { useEffect } from "react";
import { Button } from "react-aria-components";
import { FailureNote } from "../../components/failure-note.tsx";
import { Progress } from "../../components/progress.tsx";
import { useTask } from "../../state/use-task.ts";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { Legs } from "../account/check.tsx";

export function LiveCheck({
  email,
  notices,
  onContinue,
}: {
  readonly email: string;
  /** What was asked for and not granted, in the daemon's words. */
  readonly notices: readonly string[];
  readonly onContinue: () => void;
}) {
  const { t } = useTexts();
  const control = useControl();
  const check = useTask((signal) => control.call("account.test", { email }, signal));
  const { run } = check;
  useEffect(() => void run(), [run]);
  const { state } = check;
  const works = state.kind === "done" && state.value.works;
  return (
    <section className="found">
      {notices.map((notice) => (
        <p key={notice} className="note note-problem" lang="en">
          {notice}
        </p>
      ))}
      {state.kind === "running" ? <Progress label={t("check.title")} since={state.since} /> : null}
      <div role="status">
        {state.kind === "done" ? (
          <p className="note-title">{t(works ? "check.works" : "check.fails")}</p>
        ) : null}
      </div>
      {state.kind === "done" ? <Legs result={state.value} email={email} /> : null}
      {state.kind === "failed" ? <FailureNote failure={state.failure} email={email} /> : null}
      <div className="buttons">
        <Button className={works ? "button primary" : "button"} onPress={onContinue}>
          {t("sign-in.continue")}
        </Button>
        {state.kind === "running" || works ? null : (
          <Button className="button primary" onPress={() => void run()}>
            {t("check.again")}
          </Button>
        )}
      </div>
    </section>
  );
}
