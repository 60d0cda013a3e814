// One account: how it is and the one button that resolves it, then its four tabs.
import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import type { AccountView } from "../../../src/control/contract.ts";
import { Page } from "../../components/page.tsx";
import { ACCOUNT_TABS, type AccountTab } from "../../routes.ts";
import { useTask } from "../../state/use-task.ts";
import { useControl, useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { goTo } from "../../use-route.ts";
import { AccountActivityTab } from "./activity-tab.tsx";
import type { AccountTest } from "./check.tsx";
import { MoreTab } from "./more-tab.tsx";
import { PasswordsTab } from "./passwords-tab.tsx";
import { ProgramsTab } from "./programs-tab.tsx";
import { StatusCard } from "./status-card.tsx";

export function AccountScreen({ email, tab }: { readonly email: string; readonly tab: AccountTab }) {
  const { t } = useTexts();
  const account = useSnapshot().accounts.find((one) => one.email === email);
  if (account === undefined) {
    return (
      <Page title={email}>
        <p>{t("account.not-found", { email })}</p>
      </Page>
    );
  }
  return <KnownAccount account={account} tab={tab} />;
}

function KnownAccount({ account, tab }: { readonly account: AccountView; readonly tab: AccountTab }) {
  const { t } = useTexts();
  const control = useControl();
  const { email } = account;
  const test: AccountTest = useTask((signal) => control.call("account.test", { email }, signal));
  const check = (): void => {
    goTo({ kind: "account", email, tab: "more" });
    void test.run();
  };
  const panels: Readonly<Record<AccountTab, ReactNode>> = {
    programs: <ProgramsTab account={account} />,
    passwords: <PasswordsTab account={account} />,
    activity: <AccountActivityTab email={email} />,
    more: <MoreTab account={account} test={test} />,
  };
  return (
    <Page title={email}>
      <StatusCard account={account} onCheck={check} />
      <Tabs
        className="tabs"
        selectedKey={tab}
        onSelectionChange={(key) => {
          const next = ACCOUNT_TABS.find((one) => one === key);
          if (next !== undefined && next !== tab) goTo({ kind: "account", email, tab: next });
        }}
      >
        <TabList className="tab-list" aria-label={t("account.tabs", { email })}>
          {ACCOUNT_TABS.map((one) => (
            <Tab key={one} id={one} className="tab">
              {t(`account.tab.${one}`)}
            </Tab>
          ))}
        </TabList>
        {ACCOUNT_TABS.map((one) => (
          <TabPanel key={one} id={one} className="tab-panel">
            {panels[one]}
          </TabPanel>
        ))}
      </Tabs>
    </Page>
  );
}
