// An address is enough: finds mail servers and sign-in of a mailbox. In this order: a built-in provider by the domain, by
// the hosts that receive its mail (MX), by the configuration that the domain or Mozilla's database publishes; then whatever
// DNS, the mail servers and the authorization server say of themselves; then the usual names. Invariant: it never carries a
// token or a password, and the address only to the domain's own web server; nothing that it finds is used before a
// person adds the account.
import { chooseFrom } from "./autoconfig-choice.ts";
import { findAutoconfig } from "./autoconfig-search.ts";
import type { Discovery, DiscoveryRequest, Finding } from "./discovery.ts";
import { findByServers } from "./find-by-servers.ts";
import { domainOf } from "./host-name.ts";
import { answersRightly } from "./mail-servers.ts";
import { createTrail, type DiscoveryParts, type Trail } from "./parts.ts";
import { findingOfPreset } from "./preset-finding.ts";
import { type DomainFinding, type Recognised, recogniseProvider } from "./recognise-provider.ts";

const NOBODY: DomainFinding = { recognised: undefined, receiver: undefined };

/** What nobody answers for is left out; the trail tells why. Never throws for what servers do or do not say. */
export async function discover(parts: DiscoveryParts, request: DiscoveryRequest): Promise<Discovery> {
  const { told, tell } = createTrail();
  const finding = await find(parts, request, tell);
  return { ...finding, trail: told };
}

async function find(parts: DiscoveryParts, request: DiscoveryRequest, tell: Trail): Promise<Finding> {
  const { email } = request;
  const domain = domainOf(email);
  if (domain === undefined) tell("The address has no domain that can be looked up");

  const { recognised, receiver } =
    domain === undefined ? NOBODY : await recogniseProvider(parts, domain, tell);
  const known = await lookAtPreset(parts, recognised, request, tell);
  if (known !== undefined) return known;

  const isNamed = request.imap !== undefined && request.smtp !== undefined;
  const published =
    domain === undefined || isNamed
      ? undefined
      : await findAutoconfig(parts, { email, domain, receiver }, tell);
  const choice = published === undefined ? undefined : chooseFrom(published);
  if (choice?.kind === "preset") {
    tell(`The configuration names servers of ${choice.recognised.preset.name}, which Postern knows`);
    const used = await lookAtPreset(parts, choice.recognised, request, tell);
    if (used !== undefined) return used;
  }
  const chosen = choice?.kind === "servers" ? choice : undefined;
  for (const remark of chosen?.remarks ?? []) tell(remark);
  return findByServers(parts, request, domain, chosen, tell);
}

/** Says too whether the servers answer that a person named. */
async function lookAtPreset(
  parts: DiscoveryParts,
  recognised: Recognised | undefined,
  request: DiscoveryRequest,
  tell: Trail,
): Promise<Finding | undefined> {
  const finding = recognised === undefined ? undefined : findingOfPreset(recognised, request, tell);
  if (finding === undefined) return undefined;
  if (request.imap !== undefined) await answersRightly(parts, "imap", request.imap, tell);
  if (request.smtp !== undefined) await answersRightly(parts, "smtp", request.smtp, tell);
  return finding;
}
