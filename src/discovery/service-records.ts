// Reads SRV records (RFC 2782, RFC 6186) into the mail servers that a domain offers. Pure; believes nothing that does not
// look right: anybody on the way may have written a DNS answer.
import type { MailServer } from "../account/account.ts";
import { isHostName } from "../provider/domain.ts";

export interface ServiceRecord {
  /** The target; "" or "." is the root. */
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export type Offer =
  | { readonly kind: "servers"; readonly servers: readonly MailServer[] }
  /** The root as target: decidedly not available at this domain (RFC 2782). */
  | { readonly kind: "declined" }
  | { readonly kind: "nothing" };

/** As many as are looked at, and as many as are used. */
const RECORDS = 64;
const SERVERS = 4;

/**
 * Best first: lowest priority, then highest weight. RFC 2782 spreads load by chance among equal priorities; this is
 * asked once, to be written down, and should give the same answer each time.
 */
export function readOffer(records: readonly ServiceRecord[], tls: MailServer["tls"]): Offer {
  const seen = records.slice(0, RECORDS);
  if (seen.length > 0 && seen.every(({ name }) => name === "" || name === ".")) return { kind: "declined" };
  const servers = seen
    .filter(isPlausible)
    .sort((left, right) => left.priority - right.priority || right.weight - left.weight)
    .map(({ name, port }) => ({ host: name.replace(/\.$/, "").toLowerCase(), port, tls }))
    .slice(0, SERVERS);
  return servers.length === 0 ? { kind: "nothing" } : { kind: "servers", servers };
}

function isPlausible({ name, port, priority, weight }: ServiceRecord): boolean {
  return (
    isHostName(name.replace(/\.$/, "")) &&
    Number.isInteger(port) &&
    port >= 1 &&
    port <= 65_535 &&
    [priority, weight].every(Number.isFinite)
  );
}
