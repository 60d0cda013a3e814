// The one thing that a person can do about an account from the tray (pure).
// Invariant: a sign-in is offered only where it is what helps, and only by browser: a password is typed in the window.
import type { AccountView } from "../src/control/contract.ts";
import { describe, isErrorCode } from "../src/errors/catalogue.ts";
import { accountRoute, type Route } from "./routes.ts";

export type AccountAction =
  | { readonly kind: "sign-in"; readonly email: string }
  | { readonly kind: "open"; readonly route: Route };

export function accountAction(account: AccountView): AccountAction {
  return account.kind === "oauth" && signInHelps(account)
    ? { kind: "sign-in", email: account.email }
    : { kind: "open", route: accountRoute(account.email) };
}

function signInHelps({ status, hostsChanged }: AccountView): boolean {
  // A person must look at the new hosts first.
  if (hostsChanged !== undefined) return false;
  if (status.kind === "signed-out") return true;
  const { code } = status;
  return (
    status.kind === "needs-you" &&
    code !== undefined &&
    isErrorCode(code) &&
    describe(code).category === "sign-in"
  );
}
