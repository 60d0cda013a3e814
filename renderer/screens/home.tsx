// Where the window opens: the account that needs somebody, else the first; and without any, the way to one.
import { useEffect } from "react";
import type { AccountView } from "../../src/control/contract.ts";
import { useSnapshot } from "../state/window-state.tsx";
import { replaceRoute } from "../use-route.ts";
import { AccountScreen } from "./account/account-screen.tsx";

export function Home() {
  const account = firstToShow(useSnapshot().accounts);
  const isEmpty = account === undefined;
  useEffect(() => {
    // An address of its own: it must not end when the account is there.
    if (isEmpty) replaceRoute({ kind: "add" });
  }, [isEmpty]);
  if (account === undefined) return null;
  return <AccountScreen key={account.email} email={account.email} tab="programs" />;
}

function firstToShow(accounts: readonly AccountView[]): AccountView | undefined {
  return accounts.find(({ status }) => status.kind !== "working") ?? accounts[0];
}
