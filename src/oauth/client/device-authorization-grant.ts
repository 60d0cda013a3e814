// One sign-in by device authorization (RFC 8628): a person types a code into any browser, and we ask until they have.
// Invariants: never sooner than the server wants; whoever was told that it is over does not find themselves signed in;
// the code is shown only beside an address that may be opened.
import {
  calculatePKCECodeChallenge,
  type DeviceAuthorizationResponse,
  initiateDeviceAuthorization,
  randomPKCECodeVerifier,
} from "openid-client";
import { type Clock, wait } from "../../clock/clock.ts";
import { PosternError } from "../../errors/postern-error.ts";
import type { AuthorizationServers } from "./authorization-server.ts";
import type { HttpAnswer } from "./bounded-fetch.ts";
import { requestDeviceTokens } from "./device-token-request.ts";
import { explainOAuthFailure } from "./explain.ts";
import { parseObject } from "./json-object.ts";
import type { Accept, IssuedTokens, OAuthClientSettings, SignInAttempt } from "./settings.ts";
import { completeAddress, requireVerificationAddress } from "./verification-address.ts";

/** How long we wait for a person at most, in milliseconds; codes usually live for a quarter of that. */
const PATIENCE = 3_600_000;
/** RFC 8628 §3.2 and §3.5, in milliseconds. */
const DEFAULT_INTERVAL = 5000;
const SHORTEST_INTERVAL = 1000;
const SLOWER_BY = 5000;
/** Between two tries while the server cannot be reached. */
const LONGEST_BACKOFF = 60_000;

export interface DeviceAuthorizationAttempt extends SignInAttempt {
  /** What the person types. */
  readonly userCode: string;
  /** Where they type it: https, on a host of the provider's or one that a person agreed to. */
  readonly verificationUri: string;
  /** With the code in it, on the same host; for a QR code or a link (RFC 8628 §3.3.1). */
  readonly verificationUriComplete?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface DeviceAuthorizationRequest {
  readonly servers: AuthorizationServers;
  readonly settings: OAuthClientSettings;
  readonly clock: Clock;
  readonly accept: Accept;
  /** A person has agreed to an address on this host. */
  readonly verificationHost?: string | undefined;
}

/**
 * Gets a code, and asks for the tokens until a person has typed it in. `completed` fails with `device-code-expired`,
 * `sign-in-denied`, `device-flow-blocked`, `sign-in-cancelled`, `sign-in-not-lasting`, `identity-not-proven` and others.
 * @throws PosternError `flow-not-offered`, `device-address-refused`, `authorization-server-…`, `oauth-client-refused`
 */
export async function startDeviceAuthorization(
  request: DeviceAuthorizationRequest,
): Promise<DeviceAuthorizationAttempt> {
  const { clock } = request;
  const code = await askForCode(request);
  const lifetime = Math.min(code.expires_in * 1000, PATIENCE);
  const expiresAt = clock.now() + lifetime;
  const end = clock.monotonic() + lifetime;

  const cancelling = new AbortController();
  return {
    userCode: code.user_code,
    verificationUri: code.verification_uri,
    ...(code.verification_uri_complete === undefined
      ? {}
      : { verificationUriComplete: code.verification_uri_complete }),
    expiresAt,
    completed: pollForTokens(request, code, end, cancelling.signal).then(request.accept),
    // Too late once the tokens are being accepted: that is told as it ends.
    cancel: () => cancelling.abort(new PosternError("sign-in-cancelled")),
  };
}

type Code = DeviceAuthorizationResponse & { readonly codeVerifier: string | undefined };

/** RFC 8628 §3.1 and §3.2, with addresses that may be shown and opened. */
async function askForCode(request: DeviceAuthorizationRequest): Promise<Code> {
  const { servers, settings, verificationHost } = request;
  const configuration = await servers.configure(settings, readOlderNames);
  const metadata = configuration.serverMetadata();
  if (metadata.device_authorization_endpoint === undefined) throw new PosternError("flow-not-offered");
  try {
    // Not of RFC 8628, but Keycloak wants it where it insists on PKCE.
    const knowsPkce = metadata.code_challenge_methods_supported?.includes("S256") === true;
    const codeVerifier = knowsPkce ? randomPKCECodeVerifier() : undefined;
    const response = await initiateDeviceAuthorization(configuration, {
      scope: settings.scope,
      ...(codeVerifier === undefined
        ? {}
        : {
            code_challenge: await calculatePKCECodeChallenge(codeVerifier),
            code_challenge_method: "S256",
          }),
    });
    // A person reads it off a screen: anything but plain characters is somebody's trick.
    if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/.test(response.user_code)) {
      throw new PosternError("authorization-server-failing", {
        detail: "the code to type has characters that nobody can type",
      });
    }
    const hosts = {
      issuer: settings.issuer,
      metadata,
      agreed: [
        ...(settings.verificationHosts ?? []),
        ...(verificationHost === undefined ? [] : [verificationHost]),
      ],
    };
    const address = requireVerificationAddress(response.verification_uri, hosts);
    const complete = completeAddress(response.verification_uri_complete, address);
    const { verification_uri_complete: _judged, ...rest } = response;
    return {
      ...rest,
      codeVerifier,
      verification_uri: address,
      ...(complete === undefined ? {} : { verification_uri_complete: complete }),
    };
  } catch (thrown) {
    throw explainOAuthFailure(thrown, "device", {
      settings,
      secrets: [settings.clientSecret?.reveal() ?? ""],
    });
  }
}

/** The names that Yandex, Zoho and others took from drafts of RFC 8628, and numbers as texts. */
async function readOlderNames(_url: string, answer: HttpAnswer): Promise<string | undefined> {
  const json = parseObject(answer.body);
  if (json === undefined) return undefined;
  const { verification_uri = json.verification_url, interval } = json;
  const seconds = Number(interval);
  return JSON.stringify({
    ...json,
    verification_uri,
    interval: Number.isFinite(seconds) && seconds > 0 ? seconds : undefined,
  });
}

/**
 * RFC 8628 §3.4 and §3.5. A network that fails is not the end: the person may be typing.
 * @param end when the code expires, on the monotonic clock
 */
async function pollForTokens(
  request: DeviceAuthorizationRequest,
  code: Code,
  end: number,
  signal: AbortSignal,
): Promise<IssuedTokens> {
  const { clock } = request;
  const cancelled = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // Heard only while an answer is awaited.
  cancelled.catch(() => undefined);

  let interval = Math.max((code.interval ?? 0) * 1000 || DEFAULT_INTERVAL, SHORTEST_INTERVAL);
  let failures = 0;
  let retryAfter = 0;
  for (;;) {
    const patience = Math.max(interval, retryAfter, Math.min(interval * 2 ** failures, LONGEST_BACKOFF));
    const left = Math.max(end - clock.monotonic(), 0);
    await wait(clock, Math.min(patience, left), signal);
    if (patience > left) throw new PosternError("device-code-expired");

    const answer = await Promise.race([
      requestDeviceTokens(request, code.device_code, code.codeVerifier),
      cancelled,
    ]);
    if (answer.kind === "issued") return answer.tokens;
    retryAfter = answer.retryAfter;
    failures = answer.kind === "failed" ? failures + 1 : 0;
    if (answer.kind === "too-fast") interval += SLOWER_BY;
  }
}
