// To which preset hosts and sign-in addresses belong. Pure. Invariant: a preset is used as a whole or not at all: its
// sign-in never goes with somebody else's mail servers (threats.md G1).
import type { PresetMail, PresetOAuth, PresetServer } from "../provider/preset.ts";
import { presets } from "../provider/table.ts";
import { isTenant } from "../provider/tenant.ts";
import type { DiscoveryRequest } from "./discovery.ts";
import { isNamed, type NamedPreset } from "./recognise-provider.ts";

/** The preset that has both servers. */
export function presetOfServers(imapHost: string, smtpHost: string): NamedPreset | undefined {
  return presets
    .filter(isNamed)
    .find(({ mail }) => mail !== undefined && has(mail, "imap", imapHost) && has(mail, "smtp", smtpHost));
}

/** The presets that sign people in at one of these https addresses' hosts. */
export function presetsOfSignIn(addresses: readonly string[]): NamedPreset[] {
  const hosts = new Set(addresses.map((address) => new URL(address).hostname));
  return presets.filter(isNamed).filter((preset) => {
    if (preset.kind !== "oauth") return false;
    const { issuer, endpoints } = preset.oauth;
    return [issuer, endpoints.authorization, endpoints.token].some((address) =>
      hosts.has(new URL(address).hostname),
    );
  });
}

/** What a person named that is not the preset's; undefined where all of it is, or nothing was named. */
export function strangerAmong(
  preset: NamedPreset,
  { imap, smtp, issuer }: DiscoveryRequest,
): string | undefined {
  const isStranger = (protocol: "imap" | "smtp", host: string): boolean =>
    preset.mail === undefined || !has(preset.mail, protocol, host);
  if (imap !== undefined && isStranger("imap", imap.host)) return imap.host;
  if (smtp !== undefined && isStranger("smtp", smtp.host)) return smtp.host;
  if (issuer === undefined) return undefined;
  return preset.kind === "oauth" && tenantOf(preset.oauth, issuer) !== undefined ? undefined : issuer;
}

/** The tenant that an issuer of this provider names: "" where it has none. Undefined where it is another's issuer. */
export function tenantOf({ issuer: own, tenant }: PresetOAuth, issuer: string): string | undefined {
  const asked = withoutSlash(issuer);
  if (tenant === undefined) return asked === withoutSlash(own) ? "" : undefined;
  const [before = "", after = ""] = withoutSlash(own).split("{tenant}");
  if (!asked.startsWith(before) || !asked.endsWith(after)) return undefined;
  const between = asked.slice(before.length, asked.length - after.length);
  return isTenant(between) ? between : undefined;
}

function has(mail: PresetMail, protocol: "imap" | "smtp", host: string): boolean {
  const { alternatives = [], ...server }: PresetServer = mail[protocol];
  return [server, ...alternatives].some((place) => place.host === host.toLowerCase());
}

function withoutSlash(address: string): string {
  return address.replace(/\/$/, "");
}
