// What counts as a host name here: names come from DNS answers and addresses that anybody may have written.
import { domainToASCII } from "node:url";

/** Letters, digits and hyphens (RFC 1123 §2.1), and a last label that no resolver takes for a number's. */
export function isHostName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(text)
  );
}

/** The domain of a mail address in its ASCII form and lower case; undefined where it is no host name. */
export function domainOf(email: string): string | undefined {
  const written = email.slice(email.lastIndexOf("@") + 1);
  // domainToASCII takes what stands before a slash, a colon or the like for all of it.
  if (/[^\p{L}\p{M}\p{N}.-]/u.test(written)) return undefined;
  const domain = domainToASCII(written).toLowerCase();
  return isHostName(domain) ? domain : undefined;
}
