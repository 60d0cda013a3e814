// What must be looked up, and what is still missing after that. Pure.
import type { Discovery } from "../control/contract.ts";
import { type GivenSettings, kindOf, type NewAccount, toSettings } from "./settings.ts";

/** Something that only a person can name. */
export type Missing = "imap" | "smtp" | "issuer" | "client-id" | "client-secret" | "scope";

export type Completed =
  | { readonly kind: "complete"; readonly settings: NewAccount }
  | { readonly kind: "incomplete"; readonly missing: readonly Missing[] };

/** Whether anything must be looked up. To register itself, Postern must know what to ask for. */
export function needsDiscovery({ kind, imap, smtp, issuer, clientId, scope }: GivenSettings): boolean {
  if (imap === undefined || smtp === undefined) return true;
  return kind !== "password" && (issuer === undefined || (clientId === undefined && scope === undefined));
}

export function completeSettings(given: GivenSettings, discovery: Discovery | undefined): Completed {
  const missing = missingFrom(given, discovery);
  const settings = missing.length > 0 ? undefined : toSettings(discovery, given);
  return settings === undefined ? { kind: "incomplete", missing } : { kind: "complete", settings };
}

function missingFrom(given: GivenSettings, discovery: Discovery | undefined): Missing[] {
  const missing: Missing[] = [];
  if ((given.imap ?? discovery?.imap) === undefined) missing.push("imap");
  if ((given.smtp ?? discovery?.smtp) === undefined) missing.push("smtp");
  return kindOf(discovery, given) === "password" ? missing : [...missing, ...missingSignIn(given, discovery)];
}

function missingSignIn(given: GivenSettings, discovery: Discovery | undefined): Missing[] {
  const missing: Missing[] = [];
  if ((given.issuer ?? discovery?.issuer) === undefined) missing.push("issuer");
  // A named issuer that could not be reached may register programs all the same: adding the account will tell.
  const mayRegister =
    discovery?.registersClients === true || (given.issuer !== undefined && discovery?.issuer === undefined);
  if (given.clientId === undefined && !mayRegister && discovery?.clientIdFrom === undefined) {
    missing.push("client-id");
    if (discovery?.clientSecret === "required") missing.push("client-secret");
  }
  const asksForNothing = discovery?.issuer !== undefined && discovery.scope === undefined;
  if (given.scope === undefined && given.clientId === undefined && asksForNothing) missing.push("scope");
  return missing;
}
