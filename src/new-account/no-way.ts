// Mailboxes that cannot be opened in the way that is wanted. Pure.
import type { Discovery } from "../control/contract.ts";
import { type GivenSettings, kindOf } from "./settings.ts";

export type NoWay =
  /** Another program is the way to the mailbox. */
  | { readonly kind: "other-program"; readonly instead: NonNullable<Discovery["instead"]> }
  /** A password was to be used, and the provider takes none. */
  | { readonly kind: "no-password" }
  /** A sign-in was to be used, and the provider offers none to mail programs. */
  | { readonly kind: "password-only" };

/** Undefined where there may be a way. */
export function noWay(given: GivenSettings, discovery: Discovery | undefined): NoWay | undefined {
  if (discovery === undefined) return undefined;
  const { instead } = discovery;
  if (instead !== undefined) return { kind: "other-program", instead };
  if (kindOf(discovery, given) === "password") {
    return mayTakePassword(discovery) ? undefined : { kind: "no-password" };
  }
  const takesPasswordsOnly = discovery.provider !== undefined && discovery.kind === "password";
  return takesPasswordsOnly ? { kind: "password-only" } : undefined;
}

/** Whether a password may open the mailbox, as far as anybody knows. */
export function mayTakePassword(discovery: Discovery | undefined): boolean {
  const { accepts, instead } = discovery ?? {};
  return instead === undefined && (accepts === undefined || accepts.some((way) => way !== "oauth"));
}
