// What a policy means for the settings, for addresses and for providers. Pure.
// Invariant: what a person has chosen is never changed, only overlaid: it is there again when the policy goes.
import { canonicalUserName } from "../account/account.ts";
import type { SettingName } from "../control/settings-shapes.ts";
import type { Policy } from "./policy.ts";

/** The settings as they hold: the policy's where it decides, a person's own everywhere else. */
export function overlaySettings<Settings extends { readonly authorityFile?: string | undefined }>(
  own: Settings,
  policy: Pick<Policy, "settings"> | undefined,
): Settings {
  const { authorityFile, ...decided } = policy?.settings ?? {};
  const { authorityFile: ownFile, ...others } = own;
  const file = authorityFile === undefined ? ownFile : authorityFile;
  const overlaid = { ...others, ...definedOnly(decided) };
  return (file === undefined || file === null ? overlaid : { ...overlaid, authorityFile: file }) as Settings;
}

/** In the order in which the policy has them. */
export function lockedSettings(policy: Pick<Policy, "settings"> | undefined): readonly SettingName[] {
  return Object.keys(definedOnly(policy?.settings ?? {})) as SettingName[];
}

/** What a person wants to change although it is decided; wanting what is decided already is no change. */
export function refusedChanges(
  policy: Pick<Policy, "settings"> | undefined,
  change: Readonly<Partial<Record<string, unknown>>>,
): readonly SettingName[] {
  const decided: Readonly<Partial<Record<SettingName, unknown>>> = policy?.settings ?? {};
  return lockedSettings(policy).filter(
    (name) => change[name] !== undefined && change[name] !== decided[name],
  );
}

/** A change without what the policy decides. */
export function withoutLocked<Change extends object>(
  policy: Pick<Policy, "settings"> | undefined,
  change: Change,
): Change {
  const locked: readonly string[] = lockedSettings(policy);
  return Object.fromEntries(Object.entries(change).filter(([name]) => !locked.includes(name))) as Change;
}

/** Compared as people mean it: in any case, and in either form of an internationalised name. */
export function isDomainAllowed(policy: Pick<Policy, "allowedDomains"> | undefined, email: string): boolean {
  const allowed = policy?.allowedDomains;
  if (allowed === undefined) return true;
  const domain = canonicalDomain(email.slice(email.lastIndexOf("@") + 1));
  return allowed.some((one) => canonicalDomain(one) === domain);
}

function canonicalDomain(domain: string): string {
  return canonicalUserName(`x@${domain}`).slice(2);
}

/** @param provider a preset's id */
export function clientOf(
  policy: Pick<Policy, "providers"> | undefined,
  provider: string,
): { readonly clientId: string; readonly tenant?: string | undefined } | undefined {
  const providers = policy?.providers;
  return providers !== undefined && Object.hasOwn(providers, provider) ? providers[provider] : undefined;
}

function definedOnly<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<T>;
}
