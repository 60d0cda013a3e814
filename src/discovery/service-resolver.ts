// Asks DNS for SRV records.
import { createResolver, type Environment, orNone } from "./resolver.ts";
import type { ServiceRecord } from "./service-records.ts";

/** The records of a name such as `_imaps._tcp.example.org`; none is an empty list. @throws what Node throws otherwise */
export type ResolveService = (name: string) => Promise<readonly ServiceRecord[]>;

/** @throws PosternError `request-invalid` when POSTERN_DNS_SERVER is not an IP address with a port */
export function createServiceResolver(env: Environment): ResolveService {
  const resolver = createResolver(env);
  return (name) => orNone(resolver.resolveSrv(name));
}
