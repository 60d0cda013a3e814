// Which built-in provider a mail domain is at: by the domain itself, else by the hosts that receive its mail (MX).
// Invariant: DNS chooses among presets at most, and is asked only where its answer can matter.
import { findByDomain, findByMx, findProvider, needsMx } from "../provider/match.ts";
import type { OAuthPreset, PasswordPreset, ProviderPreset } from "../provider/preset.ts";
import type { RecognisedBy } from "./discovery.ts";
import { readReceivers } from "./mail-records.ts";
import type { DiscoveryParts, Trail } from "./parts.ts";
import { formatDnsTrouble, inDnsTime } from "./resolver.ts";

/** A preset with hosts of its own, or with another program in their place. */
export type NamedPreset = OAuthPreset | PasswordPreset;

export interface Recognised {
  readonly preset: NamedPreset;
  /** "person": somebody chose it. */
  readonly by: RecognisedBy | "person";
  /** What told: a domain or a host. */
  readonly evidence: string;
}

export interface DomainFinding {
  readonly recognised: Recognised | undefined;
  /** The most preferred host that receives the domain's mail and is no filter; undefined also where nobody asked. */
  readonly receiver: string | undefined;
}

/** `trail` is told each step. Never throws. */
export async function recogniseProvider(
  parts: DiscoveryParts,
  domain: string,
  trail: Trail,
): Promise<DomainFinding> {
  const hosts = needsMx(domain) ? await askReceivers(parts, domain, trail) : [];
  const match = findProvider(domain, hosts);
  const own = findByDomain(domain);
  const finding = findByMx(hosts);
  if (match === undefined || !isNamed(match.preset)) {
    if (finding.kind === "gateway") {
      trail(`${finding.host} is ${finding.name}'s filter, which says nothing about where the mailboxes are`);
    }
    const receiver = hosts.find((host) => findByMx([host]).kind !== "gateway");
    return { recognised: undefined, receiver };
  }
  const { preset } = match;
  // Where both say the same, the domain is what is not to be forged.
  if (match.by === "domain" || preset === own) {
    trail(`${domain} is one of the domains of ${preset.name}, which Postern knows`);
    return { recognised: { preset, by: "domain", evidence: domain }, receiver: undefined };
  }
  const moved = own === undefined ? "" : `: the mailbox has moved there from ${own.name}`;
  trail(`${match.evidence} receives mail for ${preset.name}, which Postern knows${moved}`);
  return { recognised: { preset, by: "mx", evidence: match.evidence }, receiver: undefined };
}

export function isNamed(preset: ProviderPreset): preset is NamedPreset {
  return preset.kind !== "self-hosted";
}

async function askReceivers(parts: DiscoveryParts, domain: string, trail: Trail): Promise<readonly string[]> {
  const question = `MX ${domain}`;
  try {
    const receivers = readReceivers(await inDnsTime(parts.clock, parts.resolveMail(domain)));
    switch (receivers.kind) {
      case "hosts":
        trail(`${question} → ${receivers.hosts.join(", ")}`);
        return receivers.hosts;
      case "declined":
        trail(`${question} → the domain receives no mail`);
        return [];
      case "nothing":
        trail(`${question} → none`);
        return [];
    }
  } catch (thrown) {
    trail(formatDnsTrouble(question, thrown));
    return [];
  }
}
