// What a preset says about a mailbox. Nothing is asked for it. Invariant: nothing but the person's own words changes it, and
// those only within what is the provider's (threats.md G1).
import { formatHostAndPort } from "../network/route.ts";
import { impliedMail, impliedOAuth } from "../provider/implied-settings.ts";
import { type Accepted, type DiscoveryRequest, type Finding, UNKNOWN_PROVIDER } from "./discovery.ts";
import type { Trail } from "./parts.ts";
import { strangerAmong, tenantOf } from "./preset-owners.ts";
import type { NamedPreset, Recognised } from "./recognise-provider.ts";
import { formatUnverified } from "./unverified.ts";

/** Quirks that a person must know to get in at all, or to get in the right way; `provider show` has the others. */
export const WORTH_SAYING = [
  "restricted-scope",
  "testing",
  "smtp-auth",
  "shared-mailbox",
  "alias",
  "directory-needed",
  "own-cloud",
  "review-first",
  "own-client-ids",
  "https-redirect",
  "moved-mailboxes",
  "moving-to-yahoo",
  "third-party-access",
  "switch-imap-on",
  "allow-access",
  "oauth-unproven",
  "regions",
  "own-domain-hosts",
  "mail-scope-not-documented",
  "own-domains",
  "own-password",
  "paid-imap",
  "ports",
  "paid",
] as const;

/** The preset as a whole; undefined where a person named something that is not the provider's. `tell` is told which. */
export function findingOfPreset(
  recognised: Recognised,
  request: DiscoveryRequest,
  tell: Trail,
): Finding | undefined {
  const { preset } = recognised;
  const stranger = strangerAmong(preset, request);
  if (stranger !== undefined) {
    tell(`${stranger} is not of ${preset.name}, so nothing that Postern knows of them is used`);
    return undefined;
  }
  const finding = describe(recognised, request);
  tell(formatPlaces(finding));
  for (const sentence of formatUnverified(recognised)) tell(sentence);
  return finding;
}

function describe({ preset, by }: Recognised, request: DiscoveryRequest): Finding {
  const mail = impliedMail(preset, request.email);
  return {
    ...signInOf(preset, request.issuer),
    kind: preset.kind,
    provider: preset.id,
    providerName: preset.name,
    recognisedBy: by === "person" ? undefined : by,
    imap: request.imap ?? mail?.imap,
    smtp: request.smtp ?? mail?.smtp,
    userName: {
      imap: preset.mail?.imap.userName ?? "address",
      smtp: preset.mail?.smtp.userName ?? "address",
    },
    accepts: acceptedBy(preset),
    mechanism: preset.mail?.mechanism ?? UNKNOWN_PROVIDER.mechanism,
    registersClients: false,
    appPassword: { ...preset.appPassword },
    instead: preset.kind === "password" && preset.instead !== undefined ? { ...preset.instead } : undefined,
    quirks: WORTH_SAYING.map((name) => preset.quirks[name]).filter((quirk) => quirk !== undefined),
  };
}

/** All hosts that mail, passwords and tokens would go to. */
function formatPlaces({ providerName, imap, smtp, issuer, endpoints, instead }: Finding): string {
  const hosts = [issuer, endpoints?.authorization, endpoints?.token]
    .filter((address) => address !== undefined)
    .map((address) => new URL(address).hostname);
  const places = [
    imap === undefined ? undefined : `IMAP ${formatHostAndPort(imap)}`,
    smtp === undefined ? undefined : `SMTP ${formatHostAndPort(smtp)}`,
    hosts.length === 0 ? undefined : `sign-in at ${[...new Set(hosts)].join(", ")}`,
    instead === undefined ? undefined : `only by way of ${instead.name}`,
  ].filter((place) => place !== undefined);
  return `${providerName}: ${places.join("; ")}`;
}

type SignIn = Pick<
  Finding,
  | "issuer"
  | "endpoints"
  | "scope"
  | "scopeSeparator"
  | "redirectUri"
  | "clientSecret"
  | "authorizationParameters"
  | "verificationHosts"
>;

function signInOf(preset: NamedPreset, issuer: string | undefined): SignIn {
  if (preset.kind === "password") {
    const { scopeSeparator, redirectUri } = UNKNOWN_PROVIDER;
    return {
      scopeSeparator,
      redirectUri,
      clientSecret: "none",
      authorizationParameters: {},
      verificationHosts: [],
    };
  }
  const tenant = issuer === undefined ? undefined : tenantOf(preset.oauth, issuer);
  const implied = impliedOAuth(preset, tenant === undefined || tenant === "" ? {} : { tenant });
  return {
    issuer: implied.addresses?.issuer,
    endpoints: implied.addresses === undefined ? undefined : { ...implied.addresses.endpoints },
    scope: implied.scope,
    scopeSeparator: preset.oauth.scopeSeparator,
    redirectUri: implied.redirectUri,
    clientSecret: implied.clientSecret,
    authorizationParameters: { ...implied.authorizationParameters },
    verificationHosts: [...preset.oauth.device.verificationHosts],
  };
}

function acceptedBy({ mail }: NamedPreset): Accepted[] | undefined {
  return mail?.imap.accepts.filter((way) => mail.smtp.accepts.includes(way));
}
