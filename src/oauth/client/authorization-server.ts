// Makes openid-client's Configuration for one exchange with an account's authorization server, from metadata that was
// found or given. Invariants: tokens that are stored go to no other token endpoint than a person agreed to; how wrong our
// clock is, is measured at every answer.
import {
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
import { createBoundedFetch, type Fetch, type Observe } from "./bounded-fetch.ts";
import { isMicrosoft } from "./flow-order.ts";
import { parseObject } from "./json-object.ts";
import { findConfiguration, type Registered, requireHttps, TIMEOUT } from "./metadata.ts";
import type { OAuthClientSettings } from "./settings.ts";

/** How long metadata is believed without asking again. */
const METADATA_LIFETIME = 3_600_000;
/** A sign-in waits this long, in milliseconds, to hear of a server's clock before it begins. */
const DATE_WITHIN = 5000;

export interface AuthorizationServers {
  /**
   * A configuration for one exchange; `observe` sees each answer of that exchange first.
   * @throws PosternError `authorization-server-…`, `account-hosts-changed`
   */
  configure(settings: OAuthClientSettings, observe?: Observe): Promise<Configuration>;
  /** Our clock against the last server that gave its time: seconds to add to ours. Undefined before any answer. */
  clockSkew(): { readonly seconds: number; readonly host: string } | undefined;
}

/** An answer to the question for metadata: also that there is none at this address. */
interface Known {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly until: number;
}

export function createAuthorizationServers(clock: Clock, fetch: Fetch): AuthorizationServers {
  const known = new Map<string, Known>();
  const skews = new Map<string, number>();
  let lastMeasured: string | undefined;

  const measuring =
    (observe?: Observe): Observe =>
    async (url, answer) => {
      const skew = skewOf(answer.headers, clock);
      if (skew !== undefined) {
        lastMeasured = new URL(url).host;
        skews.set(lastMeasured, skew);
      }
      return observe?.(url, answer);
    };

  /** Metadata that has been understood is not asked for again within the hour, whoever wants it. */
  async function findRemembered(issuer: string, client: Registered): Promise<Configuration> {
    const answers = new Map<string, Known>();
    const configuration = await findConfiguration(issuer, client, remembering(answers));
    // What was not understood may be put right in a moment.
    for (const [url, answer] of answers) known.set(url, answer);
    return configuration;
  }

  const remembering =
    (answers: Map<string, Known>): CustomFetch =>
    async (url, options) => {
      const remembered = known.get(url);
      if (remembered !== undefined && clock.monotonic() < remembered.until) {
        return toResponse(remembered);
      }
      const response = await createBoundedFetch(fetch, measuring())(url, options);
      const { status, headers } = response;
      const body = await response.text();
      answers.set(url, { status, headers, body, until: clock.monotonic() + METADATA_LIFETIME });
      return toResponse({ status, headers, body });
    };

  /** A server that cannot be asked now is told of by whoever needs more of it. */
  const askForDate = async (url: string): Promise<void> => {
    const signal = AbortSignal.timeout(DATE_WITHIN);
    const options = { method: "HEAD", body: null, headers: {}, redirect: "manual", signal } as const;
    await createBoundedFetch(fetch, measuring())(url, options).catch(() => {});
  };

  return {
    async configure(settings, observe) {
      const { issuer, endpoints, clientId, clientSecret, trustedTokenEndpoint } = settings;
      const client: Registered = {
        clientId,
        metadata: {},
        authentication: clientSecret === undefined ? None() : ClientSecretPost(clientSecret.reveal()),
      };
      const configurationWith = async (metadata: Registered["metadata"]): Promise<Configuration> =>
        endpoints === undefined
          ? findRemembered(issuer, { ...client, metadata })
          : givenConfiguration(issuer, endpoints, { ...client, metadata });

      const endpoint = (await configurationWith({})).serverMetadata().token_endpoint ?? "";
      if (trustedTokenEndpoint !== undefined && trustedTokenEndpoint !== endpoint) {
        throw new PosternError("account-hosts-changed", {
          detail: `tokens would go to ${endpoint}, not to ${trustedTokenEndpoint}`,
        });
      }
      // Asking for metadata may have been the first that was heard of the server's clock. Where there was nothing to ask
      // for, it is heard of now: what dates an id_token must be known before the id_token comes.
      const { host } = new URL(endpoint);
      const isDated = trustedTokenEndpoint === undefined && settings.scope.split(" ").includes("openid");
      if (endpoints !== undefined && isDated && !skews.has(host)) await askForDate(endpoint);
      const skew = skews.get(host) ?? skews.get(new URL(issuer).host) ?? 0;
      const configuration = await configurationWith({ [clockSkew]: skew });
      configuration.timeout = TIMEOUT;
      configuration[customFetch] = createBoundedFetch(fetch, measuring(withTokenType(endpoint, observe)));
      return configuration;
    },

    clockSkew() {
      if (lastMeasured === undefined) return undefined;
      return { seconds: skews.get(lastMeasured) ?? 0, host: lastMeasured };
    },
  };
}

/** RFC 9110 §15.3.5: some answers have no body, and the Response constructor refuses one. */
function toResponse({ status, headers, body }: Omit<Known, "until">): Response {
  return new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
}

/** Of one directory: Entra signs as that one, and as no other. */
const ONE_DIRECTORY = /^https:\/\/[^/]+\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\//i;
/** Of what is read here, openid-client knows that id_tokens name the person's own directory, which their `tid` tells. */
const ENTRA = new URL("https://login.microsoftonline.com/");

/** Without asking anybody. Entra names the person's own directory as issuer, whatever tenant was asked. */
async function givenConfiguration(
  issuer: string,
  endpoints: NonNullable<OAuthClientSettings["endpoints"]>,
  { clientId, metadata, authentication }: Registered,
): Promise<Configuration> {
  const given = givenMetadata(issuer, endpoints);
  if (!isMicrosoft(issuer) || ONE_DIRECTORY.test(issuer)) {
    return new Configuration(given, clientId, metadata, authentication);
  }
  const anyDirectory = { ...given, issuer: `${new URL(issuer).origin}/{tenantid}/v2.0` };
  const read: CustomFetch = async () => Response.json(anyDirectory);
  return discovery(ENTRA, clientId, metadata, authentication, { [customFetch]: read });
}

function givenMetadata(
  issuer: string,
  endpoints: NonNullable<OAuthClientSettings["endpoints"]>,
): ServerMetadata {
  const { deviceAuthorization, revocation } = endpoints;
  return {
    issuer,
    authorization_endpoint: requireHttps(endpoints.authorization),
    token_endpoint: requireHttps(endpoints.token),
    ...(deviceAuthorization === undefined
      ? {}
      : { device_authorization_endpoint: requireHttps(deviceAuthorization) }),
    ...(revocation === undefined ? {} : { revocation_endpoint: requireHttps(revocation) }),
  };
}

/** RFC 6749 §5.1 wants a token_type. Mail.ru gives none, and means Bearer. */
function withTokenType(tokenEndpoint: string, observe: Observe | undefined): Observe {
  return async (url, answer) => {
    const replaced = await observe?.(url, answer);
    if (url !== tokenEndpoint || answer.status !== 200) return replaced;
    const json = parseObject(replaced ?? answer.body);
    if (typeof json?.access_token !== "string" || json.token_type !== undefined) return replaced;
    return JSON.stringify({ ...json, token_type: "Bearer" });
  };
}

/** Whole seconds between the server's clock and ours; 0 for nearly the same, undefined where it does not say. */
function skewOf(headers: Headers, clock: Clock): number | undefined {
  const theirs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return undefined;
  const seconds = Math.round((theirs - clock.now()) / 1000);
  return Math.abs(seconds) <= 5 ? 0 : seconds;
}
