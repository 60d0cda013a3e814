// An address that has an account already: finding it, and the way there.
import { Link } from "react-aria-components";
import type { AccountView } from "../../../src/control/contract.ts";
import { isSameAddress } from "../../../src/new-account/same-address.ts";
import { formatRoute } from "../../routes.ts";
import { useTexts } from "../../texts.tsx";

export function findTwin(accounts: readonly AccountView[], email: string): AccountView | undefined {
  return accounts.find((account) => isSameAddress(account.email, email));
}

export function AccountLink({
  accounts,
  email,
}: {
  readonly accounts: readonly AccountView[];
  readonly email: string;
}) {
  const { t } = useTexts();
  const twin = findTwin(accounts, email);
  if (twin === undefined) return null;
  return (
    <Link
      className="button primary"
      href={formatRoute({ kind: "account", email: twin.email, tab: "programs" })}
    >
      {t("add.exists-open")}
    </Link>
  );
}
