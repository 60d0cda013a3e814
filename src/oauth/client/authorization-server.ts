// Finds an authorization server's metadata (OpenID Connect Discovery, RFC 8414, or given) and makes openid-client's
// Configuration from it. Invariant: the metadata's issuer is the configured one; no endpoint is reached without https.
import {
  ClientError,
  ClientSecretPost,
  Configuration,
  type CustomFetch,
  clockSkew,
  customFetch,
  discovery,
  None,
  type ServerMetadata,
} from "openid-client";
import type { Clock } from "../../clock/clock.ts";
import { PosternError } from "../../errors/postern-error.ts";
import { createBoundedFetch, type Observe } from "./bounded-fetch.ts";
import { explainOAuthFailure } from "./explain.ts";
import type { OAuthClientSettings } from "./settings.ts";

/** Seconds that a request to an authorization server may take. */
const TIMEOUT = 30;
/** How long metadata is believed without asking again. */
const METADATA_LIFETIME = 3_600_000;

export interface AuthorizationServers {
  /**
   * A configuration for one exchange; `observe` sees each answer of that exchange first.
   * @throws PosternError `authorization-server-…`
   */
  configure(settings: OAuthClientSettings, observe?: Observe): Promise<Configuration>;
}

interface Known {
  readonly metadata: ServerMetadata;
  /** Seconds to add to our clock to get the server's (from its Date header). */
  readonly skew: number;
  readonly until: number;
}

export function createAuthorizationServers(clock: Clock): AuthorizationServers {
  const known = new Map<string, Known>();

  async function metadataOf(settings: OAuthClientSettings): Promise<Known> {
    const { issuer, endpoints } = settings;
    if (endpoints !== undefined) {
      return {
        metadata: {
          issuer,
          authorization_endpoint: requireHttps(endpoints.authorization),
          token_endpoint: requireHttps(endpoints.token),
        },
        skew: 0,
        until: Number.POSITIVE_INFINITY,
      };
    }
    const remembered = known.get(issuer);
    if (remembered !== undefined && clock.monotonic() < remembered.until) return remembered;
    const found = await discover(settings, clock);
    known.set(issuer, found);
    return found;
  }

  return {
    async configure(settings, observe) {
      const { metadata, skew } = await metadataOf(settings);
      const { clientId, clientSecret } = settings;
      const configuration = new Configuration(
        metadata,
        clientId,
        { [clockSkew]: skew },
        clientSecret === undefined ? None() : ClientSecretPost(clientSecret.reveal()),
      );
      configuration.timeout = TIMEOUT;
      configuration[customFetch] = createBoundedFetch(observe);
      return configuration;
    },
  };
}

async function discover(settings: OAuthClientSettings, clock: Clock): Promise<Known> {
  let skew = 0;
  const fetch = createBoundedFetch(async (_url, answer) => {
    skew = skewOf(answer.headers, clock);
    return undefined;
  });
  try {
    const metadata = await discoverEitherWay(
      new URL(requireHttps(settings.issuer)),
      settings.clientId,
      fetch,
    );
    for (const endpoint of [metadata.authorization_endpoint, metadata.token_endpoint]) {
      if (endpoint === undefined) {
        throw new PosternError("authorization-server-metadata", { detail: "it names no endpoints" });
      }
      requireHttps(endpoint);
    }
    return { metadata, skew, until: clock.monotonic() + METADATA_LIFETIME };
  } catch (thrown) {
    throw explainOAuthFailure(thrown, "discovery");
  }
}

/** OpenID Connect Discovery, and RFC 8414 where the server has no OpenID configuration. */
async function discoverEitherWay(issuer: URL, clientId: string, fetch: CustomFetch): Promise<ServerMetadata> {
  const options = { [customFetch]: fetch, timeout: TIMEOUT };
  try {
    return (
      await discovery(issuer, clientId, undefined, None(), { ...options, algorithm: "oidc" })
    ).serverMetadata();
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    return (
      await discovery(issuer, clientId, undefined, None(), { ...options, algorithm: "oauth2" })
    ).serverMetadata();
  }
}

function isMissing(thrown: unknown): boolean {
  return (
    thrown instanceof ClientError &&
    thrown.cause instanceof Response &&
    thrown.cause.status >= 400 &&
    thrown.cause.status < 500
  );
}

/** Whole seconds between the server's clock and ours; 0 where it does not say, or says nearly the same. */
function skewOf(headers: Headers, clock: Clock): number {
  const theirs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return 0;
  const seconds = Math.round((theirs - clock.now()) / 1000);
  return Math.abs(seconds) <= 5 ? 0 : seconds;
}

/** @throws PosternError `authorization-server-metadata` */
function requireHttps(address: string): string {
  if (URL.canParse(address) && new URL(address).protocol === "https:") return address;
  throw new PosternError("authorization-server-metadata", { detail: `${address} is not an https address` });
}
