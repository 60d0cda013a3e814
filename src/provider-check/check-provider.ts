// Asks a provider's live servers what they support and compares it with its preset: `postern provider check`.
// Invariant: it sends no token, no password, no client id and nobody's name; it changes nothing.
import type { OAuthPreset, PresetMail, ProviderPreset } from "../provider/preset.ts";
import { addressesOf } from "../provider/tenant.ts";
import { compareMailServer, type MailExpectation } from "./compare-mail.ts";
import { compareMetadata } from "./compare-metadata.ts";
import { type Finding, groupFindings, notAsked, type ProviderReport } from "./findings.ts";
import { observeMailServer } from "./observe-mail.ts";
import { observeMetadata } from "./observe-metadata.ts";
import type { ProviderCheckParts } from "./parts.ts";

/**
 * Everything is asked at the same time; a server that does not answer is a finding. Never throws for what servers do.
 * @param options.tenant in place of the preset's own (Microsoft)
 * @throws RangeError when it is no tenant: ask `isTenant` first
 */
export async function checkProvider(
  parts: ProviderCheckParts,
  preset: ProviderPreset,
  options: { readonly tenant?: string | undefined } = {},
): Promise<ProviderReport> {
  if (preset.kind === "self-hosted") {
    return groupFindings([
      notAsked("mail", "The servers are somebody's own: 'postern account add EMAIL' finds and checks them."),
    ]);
  }
  if (preset.mail === undefined) {
    return groupFindings([notAsked("mail", "It offers mail programs neither IMAP nor SMTP.")]);
  }
  const findings = await Promise.all([
    ...(preset.kind === "oauth" ? [checkMetadata(parts, preset, options.tenant)] : []),
    ...expectationsOf(preset).map((expected) => checkMailServer(parts, expected)),
  ]);
  return groupFindings(findings.flat());
}

async function checkMetadata(
  parts: ProviderCheckParts,
  { oauth }: OAuthPreset,
  tenant: string | undefined,
): Promise<Finding[]> {
  const { issuer } = addressesOf(oauth, tenant);
  return compareMetadata(oauth, tenant, await observeMetadata(parts, issuer));
}

async function checkMailServer(parts: ProviderCheckParts, expected: MailExpectation): Promise<Finding[]> {
  return compareMailServer(expected, await observeMailServer(parts, expected.protocol, expected.place));
}

/** Every server that a preset names, its alternatives too. */
function expectationsOf(preset: Exclude<ProviderPreset, { kind: "self-hosted" }>): MailExpectation[] {
  const mail: PresetMail | undefined = preset.mail;
  if (mail === undefined) return [];
  const { mechanism, behaviours } = mail;
  return (["imap", "pop3", "smtp"] as const).flatMap((protocol) => {
    const server = mail[protocol];
    if (server === undefined) return [];
    const common = {
      protocol,
      accepts: server.accepts,
      mechanism,
      behaviours,
      messageMegabytes: preset.limits?.messageMegabytes,
    };
    const alternatives = (server.alternatives ?? []).map((place, index) => ({
      ...common,
      path: `mail.${protocol}.alternatives.${index}`,
      place,
    }));
    return [{ ...common, path: `mail.${protocol}`, place: server }, ...alternatives];
  });
}
