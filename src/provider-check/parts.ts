// What the checks of this room are done with: the ways to the network, handed in.
import type { Clock } from "../clock/clock.ts";
import type { PosternError } from "../errors/postern-error.ts";
import { printable } from "../errors/printable.ts";
import type { Route } from "../network/route.ts";
import type { Fetch } from "../oauth/client/bounded-fetch.ts";

export interface ProviderCheckParts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** How a mail server is reached: directly or through a proxy. @throws PosternError `proxy-…`, `keychain-…` */
  route(host: string, port: number): Promise<Route>;
}

/** A failure in one line, without what to do about it. */
export function explain({ sentence, detail }: PosternError): string {
  return printable(detail === undefined ? sentence : `${sentence} (${detail})`, 400);
}
