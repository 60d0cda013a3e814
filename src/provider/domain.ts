// Domains and host names as they are compared here: lower case, ASCII (RFC 5890 A-labels), without a dot at the end.
// Invariant: names are compared whole or at a dot, never by their beginning or in the middle of a label.
import { domainToASCII } from "node:url";

/** Letters, digits and hyphens (RFC 1123 §2.1), and a last label that no resolver takes for a number's. */
export function isHostName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(text)
  );
}

/**
 * The form in which names are compared; undefined where the text is no host name. Node's `domainToASCII` alone would not
 * do: it reads a URL's host, so it stops at "/", "?", "#" and "\\", drops tabs and line ends, and decodes "%2e".
 */
export function canonicalDomain(text: string): string | undefined {
  const name = text.trim().replace(/\.$/, "");
  if (/[^A-Za-z0-9.\u0080-\u{10ffff}-]/u.test(name)) return undefined;
  const ascii = domainToASCII(name).toLowerCase();
  return isHostName(ascii) ? ascii : undefined;
}

/** Whether `name` is `parent` or lies below it. Both in their canonical form. */
export function isWithin(name: string, parent: string): boolean {
  return name === parent || name.endsWith(`.${parent}`);
}
