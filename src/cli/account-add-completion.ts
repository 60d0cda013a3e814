// Puts together what a person named and what was looked up, and tells what is still missing. Pure.
// Invariant: what was named stands, whatever was found.
import type { Discovery, Request } from "../control/contract.ts";
import type { GivenSettings } from "./account-add-options.ts";

export type NewAccount = Extract<Request<"account.add">["settings"], { kind: "oauth" }>;

export interface Missing {
  /** The option to name it by. */
  readonly option: "--imap" | "--smtp" | "--issuer" | "--client-id" | "--scope";
  readonly placeholder: string;
  readonly why: string;
}

export type Completed =
  | { readonly kind: "complete"; readonly settings: NewAccount }
  | {
      readonly kind: "incomplete";
      readonly discovery: Discovery | undefined;
      readonly missing: readonly Missing[];
    };

/** What a provider is asked for where nobody says anything else. */
const DEFAULT_SCOPE = "openid email offline_access";

/** Whether anything must be looked up. To register itself, Postern must know what to ask for. */
export function needsDiscovery({ imap, smtp, issuer, clientId, scope }: GivenSettings): boolean {
  return (
    imap === undefined ||
    smtp === undefined ||
    issuer === undefined ||
    (clientId === undefined && scope === undefined)
  );
}

export function completeSettings(given: GivenSettings, discovery: Discovery | undefined): Completed {
  const imap = given.imap ?? discovery?.imap;
  const smtp = given.smtp ?? discovery?.smtp;
  const issuer = given.issuer ?? discovery?.issuer;
  const missing = missingFrom(given, discovery);
  if (missing.length > 0 || imap === undefined || smtp === undefined || issuer === undefined) {
    return { kind: "incomplete", discovery, missing };
  }
  const scope = given.scope ?? discovery?.scope ?? DEFAULT_SCOPE;
  return { kind: "complete", settings: { ...given, imap, smtp, issuer, scope } };
}

function missingFrom(given: GivenSettings, discovery: Discovery | undefined): Missing[] {
  const missing: Missing[] = [];
  if ((given.imap ?? discovery?.imap) === undefined) {
    missing.push({ option: "--imap", placeholder: "HOST:PORT", why: "the provider's IMAP server" });
  }
  if ((given.smtp ?? discovery?.smtp) === undefined) {
    missing.push({ option: "--smtp", placeholder: "HOST:PORT", why: "the provider's submission server" });
  }
  if ((given.issuer ?? discovery?.issuer) === undefined) {
    missing.push({
      option: "--issuer",
      placeholder: "URL",
      why: "where you sign in: the provider's issuer, an https address",
    });
  }
  if (given.clientId === undefined && discovery?.registersClients !== true) {
    // A named issuer that could not be reached may register programs all the same: adding the account will tell.
    const unknown = given.issuer !== undefined && discovery?.issuer === undefined;
    if (!unknown) {
      missing.push({
        option: "--client-id",
        placeholder: "ID",
        why:
          discovery?.issuer === undefined
            ? "the client id, unless that issuer lets programs register themselves"
            : "a client id: this issuer does not let programs register themselves, so ask whoever runs it",
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
