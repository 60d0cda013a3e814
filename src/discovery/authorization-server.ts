// Finds the authorization server of a mail server: given, named by a published configuration, by the host (RFC 9728), by its
// failed OAUTHBEARER login (RFC 7628 §3.2.2), or at the domain itself. Invariant: whoever names an issuer is not believed; the issuer's own metadata
// must name the same one, over https.
import type { CustomFetch, ServerMetadata } from "openid-client";
import type { MailServer } from "../account/account.ts";
import { toPosternError } from "../errors/postern-error.ts";
import { formatHostAndPort } from "../network/route.ts";
import { findMetadata } from "../oauth/client/metadata.ts";
import type { AutoconfigOAuth } from "../provider/autoconfig.ts";
import { isHostName } from "../provider/domain.ts";
import { createHurriedFetch } from "./http.ts";
import { isIssuer, issuersOf } from "./issuer.ts";
import { askForChallenge, type ImapAnnouncement } from "./mail-connection.ts";
import { type DiscoveryParts, formatTrouble, type Trail } from "./parts.ts";
import { presetsOfSignIn } from "./preset-owners.ts";
import { readResourceMetadata, resourceMetadataUrl } from "./resource-metadata.ts";

export interface FoundAuthorizationServer {
  /** In the spelling of its own metadata, where that is the same URL: Entra's says {tenantid}. */
  readonly issuer: string;
  readonly metadata: ServerMetadata;
  /** The scope that the mail server demanded when it named this authorization server. */
  readonly demandedScope: string | undefined;
  /** The scopes that the resource listed when it named this authorization server. */
  readonly resourceScopes: readonly string[];
}

export interface AuthorizationServerFinding {
  readonly server: FoundAuthorizationServer | undefined;
  /** What the mail server announces; undefined where it was not asked, or did not answer. */
  readonly takes: ImapAnnouncement["takes"] | undefined;
}

export interface Whereabouts {
  /** Named by a person: the only one that is asked. */
  readonly issuer: string | undefined;
  readonly imap: MailServer | undefined;
  /** Undefined where nothing but the mail server's own word counts. */
  readonly domain: string | undefined;
  /** What a published configuration says. */
  readonly published?: AutoconfigOAuth | undefined;
}

/** Somebody's word for an authorization server: issuers to try in turn, of which at most one is real. */
interface Hint {
  readonly issuers: readonly string[];
  readonly demandedScope?: string | undefined;
  readonly resourceScopes?: readonly string[];
}

/** The first that verifies; `trail` is told each step. Never throws. */
export async function findAuthorizationServer(
  parts: DiscoveryParts,
  { issuer, imap, domain, published }: Whereabouts,
  trail: Trail,
): Promise<AuthorizationServerFinding> {
  const fetch = createHurriedFetch(parts.fetch, parts.clock);
  if (issuer !== undefined) {
    return { server: await verify(fetch, { issuers: [issuer] }, trail), takes: undefined };
  }
  const offered = published === undefined ? undefined : await verifyPublished(fetch, published, trail);
  if (offered !== undefined) return { server: offered, takes: undefined };

  for (const host of new Set([imap?.host, domain])) {
    const hint = host === undefined || !isHostName(host) ? undefined : await askResource(fetch, host, trail);
    const server = hint === undefined ? undefined : await verify(fetch, withoutKnown(hint, trail), trail);
    if (server !== undefined) return { server, takes: undefined };
  }
  const { hint, takes } = imap === undefined ? NOT_ASKED : await askMailServer(parts, imap, trail);
  const named = hint === undefined ? undefined : await verify(fetch, withoutKnown(hint, trail), trail);
  // A mail server that takes no token makes it idle to guess who might issue one.
  const isIdle = named !== undefined || domain === undefined || takes?.includes("oauth") === false;
  return { server: isIdle ? named : await verify(fetch, { issuers: [`https://${domain}`] }, trail), takes };
}

/**
 * Without the sign-in of a provider that Postern knows: its mail servers would have been recognised. Who names it from
 * elsewhere would be sent that provider's tokens (RFC 9700 §4.4).
 */
function withoutKnown(hint: Hint, trail: Trail): Hint {
  const issuers = hint.issuers.filter((issuer) => {
    const [owner] = presetsOfSignIn([issuer]);
    if (owner !== undefined)
      trail(`${issuer} is ${owner.name}'s, and these mail servers are not: it is not used`);
    return owner === undefined;
  });
  return { ...hint, issuers };
}

/** The metadata decides, whatever else the document says. */
async function verifyPublished(
  fetch: CustomFetch,
  { issuer, scopes, authorization, token }: AutoconfigOAuth,
  trail: Trail,
): Promise<FoundAuthorizationServer | undefined> {
  trail(`The configuration names the authorization server ${issuer}`);
  const demandedScope = scopes.length === 0 ? undefined : scopes.join(" ");
  const server = await verify(fetch, { issuers: [issuer], demandedScope }, trail);
  const own = server?.metadata;
  if (own === undefined) return undefined;
  if (
    (authorization !== undefined && authorization !== own.authorization_endpoint) ||
    (token !== undefined && token !== own.token_endpoint)
  ) {
    trail(`${issuer}: its metadata has other addresses than the configuration; the metadata's are used`);
  }
  return server;
}

async function askResource(fetch: CustomFetch, host: string, trail: Trail): Promise<Hint | undefined> {
  const url = resourceMetadataUrl(host);
  try {
    const { issuer, scopes } = await readResourceMetadata(fetch, host);
    if (!isIssuer(issuer)) {
      trail(`${url}: what it names is no authorization server's address`);
      return undefined;
    }
    trail(`${url} names the authorization server ${issuer}`);
    return { issuers: [issuer], resourceScopes: scopes };
  } catch (thrown) {
    const { code, detail } = toPosternError(thrown);
    trail(code === "authorization-server-metadata" ? `${url}: ${detail}` : formatTrouble(url, thrown));
    return undefined;
  }
}

interface MailServersWord {
  readonly hint: Hint | undefined;
  readonly takes: ImapAnnouncement["takes"] | undefined;
}

const NOT_ASKED: MailServersWord = { hint: undefined, takes: undefined };

async function askMailServer(
  parts: DiscoveryParts,
  imap: MailServer,
  trail: Trail,
): Promise<MailServersWord> {
  const place = formatHostAndPort(imap);
  try {
    const { takes, challenge } = await askForChallenge(parts, imap);
    if (!takes.includes("oauth")) {
      trail(`${place}: announces no login with a token`);
      return { hint: undefined, takes };
    }
    const url = challenge?.openidConfiguration;
    const issuers = url === undefined ? [] : issuersOf(url);
    if (issuers.length === 0) {
      trail(`${place}: its answer to a login without a token names no authorization server`);
      return { hint: undefined, takes };
    }
    trail(`${place} names ${url} in its answer to a login without a token`);
    return { hint: { issuers, demandedScope: challenge?.scope }, takes };
  } catch (thrown) {
    trail(formatTrouble(place, thrown));
    return NOT_ASKED;
  }
}

/** The issuer that publishes metadata with its own name in it (RFC 8414 §3.3). */
async function verify(
  fetch: CustomFetch,
  { issuers, demandedScope, resourceScopes = [] }: Hint,
  trail: Trail,
): Promise<FoundAuthorizationServer | undefined> {
  for (const issuer of issuers) {
    try {
      const metadata = await findMetadata(issuer, fetch);
      const registers =
        metadata.registration_endpoint === undefined ? "registers no programs" : "registers programs";
      trail(`${issuer}: publishes its metadata under its own name, and ${registers} by itself`);
      return { issuer: spellingOf(issuer, metadata.issuer), metadata, demandedScope, resourceScopes };
    } catch (thrown) {
      trail(formatTrouble(issuer, thrown));
    }
  }
  return undefined;
}

function spellingOf(asked: string, own: string): string {
  return URL.canParse(own) && new URL(own).href === new URL(asked).href ? own : asked;
}
