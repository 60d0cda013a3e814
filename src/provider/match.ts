// Which provider a mailbox is at, by its domain and by the hosts that receive the domain's mail (MX). Pure: asking DNS is
// somebody else's. Invariant: a name matches whole or at a dot; DNS can only choose among presets, never change one.
import { canonicalDomain, isWithin } from "./domain.ts";
import type { ProviderPreset } from "./preset.ts";
import { presets as shippedPresets } from "./table.ts";

/** What a domain's MX hosts say. */
export type MxFinding =
  | { readonly kind: "provider"; readonly preset: ProviderPreset; readonly host: string }
  /** The mail is filtered there and kept elsewhere. */
  | { readonly kind: "gateway"; readonly name: string; readonly host: string }
  | { readonly kind: "unknown" };

export interface ProviderMatch {
  readonly preset: ProviderPreset;
  /** What told: the domain, or the MX host. */
  readonly by: "domain" | "mx";
  readonly evidence: string;
}

/** Filters in front of mailboxes: they say nothing about where the mailboxes are. */
const GATEWAYS: readonly (readonly [name: string, ...suffixes: string[]])[] = [
  ["Mimecast", "mimecast.com", "mimecast.co.za", "mimecast-offshore.com"],
  ["Proofpoint", "pphosted.com", "ppe-hosted.com", "gpphosted.com"],
  ["Cisco", "iphmx.com"],
  ["Barracuda", "barracudanetworks.com", "ess.barracuda.com"],
  ["Symantec", "messagelabs.com"],
  ["Trend Micro", "trendmicro.com", "trendmicro.eu"],
  ["Forcepoint", "mailcontrol.com"],
  ["Hornetsecurity", "hornetsecurity.com", "antispameurope.com"],
  ["Sophos", "sophos.com"],
  ["Trellix", "fireeyecloud.com"],
  ["Cloudflare", "mx.cloudflare.net"],
  ["Spam Experts", "antispamcloud.com"],
];

/** The preset whose domain this is. */
export function findByDomain(
  domain: string,
  presets: readonly ProviderPreset[] = shippedPresets,
): ProviderPreset | undefined {
  const name = canonicalDomain(domain);
  if (name === undefined) return undefined;
  return (
    presets.find((preset) => domainsOf(preset).includes(name)) ??
    presets.find(({ match }) => match.parents?.some((parent) => isWithin(name, parent)) === true)
  );
}

/**
 * What the MX hosts say: the most preferred one that is no gateway decides; of the suffixes that fit, the longest.
 * @param mxHosts the most preferred first (RFC 5321 §5.1)
 */
export function findByMx(
  mxHosts: readonly string[],
  presets: readonly ProviderPreset[] = shippedPresets,
): MxFinding {
  let filtered: MxFinding = { kind: "unknown" };
  for (const mxHost of mxHosts) {
    const host = canonicalDomain(mxHost);
    const gateway = host === undefined ? undefined : gatewayOf(host);
    if (host === undefined) return { kind: "unknown" };
    if (gateway === undefined) {
      const preset = ruleFor(host, presets)?.preset;
      return preset === undefined ? { kind: "unknown" } : { kind: "provider", preset, host };
    }
    if (filtered.kind === "unknown") filtered = { kind: "gateway", name: gateway, host };
  }
  return filtered;
}

/** Whether the MX hosts can change what the domain alone says: it is unknown, or its mailboxes are being moved. */
export function needsMx(domain: string, presets: readonly ProviderPreset[] = shippedPresets): boolean {
  const name = canonicalDomain(domain);
  if (name === undefined) return false;
  return findByDomain(name, presets) === undefined || movesOf(presets).includes(name);
}

/**
 * The provider of a mailbox. Its domain decides, since a provider's own domain is nobody else's; MX hosts decide for
 * domains that are not known, and for those whose mailboxes have moved where the MX host says.
 * @param mxHosts the most preferred first; empty where nobody has asked or nothing was found
 */
export function findProvider(
  domain: string,
  mxHosts: readonly string[],
  presets: readonly ProviderPreset[] = shippedPresets,
): ProviderMatch | undefined {
  const name = canonicalDomain(domain);
  if (name === undefined) return undefined;
  const byDomain = findByDomain(name, presets);
  const byMx = findByMx(mxHosts, presets);
  if (byMx.kind === "provider" && (byDomain === undefined || hasMoved(name, byMx.host, presets))) {
    return { preset: byMx.preset, by: "mx", evidence: byMx.host };
  }
  return byDomain === undefined ? undefined : { preset: byDomain, by: "domain", evidence: name };
}

/** All mail domains that a preset names, families written out. */
export function domainsOf({ match }: ProviderPreset): string[] {
  const families = match.families ?? [];
  return [
    ...match.domains,
    ...families.flatMap(({ name, suffixes }) => suffixes.map((suffix) => `${name}.${suffix}`)),
  ];
}

type MxRule = ProviderPreset["match"]["mx"][number];

function ruleFor(
  host: string,
  presets: readonly ProviderPreset[],
): { readonly preset: ProviderPreset; readonly rule: MxRule } | undefined {
  const fitting = presets.flatMap((preset) =>
    preset.match.mx.filter(({ suffix }) => isWithin(host, suffix)).map((rule) => ({ preset, rule })),
  );
  const [longest] = fitting.sort((left, right) => right.rule.suffix.length - left.rule.suffix.length);
  return longest;
}

function hasMoved(domain: string, host: string, presets: readonly ProviderPreset[]): boolean {
  return ruleFor(host, presets)?.rule.movedDomains?.includes(domain) === true;
}

function movesOf(presets: readonly ProviderPreset[]): string[] {
  return presets.flatMap(({ match }) => match.mx.flatMap(({ movedDomains }) => movedDomains ?? []));
}

function gatewayOf(host: string): string | undefined {
  return GATEWAYS.find(([, ...suffixes]) => suffixes.some((suffix) => isWithin(host, suffix)))?.[0];
}
