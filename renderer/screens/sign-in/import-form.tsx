// A sign-in that another tool has made, taken over.
import { Button } from "react-aria-components";
import { useTexts } from "../../texts.tsx";
import { SecretForm } from "./secret-form.tsx";
import type { SignIn } from "./use-sign-in.ts";

export function ImportForm({
  signIn,
  onBrowser,
  onLater,
}: {
  readonly signIn: SignIn;
  /** The other tool's sign-in is not to be had. */
  readonly onBrowser: () => void;
  readonly onLater: () => void;
}) {
  const { t } = useTexts();
  return (
    <SecretForm
      title={t("sign-in.import-title")}
      label={t("sign-in.import-label")}
      verb={t("sign-in.import-send")}
      clean={(typed) => typed.trim()}
      onSend={(refreshToken) => void signIn.start("import", { refreshToken })}
      onLater={onLater}
    >
      <p>{t("sign-in.import-text")}</p>
      <p>
        <Button className="button link-like" onPress={onBrowser}>
          {t("add.use-sign-in")}
        </Button>
      </p>
    </SecretForm>
  );
}
