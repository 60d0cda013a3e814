// IMAP capability lists: ours before the login, the upstream server's after it.

/** What the listener offers until the login (protocol.md §4). */
export const LISTENER_CAPABILITIES = "IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN AUTH=LOGIN";

/**
 * Capabilities that must not reach the mail program: they would send it somewhere else, or log it in again upstream
 * with a password that is ours (RFC 8437 UNAUTHENTICATE, RFC 2221 LOGIN-REFERRALS, RFC 2193 MAILBOX-REFERRALS).
 */
const DROPPED =
  /^(?:AUTH=.*|LOGINDISABLED|STARTTLS|LOGIN-REFERRALS|MAILBOX-REFERRALS|UNAUTHENTICATE|SASL-IR)$/i;

/** The words of a CAPABILITY line or response code that look like capabilities. */
export function parseCapabilities(text: string): string[] {
  return text.split(" ").filter((word) => /^[\x21-\x7e]{1,100}$/.test(word) && !/[()[\]{}"\\]/.test(word));
}

/** What the mail program is told after the login. */
export function filterCapabilities(upstream: readonly string[]): string[] {
  const left = upstream.filter((capability) => !DROPPED.test(capability));
  // The grammar has no empty list, and this much is sure: the login would have failed without it.
  return left.length === 0 ? ["IMAP4rev1"] : left;
}

export function hasCapability(capabilities: readonly string[], wanted: string): boolean {
  return capabilities.some((capability) => capability.toUpperCase() === wanted);
}

/** The SASL mechanism names of AUTH=… */
export function mechanismsOf(capabilities: readonly string[]): string[] {
  return capabilities.filter((word) => /^AUTH=/i.test(word)).map((word) => word.slice("AUTH=".length));
}
