// The page that connects a mail program to an account that is there already.
import { Page } from "../../components/page.tsx";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { goTo } from "../../use-route.ts";
import { ConnectProgram } from "./connect-program.tsx";

export function ConnectScreen({ email }: { readonly email: string }) {
  const { t } = useTexts();
  const account = useSnapshot().accounts.find((one) => one.email === email);
  return (
    <Page title={t("connect.title")}>
      {account === undefined ? (
        <p>{t("account.not-found", { email })}</p>
      ) : (
        <ConnectProgram
          account={account}
          leave={t("connect.back")}
          onLeave={() => goTo({ kind: "account", email, tab: "programs" })}
        />
      )}
    </Page>
  );
}
