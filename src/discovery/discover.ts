// An address is enough: finds mail servers and sign-in of a mailbox. In this order: a built-in provider by the domain, by
// the hosts that receive its mail (MX), by the configuration that the domain or Mozilla's database publishes; then whatever
// DNS, the mail servers and the authorization server say of themselves; then the usual names. Invariant: it never carries a
// token or a password, and the address only to the domain's own web server; nothing that it finds is used before a
// person adds the account.

import { findPreset } from "../provider/table.ts";
import { chooseFrom } from "./autoconfig-choice.ts";
import { findAutoconfig } from "./autoconfig-search.ts";
import type { Discovery, DiscoveryRequest, Finding } from "./discovery.ts";
import { findByServers } from "./find-by-servers.ts";
import { domainOf } from "./host-name.ts";
import { answersRightly } from "./mail-servers.ts";
import { createTrail, type DiscoveryParts, type Trail } from "./parts.ts";
import { findingOfPreset } from "./preset-finding.ts";
import { type DomainFinding, isNamed, type Recognised, recogniseProvider } from "./recognise-provider.ts";

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

  const chosen = chosenProvider(request, tell);
  const { recognised, receiver } =
    chosen ?? (domain === undefined ? NOBODY : await recogniseProvider(parts, domain, tell));
  const known = await lookAtPreset(parts, recognised, request, tell);
  if (known !== undefined) return known;

  const hasServers = request.imap !== undefined && request.smtp !== undefined;
  const published =
    domain === undefined || hasServers
      ? undefined
      : await findAutoconfig(parts, { email, domain, receiver }, tell);
  const choice = published === undefined ? undefined : chooseFrom(published);
  if (choice?.kind === "preset") {
    tell(`The configuration names servers of ${choice.recognised.preset.name}, which Postern knows`);
    const used = await lookAtPreset(parts, choice.recognised, request, tell);
    if (used !== undefined) return used;
  }
  const servers = choice?.kind === "servers" ? choice : undefined;
  for (const remark of servers?.remarks ?? []) tell(remark);
  return findByServers(parts, request, domain, servers, tell);
}

/** What a person has chosen in place of what would be recognised; of somebody's own server there is nothing to take. */
function chosenProvider({ provider }: DiscoveryRequest, tell: Trail): DomainFinding | undefined {
  if (provider === undefined) return undefined;
  const preset = findPreset(provider);
  if (preset === undefined) {
    tell(`Postern knows no provider "${provider}"`);
    return undefined;
  }
  tell(`You chose ${preset.name}`);
  if (!isNamed(preset)) return NOBODY;
  return { recognised: { preset, by: "person", evidence: provider }, receiver: undefined };
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
