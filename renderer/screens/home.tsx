// Where the window opens: the account that needs somebody, else the first; and without any, the way to one. Where there is room
// for one thing only, the list of accounts.
import { useEffect } from "react";
import type { AccountView } from "../../src/control/contract.ts";
import { useSnapshot } from "../state/window-state.tsx";
import { useTexts } from "../texts.tsx";
import { replaceRoute } from "../use-route.ts";

/** As in styles/window.css, where the list of accounts leaves the side. */
const WIDE = "(min-width: 40.01rem)";

export function Home() {
  const { t } = useTexts();
  const email = firstToShow(useSnapshot().accounts)?.email;
  useEffect(() => {
    const wide = window.matchMedia(WIDE);
    const goOn = (): void => {
      // An address of its own: what is shown must not change when another account needs somebody.
      if (email === undefined) replaceRoute({ kind: "add" });
      else if (wide.matches) replaceRoute({ kind: "account", email, tab: "programs" });
    };
    goOn();
    wide.addEventListener("change", goOn);
    return () => wide.removeEventListener("change", goOn);
  }, [email]);
  return <h1 className="only-heard">{t("nav.accounts")}</h1>;
}

function firstToShow(accounts: readonly AccountView[]): AccountView | undefined {
  return accounts.find(({ status }) => status.kind !== "working") ?? accounts[0];
}
