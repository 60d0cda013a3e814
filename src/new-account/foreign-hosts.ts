// Hosts that a person must know before mail goes there. Pure.
import type { Discovery } from "../control/contract.ts";
import type { GivenSettings, NewAccount } from "./settings.ts";

/**
 * Hosts that were looked up and lie outside the address's domain. Whoever can forge a DNS answer can name any host, with a
 * valid certificate of its own, so a person must know them (RFC 6186 §6). None are left where the provider is built in and
 * whom the person means: by the address's own domain, or by naming both of its mail servers.
 */
export function foreignHosts(
  given: GivenSettings,
  settings: NewAccount,
  discovery: Discovery | undefined,
): string[] {
  const isNamed = given.imap !== undefined && given.smtp !== undefined;
  if (discovery?.recognisedBy === "domain" || (discovery?.provider !== undefined && isNamed)) return [];
  const { email } = given;
  const domain = domainToAscii(email.slice(email.lastIndexOf("@") + 1));
  const lookedUp = [
    given.imap === undefined ? settings.imap.host : undefined,
    given.smtp === undefined ? settings.smtp.host : undefined,
    ...(settings.kind === "password" ? [] : lookedUpSignIn(given, settings)),
  ];
  const foreign = lookedUp
    .filter((host) => host !== undefined)
    .filter((host) => host !== domain && !host.endsWith(`.${domain}`));
  return [...new Set(foreign)];
}

function lookedUpSignIn(
  given: GivenSettings,
  { issuer, endpoints }: Extract<NewAccount, { kind: "oauth" }>,
): string[] {
  return [
    ...(given.issuer === undefined ? [issuer] : []),
    ...(given.endpoints === undefined ? Object.values(endpoints ?? {}) : []),
  ]
    .filter((address) => address !== undefined)
    .map((address) => new URL(address).hostname);
}

/** As host names are written in the settings; "" for what is no domain, so that nothing counts as its own. */
export function domainToAscii(domain: string): string {
  // A page has no `domainToASCII`. What could end the host in a URL is no part of a domain.
  if (/[/?#\\@:%\s]/.test(domain)) return "";
  return URL.canParse(`https://${domain}`) ? new URL(`https://${domain}`).hostname : "";
}
