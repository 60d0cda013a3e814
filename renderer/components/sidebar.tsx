// The left side: the accounts with their states, and the way to everything else.
import { Link } from "react-aria-components";
import type { AccountView } from "../../src/control/contract.ts";
import { formatRoute, type Route } from "../routes.ts";
import { useSnapshot } from "../state/window-state.tsx";
import { useTexts } from "../texts.tsx";
import { StateShape } from "./state-shape.tsx";

export function Sidebar({ route }: { readonly route: Route }) {
  const { t } = useTexts();
  const { accounts } = useSnapshot();
  const here = "email" in route ? route.email : undefined;
  const to = (kind: "add" | "activity" | "settings" | "home") => formatRoute({ kind });
  return (
    <nav className="sidebar" aria-label={t("nav.label")}>
      <Link className="to-accounts" href={to("home")}>
        ‹ {t("nav.accounts")}
      </Link>
      <div className="sidebar-accounts">
        <h2 id="accounts-heading">{t("nav.accounts")}</h2>
        {accounts.length === 0 ? <p className="soft">{t("nav.empty")}</p> : null}
        <ul aria-labelledby="accounts-heading">
          {accounts.map((account) => (
            <AccountItem key={account.id} account={account} isHere={account.email === here} />
          ))}
        </ul>
        <Link className="nav-link" href={to("add")} {...current(route.kind === "add")}>
          <span aria-hidden="true" className="nav-plus">
            +
          </span>
          {t("nav.add")}
        </Link>
      </div>
      <div className="sidebar-foot">
        <Link className="nav-link" href={to("activity")} {...current(route.kind === "activity")}>
          {t("nav.activity")}
        </Link>
        <Link className="nav-link" href={to("settings")} {...current(route.kind === "settings")}>
          {t("nav.settings")}
        </Link>
      </div>
    </nav>
  );
}

function AccountItem({ account, isHere }: { readonly account: AccountView; readonly isHere: boolean }) {
  const { t } = useTexts();
  const { email, status } = account;
  return (
    <li>
      <Link
        className="nav-link nav-account"
        href={formatRoute({ kind: "account", email, tab: "programs" })}
        {...current(isHere)}
      >
        <StateShape state={status.kind} isQuiet />
        <span className="nav-address">
          <Address email={email} />
        </span>
        <span className={status.kind === "working" ? "only-heard" : "nav-state"}>
          {t(`state.${status.kind}`)}
        </span>
      </Link>
    </li>
  );
}

/** Whole, and broken before the domain where it is too long for one line. */
function Address({ email }: { readonly email: string }) {
  const at = email.lastIndexOf("@");
  return (
    <>
      {email.slice(0, at)}
      <wbr />
      {email.slice(at)}
    </>
  );
}

const current = (isHere: boolean) => (isHere ? { "aria-current": "page" as const } : {});
