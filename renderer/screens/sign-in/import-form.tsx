// A sign-in that another tool has made, taken over.
import { useTexts } from "../../texts.tsx";
import { SecretForm } from "./secret-form.tsx";
import type { SignIn } from "./use-sign-in.ts";

export function ImportForm({ signIn, onLater }: { readonly signIn: SignIn; readonly onLater: () => void }) {
  const { t } = useTexts();
  return (
    <SecretForm
      title={t("sign-in.import-title")}
      label={t("sign-in.import-label")}
      verb={t("sign-in.import-send")}
      onSend={(refreshToken) => void signIn.start("import", { refreshToken: refreshToken.trim() })}
      onLater={onLater}
    >
      <p>{t("sign-in.import-text")}</p>
    </SecretForm>
  );
}
