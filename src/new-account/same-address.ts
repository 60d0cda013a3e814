// Whether two addresses name one mailbox, however they are written. Pure.
import { domainToAscii } from "./foreign-hosts.ts";

/** As the daemon compares user names: without case, composed, the domain in its ASCII form. */
export function isSameAddress(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

function canonical(email: string): string {
  const folded = email.trim().normalize("NFC").toLowerCase();
  const at = folded.lastIndexOf("@");
  const domain = folded.slice(at + 1);
  return `${folded.slice(0, at)}@${domainToAscii(domain) || domain}`;
}
