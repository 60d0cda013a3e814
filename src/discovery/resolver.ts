// Who is asked in DNS: the system's servers, or the one that POSTERN_DNS_SERVER names (for split networks); and for how
// long. Invariant: that there is nothing is an answer; that nobody answers is a failure.
import { Resolver } from "node:dns/promises";
import { type Clock, withDeadline } from "../clock/clock.ts";
import { PosternError, systemCode } from "../errors/postern-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Milliseconds before c-ares asks again, and how often; `inDnsTime` is the deadline over all. */
const ONE_TRY = { timeout: 1500, tries: 2 } as const;
/** Milliseconds for an answer of DNS. */
const PATIENCE = 5000;

/** What DNS says of names and types that it does not have. */
const NONE = new Set(["ENODATA", "ENOTFOUND"]);

/** @throws PosternError `request-invalid` when POSTERN_DNS_SERVER is not an IP address with a port */
export function createResolver(env: Environment): Resolver {
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
  return resolver;
}

/** The records, of which there may be none. @throws what Node throws where DNS does not answer */
export async function orNone<T>(asking: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await asking;
  } catch (thrown) {
    if (NONE.has(systemCode(thrown) ?? "")) return [];
    throw thrown;
  }
}

/** @throws what `asking` throws, or an error with the code ETIMEOUT after five seconds */
export function inDnsTime<T>(clock: Clock, asking: Promise<T>): Promise<T> {
  return withDeadline(clock, PATIENCE, asking, () =>
    Object.assign(new Error("DNS is silent"), { code: "ETIMEOUT" }),
  );
}

/** Why DNS gave no answer, in one line. */
export function formatDnsTrouble(question: string, thrown: unknown): string {
  return `${question}: DNS does not answer (${systemCode(thrown) ?? "unknown"})`;
}
