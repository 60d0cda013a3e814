// Which of a preset's claims that signing in rests on nobody has verified, in sentences. Pure.
import { isWithin } from "../provider/domain.ts";
import { explainValues } from "../provider/fact.ts";
import { domainsOf } from "../provider/match.ts";
import type { Recognised } from "./recognise-provider.ts";

/** By the beginning of a value's path: what it is called. Whatever is not here is not needed to begin. */
const CLAIMS: readonly (readonly [path: string, words: string])[] = [
  ["oauth.issuer", "the issuer"],
  ["oauth.endpoints.authorization", "where the sign-in begins"],
  ["oauth.endpoints.token", "where tokens are given"],
  ["oauth.scopes.imap", "the permission for IMAP"],
  ["oauth.scopes.smtp", "the permission for SMTP"],
  ["oauth.scopes.offline", "the permission to stay signed in"],
  ["oauth.scopes.identity", "the permission to learn who signed in"],
  ["oauth.scopeSeparator", "what stands between permissions"],
  ["oauth.clientSecret", "whether a client secret is wanted"],
  ["oauth.redirect", "the redirect address"],
  ["oauth.authorizationParameters", "the extra parameters of the sign-in"],
  ["mail.imap.host", "the IMAP server"],
  ["mail.imap.port", "the IMAP server"],
  ["mail.imap.accepts", "what the IMAP server takes"],
  ["mail.imap.userName", "the IMAP user name"],
  ["mail.smtp.host", "the SMTP server"],
  ["mail.smtp.port", "the SMTP server"],
  ["mail.smtp.accepts", "what the SMTP server takes"],
  ["mail.smtp.userName", "the SMTP user name"],
  ["mail.mechanism", "the SASL mechanism"],
  ["appPassword", "how app passwords are had"],
];

/** "not verified: the issuer, the IMAP server (general knowledge)": one for each source that nobody has looked into. */
export function formatUnverified(recognised: Recognised): string[] {
  const { preset, evidence } = recognised;
  const told = matchPath(recognised);
  const claims = told === undefined ? CLAIMS : [[told, `that ${evidence} is its own`] as const, ...CLAIMS];
  const bySource = new Map<string, Set<string>>();
  for (const [path, words] of claims) {
    for (const { fact } of explainValues(preset).filter((value) => isWithinPath(value.path, path))) {
      if (fact === undefined || fact.verified) continue;
      bySource.set(fact.source, (bySource.get(fact.source) ?? new Set()).add(words));
    }
  }
  return [...bySource].map(([source, words]) => `not verified: ${[...words].join(", ")} (${source})`);
}

/** Where the preset says what it was recognised by; undefined where a server told, which is a claim of its own. */
function matchPath({ preset, by, evidence }: Recognised): string | undefined {
  const { match } = preset;
  if (by === "domain") {
    if (match.domains.includes(evidence)) return "match.domains";
    if (!domainsOf(preset).includes(evidence)) return "match.parents";
    const family = match.families?.findIndex(({ name, suffixes }) =>
      suffixes.some((suffix) => `${name}.${suffix}` === evidence),
    );
    return `match.families.${family}`;
  }
  if (by === "mx") return `match.mx.${match.mx.findIndex(({ suffix }) => isWithin(evidence, suffix))}`;
  return undefined;
}

function isWithinPath(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`);
}
