// Finds a mailbox whose provider is not built in: its servers as named, published, announced in DNS or usual, and then the
// sign-in that those servers believe. Invariant: a server is taken only after it has answered, an authorization server only
// after its metadata has named it (RFC 8414 §3.3).
import type { MailServer } from "../account/account.ts";
import type { AutoconfigServer } from "../provider/autoconfig.ts";
import { findAuthorizationServer } from "./authorization-server.ts";
import { type ChosenServers, userNameRuleOf } from "./autoconfig-choice.ts";
import { type DiscoveryRequest, type Finding, UNKNOWN_PROVIDER, type UserNameRule } from "./discovery.ts";
import { answersRightly, findMailServer, firstThatAnswers, type Protocol } from "./mail-servers.ts";
import { createTrail, type DiscoveryParts, type Trail } from "./parts.ts";
import { findingOfPreset } from "./preset-finding.ts";
import { presetOfServers } from "./preset-owners.ts";
import { chooseScope } from "./scope.ts";

interface FoundServer {
  readonly server: MailServer;
  /** What a configuration says of it; undefined where it was found otherwise. */
  readonly published?: AutoconfigServer;
}

/**
 * `tell` is told each step. Never throws.
 * @param domain the address's, if it has one
 * @param chosen of a published configuration
 */
export async function findByServers(
  parts: DiscoveryParts,
  request: DiscoveryRequest,
  domain: string | undefined,
  chosen: ChosenServers | undefined,
  tell: Trail,
): Promise<Finding> {
  const trails = { imap: createTrail(), smtp: createTrail() };
  const find = (protocol: Protocol): Promise<FoundServer | undefined> =>
    findServer(
      parts,
      { protocol, domain, given: request[protocol], published: chosen?.[protocol] ?? [] },
      trails[protocol].tell,
    );
  const [imap, smtp] = await Promise.all([find("imap"), find("smtp")]);
  for (const sentence of [...trails.imap.told, ...trails.smtp.told]) tell(sentence);

  const preset =
    imap === undefined || smtp === undefined
      ? undefined
      : presetOfServers(imap.server.host, smtp.server.host);
  if (preset !== undefined) {
    tell(`These are servers of ${preset.name}, which Postern knows`);
    const evidence = imap?.server.host ?? "";
    const named = { ...request, imap: imap?.server, smtp: smtp?.server };
    const known = findingOfPreset({ preset, by: "servers", evidence }, named, tell);
    if (known !== undefined) return known;
  }

  // What is published counts only where the IMAP server is used that it was published of.
  const says = imap?.published === undefined ? undefined : chosen;
  const { server, takes } = await findAuthorizationServer(
    parts,
    {
      issuer: request.issuer,
      imap: imap?.server,
      domain: says?.takes === "password" ? undefined : domain,
      published: says?.oauth,
    },
    tell,
  );
  const accepts = takes ?? imap?.published?.authentication;
  const takesOnlyPasswords =
    says?.takes === "password" || (accepts?.includes("password") === true && !accepts.includes("oauth"));
  const isOAuth = server !== undefined || request.issuer !== undefined || !takesOnlyPasswords;
  return {
    ...UNKNOWN_PROVIDER,
    kind: isOAuth ? "oauth" : "password",
    providerName: imap?.published === undefined ? undefined : chosen?.name,
    imap: imap?.server,
    smtp: smtp?.server,
    userName: { imap: userNameOf(imap, request.email), smtp: userNameOf(smtp, request.email) },
    accepts: accepts === undefined ? undefined : [...accepts],
    issuer: server?.issuer,
    scope:
      server === undefined
        ? undefined
        : chooseScope({
            demanded: server.demandedScope,
            resource: server.resourceScopes,
            supported: listOf(server.metadata.scopes_supported),
          }),
    clientSecret: isOAuth ? "optional" : "none",
    authorizationParameters: {},
    verificationHosts: [],
    registersClients: server?.metadata.registration_endpoint !== undefined,
    quirks: [],
  };
}

interface Wanted {
  readonly protocol: Protocol;
  readonly domain: string | undefined;
  readonly given: MailServer | undefined;
  /** Best first. */
  readonly published: readonly AutoconfigServer[];
}

/** As given, else as published, else as announced or usual. */
async function findServer(
  parts: DiscoveryParts,
  { protocol, domain, given, published }: Wanted,
  tell: Trail,
): Promise<FoundServer | undefined> {
  if (given !== undefined) {
    await answersRightly(parts, protocol, given, tell);
    return { server: given };
  }
  const one = await firstThatAnswers(parts, protocol, published, tell);
  if (one !== undefined) {
    const { host, port, tls } = one;
    return { server: { host, port, tls }, published: one };
  }
  const server = domain === undefined ? undefined : await findMailServer(parts, protocol, domain, tell);
  return server === undefined ? undefined : { server };
}

function userNameOf(found: FoundServer | undefined, email: string): UserNameRule {
  return found?.published === undefined ? "address" : userNameRuleOf(found.published, email);
}

/** The metadata is somebody else's: a list may be anything. */
function listOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : undefined;
}
