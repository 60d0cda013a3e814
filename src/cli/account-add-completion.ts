// What must be looked up, and what is still missing after that. Pure.
import type { Discovery } from "../control/contract.ts";
import type { GivenSettings } from "./account-add-options.ts";
import { kindOf, type NewAccount, toSettings } from "./account-add-settings.ts";

export interface Missing {
  /** The option to name it by. */
  readonly option: "--imap" | "--smtp" | "--issuer" | "--client-id" | "--client-secret-file" | "--scope";
  readonly placeholder: string;
  readonly why: string;
}

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
  if ((given.imap ?? discovery?.imap) === undefined) {
    missing.push({ option: "--imap", placeholder: "HOST:PORT", why: "the provider's IMAP server" });
  }
  if ((given.smtp ?? discovery?.smtp) === undefined) {
    missing.push({ option: "--smtp", placeholder: "HOST:PORT", why: "the provider's submission server" });
  }
  return kindOf(discovery, given) === "password" ? missing : [...missing, ...missingSignIn(given, discovery)];
}

function missingSignIn(given: GivenSettings, discovery: Discovery | undefined): Missing[] {
  const missing: Missing[] = [];
  if ((given.issuer ?? discovery?.issuer) === undefined) {
    missing.push({
      option: "--issuer",
      placeholder: "URL",
      why: "where you sign in: the provider's issuer, an https address",
    });
  }
  // A named issuer that could not be reached may register programs all the same: adding the account will tell.
  const mayRegister =
    discovery?.registersClients === true || (given.issuer !== undefined && discovery?.issuer === undefined);
  if (given.clientId === undefined && !mayRegister && discovery?.clientIdFrom === undefined) {
    missing.push({ option: "--client-id", placeholder: "ID", why: whyClientId(discovery) });
    if (discovery?.clientSecret === "required") {
      missing.push({
        option: "--client-secret-file",
        placeholder: "FILE",
        why: "a file with the client secret that comes with it",
      });
    }
  }
  const asksForNothing = discovery?.issuer !== undefined && discovery.scope === undefined;
  if (given.scope === undefined && given.clientId === undefined && asksForNothing) {
    missing.push({
      option: "--scope",
      placeholder: '"SCOPE …"',
      why: "what to ask for: the issuer names nothing that Postern knows",
    });
  }
  return missing;
}

function whyClientId(discovery: Discovery | undefined): string {
  if (discovery?.provider !== undefined) {
    return "a client id, which the provider wants a program to have and which Postern does not bring along";
  }
  return discovery?.issuer === undefined
    ? "the client id, unless that issuer lets programs register themselves"
    : "a client id: this issuer does not let programs register themselves, so ask whoever runs it";
}
