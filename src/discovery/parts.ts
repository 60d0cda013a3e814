// What discovery is done with, and how what it met is told: one line a step, with the host that was asked.
import type { Clock } from "../clock/clock.ts";
import { toPosternError } from "../errors/postern-error.ts";
import { printable } from "../errors/printable.ts";
import type { Route } from "../network/route.ts";
import type { Fetch } from "../oauth/client/bounded-fetch.ts";
import type { ResolveMail } from "./mail-resolver.ts";
import type { ResolveService } from "./service-resolver.ts";

export interface DiscoveryParts {
  readonly resolveService: ResolveService;
  readonly resolveMail: ResolveMail;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** How a host is reached: directly or through a proxy. */
  route(host: string, port: number): Promise<Route>;
}

/** Takes one sentence for a person. */
export type Trail = (sentence: string) => void;

/** A trail that keeps what it is told. */
export function createTrail(): { readonly told: string[]; readonly tell: Trail } {
  const told: string[] = [];
  return { told, tell: (sentence) => void told.push(sentence) };
}

/** What went wrong at a place, in one line that begins with it. */
export function formatTrouble(place: string, thrown: unknown): string {
  const { entry, detail } = toPosternError(thrown);
  const reason = detail?.replace(`${place}: `, "");
  return printable(`${place}: ${entry.sentence}${reason === undefined ? "" : ` (${reason})`}`, 400);
}
