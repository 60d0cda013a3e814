// Signing in again to an account that is there already: the same steps as when it was added.
import { useState } from "react";
import { Page } from "../../components/page.tsx";
import { useControl, useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { goTo } from "../../use-route.ts";
import { useDiscovery } from "../add-account/use-discovery.ts";
import { LiveCheck } from "./live-check.tsx";
import { SignIn } from "./sign-in.tsx";

export function SignInScreen({ email }: { readonly email: string }) {
  const { t } = useTexts();
  const account = useSnapshot().accounts.find((one) => one.email === email);
  const [notices, setNotices] = useState<readonly string[]>();
  const control = useControl();
  const appPassword = useDiscovery(control, account?.kind === "password" ? email : undefined)?.appPassword;
  const leave = (): void => goTo({ kind: "account", email, tab: "programs" });
  if (account === undefined) {
    return (
      <Page title={t("sign-in.title", { email })}>
        <p>{t("account.not-found", { email })}</p>
      </Page>
    );
  }
  return (
    <Page title={t("sign-in.title", { email })}>
      {notices === undefined ? (
        <SignIn account={account} appPassword={appPassword} onSignedIn={setNotices} onLater={leave} />
      ) : (
        <LiveCheck email={email} notices={notices} onContinue={leave} />
      )}
    </Page>
  );
}
