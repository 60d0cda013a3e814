// One question for the tokens of a device authorization (RFC 8628 §3.4), and what its answer means (§3.5).
// Invariant: only what cannot get better ends the sign-in; an id_token that nobody signed is not believed.
import { genericGrantRequest } from "openid-client";
import { PosternError } from "../../errors/postern-error.ts";
import type { AuthorizationServers } from "./authorization-server.ts";
import type { HttpAnswer } from "./bounded-fetch.ts";
import { explainOAuthFailure } from "./explain.ts";
import { requireSignature, toIssuedTokens } from "./issued-tokens.ts";
import { parseObject } from "./json-object.ts";
import type { IssuedTokens, OAuthClientSettings } from "./settings.ts";

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code";
/** Yandex's flow is older than RFC 8628, and so are its names. */
const OLDER_NAMES: ReadonlySet<string> = new Set(["oauth.yandex.com", "oauth.yandex.ru"]);

export type DeviceAnswer =
  | { readonly kind: "issued"; readonly tokens: IssuedTokens }
  /** Nothing yet. `retryAfter`: milliseconds that the server wants to be left alone for, 0 where it does not say. */
  | { readonly kind: "pending" | "too-fast" | "failed"; readonly retryAfter: number };

/** What an answer of the token endpoint says, whatever openid-client makes of it. */
interface Seen {
  readonly status: number;
  readonly error: string | undefined;
  readonly hasTokens: boolean;
  readonly retryAfter: number;
}

const NOTHING_SEEN: Seen = { status: 0, error: undefined, hasTokens: false, retryAfter: 0 };

/** @throws PosternError what ends the sign-in: `device-code-…`, `sign-in-…`, `identity-not-proven`, `device-flow-blocked` … */
export async function requestDeviceTokens(
  { servers, settings }: { readonly servers: AuthorizationServers; readonly settings: OAuthClientSettings },
  deviceCode: string,
  codeVerifier?: string,
): Promise<DeviceAnswer> {
  let seen = NOTHING_SEEN;
  const observe = async (_url: string, answer: HttpAnswer): Promise<undefined> => {
    seen = look(answer);
  };
  try {
    // Anew for each question: by then it is better known how wrong our clock is.
    const configuration = await servers.configure(settings, observe);
    const isOlder = OLDER_NAMES.has(new URL(settings.issuer).hostname);
    const response = await genericGrantRequest(configuration, isOlder ? "device_code" : GRANT_TYPE, {
      [isOlder ? "code" : "device_code"]: deviceCode,
      ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
    });
    requireSignature(response.id_token);
    const tokens = toIssuedTokens(configuration, response, response.claims());
    if (tokens.refreshToken === undefined) throw new PosternError("sign-in-not-lasting");
    return { kind: "issued", tokens };
  } catch (thrown) {
    const { error, retryAfter } = seen;
    if (error === "authorization_pending") return { kind: "pending", retryAfter };
    if (error === "slow_down") return { kind: "too-fast", retryAfter };
    const secrets = [deviceCode, codeVerifier ?? "", settings.clientSecret?.reveal() ?? ""];
    return judge(explainOAuthFailure(thrown, "device", { settings, secrets }), seen);
  }
}

function judge(failure: PosternError, { status, error, hasTokens, retryAfter }: Seen): DeviceAnswer {
  const passes = failure.temporary && ["network", "throttled"].includes(failure.entry.category);
  if (!passes) throw failure;
  // Zoho and others answer 200 with an error in it, against RFC 6749 §5.2.
  if (status === 200 && error === "expired_token") throw new PosternError("device-code-expired");
  if (status === 200 && error === "access_denied") throw new PosternError("sign-in-denied");
  // The server has spent the code on these tokens: to ask again would bring nothing.
  if (hasTokens) throw new PosternError("access-token-unusable", { detail: failure.detail ?? failure.code });
  return { kind: "failed", retryAfter: Math.max(retryAfter, failure.retryAfter ?? 0) };
}

function look({ status, headers, body }: HttpAnswer): Seen {
  const json = parseObject(body);
  return {
    status,
    error: typeof json?.error === "string" ? json.error : undefined,
    hasTokens: status === 200 && json?.access_token !== undefined,
    retryAfter: retryAfterIn(headers),
  };
}

/** RFC 9110 §10.2.3 in milliseconds: seconds, or a date, which is measured by the server's own clock. */
function retryAfterIn(headers: Headers): number {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const wait = Date.parse(text) - Date.parse(headers.get("date") ?? "");
  return Number.isFinite(wait) ? Math.max(wait, 0) : 0;
}
