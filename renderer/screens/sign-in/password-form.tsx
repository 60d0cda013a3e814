// The mailbox's password at its provider, or one that the provider made for a program.
import type { Discovery } from "../../../src/control/contract.ts";
import { OutsideLink } from "../../components/outside-link.tsx";
import { useTexts } from "../../texts.tsx";
import { SecretForm } from "./secret-form.tsx";
import type { SignIn } from "./use-sign-in.ts";

export function PasswordForm({
  signIn,
  appPassword,
  onLater,
}: {
  readonly signIn: SignIn;
  readonly appPassword: Discovery["appPassword"];
  readonly onLater: () => void;
}) {
  const { t } = useTexts();
  return (
    <SecretForm
      title={t("sign-in.password-title")}
      label={t("sign-in.password-label")}
      verb={t("sign-in.password-send")}
      onSend={(password) => void signIn.start("password", { password })}
      onLater={onLater}
    >
      <p>{t("sign-in.password-text")}</p>
      {appPassword === undefined || appPassword.offered === "no" ? null : (
        <>
          <p>
            {t("sign-in.app-password-text", { name: appPassword.name })}{" "}
            {appPassword.offered === "with-two-step" ? t("sign-in.app-password-two-step") : null}
          </p>
          {appPassword.note === undefined ? null : <p lang="en">{appPassword.note}</p>}
          {appPassword.page === undefined ? null : (
            <p>
              <OutsideLink url={appPassword.page}>{t("sign-in.app-password-page")}</OutsideLink>
            </p>
          )}
        </>
      )}
    </SecretForm>
  );
}
