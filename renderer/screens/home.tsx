// Where the window opens: the account that needs somebody, else the first; and without any, the way to one.
import { Link } from "react-aria-components";
import type { AccountView } from "../../src/control/contract.ts";
import { Page } from "../components/page.tsx";
import { formatRoute } from "../routes.ts";
import { useSnapshot } from "../state/window-state.tsx";
import { useTexts } from "../texts.tsx";
import { AccountScreen } from "./account/account-screen.tsx";

export function Home() {
  const { t } = useTexts();
  const account = firstToShow(useSnapshot().accounts);
  if (account !== undefined)
    return <AccountScreen key={account.email} email={account.email} tab="programs" />;
  return (
    <Page title={t("home.title")} className="page alone">
      <p>{t("home.text")}</p>
      <Link className="button primary" href={formatRoute({ kind: "add" })}>
        {t("nav.add")}
      </Link>
    </Page>
  );
}

function firstToShow(accounts: readonly AccountView[]): AccountView | undefined {
  return accounts.find(({ status }) => status.kind !== "working") ?? accounts[0];
}
