// Asks DNS for SRV records: the system's servers, or the one that POSTERN_DNS_SERVER names (for split networks).
import { Resolver } from "node:dns/promises";
import { PosternError, systemCode } from "../errors/postern-error.ts";
import type { ServiceRecord } from "./service-records.ts";

/** The records of a name such as `_imaps._tcp.example.org`; none is an empty list. @throws what Node throws otherwise */
export type ResolveService = (name: string) => Promise<readonly ServiceRecord[]>;

/** Milliseconds before c-ares asks again, and how often; the caller has its own deadline over all. */
const ONE_TRY = { timeout: 1500, tries: 2 } as const;

/** What DNS says of names and types that it does not have. */
const NONE = new Set(["ENODATA", "ENOTFOUND"]);

/** @throws PosternError `request-invalid` when POSTERN_DNS_SERVER is not an IP address with a port */
export function createServiceResolver(env: Readonly<Record<string, string | undefined>>): ResolveService {
  const resolver = new Resolver(ONE_TRY);
  const server = env.POSTERN_DNS_SERVER;
  if (server !== undefined && server !== "") {
    try {
      resolver.setServers([server]);
    } catch (thrown) {
      throw new PosternError("request-invalid", {
        detail: "POSTERN_DNS_SERVER takes an IP address and a port, such as 127.0.0.1:53",
        cause: thrown,
      });
    }
  }
  return async (name) => {
    try {
      return await resolver.resolveSrv(name);
    } catch (thrown) {
      if (NONE.has(systemCode(thrown) ?? "")) return [];
      throw thrown;
    }
  };
}
