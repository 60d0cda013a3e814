// The domain of a mail address that anybody may have written.
import { canonicalDomain } from "../provider/domain.ts";

/** In its ASCII form and lower case; undefined where it is no host name. */
export function domainOf(email: string): string | undefined {
  const written = email.slice(email.lastIndexOf("@") + 1);
  // Narrower than what resolvers take: no character that nobody sees, and no dot at the end.
  const isPlain = /^[\p{L}\p{M}\p{N}.-]+$/u.test(written) && !written.endsWith(".");
  return isPlain ? canonicalDomain(written) : undefined;
}
