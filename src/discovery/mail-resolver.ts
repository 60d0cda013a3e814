// Asks DNS for MX records.
import type { MailRecord } from "./mail-records.ts";
import { createResolver, type Environment, orNone } from "./resolver.ts";

/** The records of a mail domain; none is an empty list. @throws what Node throws otherwise */
export type ResolveMail = (domain: string) => Promise<readonly MailRecord[]>;

/** @throws PosternError `request-invalid` when POSTERN_DNS_SERVER is not an IP address with a port */
export function createMailResolver(env: Environment): ResolveMail {
  const resolver = createResolver(env);
  return (domain) => orNone(resolver.resolveMx(domain));
}
