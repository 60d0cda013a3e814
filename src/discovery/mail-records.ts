// Reads MX records (RFC 5321 §5.1) into the hosts that receive a domain's mail. Pure; believes nothing that does not look
// right: anybody on the way may have written a DNS answer.
import { canonicalDomain } from "../provider/domain.ts";

export interface MailRecord {
  /** "" or "." is the root. */
  readonly exchange: string;
  readonly priority: number;
}

export type Receivers =
  | { readonly kind: "hosts"; readonly hosts: readonly string[] }
  /** The root alone: the domain receives no mail (RFC 7505). */
  | { readonly kind: "declined" }
  | { readonly kind: "nothing" };

/** As many as are looked at, and as many as are used. */
const RECORDS = 64;
const HOSTS = 8;

/** The most preferred first; those that are equal by their names, so that the answer is the same each time. */
export function readReceivers(records: readonly MailRecord[]): Receivers {
  const seen = records.slice(0, RECORDS);
  if (seen.length > 0 && seen.every(({ exchange }) => exchange === "" || exchange === ".")) {
    return { kind: "declined" };
  }
  const hosts = seen
    .filter(({ priority }) => Number.isFinite(priority))
    .map(({ exchange, priority }) => ({ host: canonicalDomain(exchange), priority }))
    .sort((left, right) => left.priority - right.priority || compare(left.host ?? "", right.host ?? ""))
    .map(({ host }) => host)
    .filter((host) => host !== undefined);
  const distinct = [...new Set(hosts)].slice(0, HOSTS);
  return distinct.length === 0 ? { kind: "nothing" } : { kind: "hosts", hosts: distinct };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
