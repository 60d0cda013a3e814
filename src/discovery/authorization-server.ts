// Finds the authorization server of a mail server: given, named by the host (RFC 9728), by its failed OAUTHBEARER login
// (RFC 7628 §3.2.2), or at the domain itself. Invariant: whoever names an issuer is not believed; the issuer's own metadata
// must name the same one, over https.
import type { CustomFetch, ServerMetadata } from "openid-client";
import type { MailServer } from "../account/account.ts";
import { toPosternError } from "../errors/postern-error.ts";
import { formatHostAndPort } from "../network/route.ts";
import { findMetadata } from "../oauth/client/metadata.ts";
import { isHostName } from "./host-name.ts";
import { createHurriedFetch } from "./http.ts";
import { isIssuer, issuersOf } from "./issuer.ts";
import { askForChallenge } from "./mail-connection.ts";
import { type DiscoveryParts, formatTrouble, type Trail } from "./parts.ts";
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

export interface Whereabouts {
  readonly issuer: string | undefined;
  readonly imap: MailServer | undefined;
  readonly domain: string | undefined;
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
  { issuer, imap, domain }: Whereabouts,
  trail: Trail,
): Promise<FoundAuthorizationServer | undefined> {
  const fetch = createHurriedFetch(parts.fetch, parts.clock);
  if (issuer !== undefined) return verify(fetch, { issuers: [issuer] }, trail);

  const hosts = [imap?.host, domain].filter((host) => host !== undefined && isHostName(host));
  const hints = [
    ...[...new Set(hosts)].map((host) => () => askResource(fetch, host ?? "", trail)),
    () => (imap === undefined ? undefined : askMailServer(parts, imap, trail)),
    () => (domain === undefined ? undefined : { issuers: [`https://${domain}`] }),
  ];
  for (const hint of hints) {
    const given = await hint();
    const found = given === undefined ? undefined : await verify(fetch, given, trail);
    if (found !== undefined) return found;
  }
  return undefined;
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

async function askMailServer(
  parts: DiscoveryParts,
  imap: MailServer,
  trail: Trail,
): Promise<Hint | undefined> {
  const place = formatHostAndPort(imap);
  try {
    const challenge = await askForChallenge(parts, imap);
    const url = challenge?.openidConfiguration;
    const issuers = url === undefined ? [] : issuersOf(url);
    if (issuers.length === 0) {
      trail(`${place}: its answer to a login without a token names no authorization server`);
      return undefined;
    }
    trail(`${place} names ${url} in its answer to a login without a token`);
    return { issuers, demandedScope: challenge?.scope };
  } catch (thrown) {
    trail(formatTrouble(place, thrown));
    return undefined;
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
