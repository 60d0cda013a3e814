// Ends a sign-in at the authorization server (RFC 7009). The refresh token goes, and with it the whole grant (§2.1).
// Invariant: the token is sent to no other host than the account's own settings, its issuer or its token endpoint name.
import { ResponseBodyError, tokenRevocation } from "openid-client";
import { PosternError, toPosternError } from "../../errors/postern-error.ts";
import type { RefreshToken } from "../../secret/secret.ts";
import type { AuthorizationServers } from "./authorization-server.ts";
import { explainOAuthFailure } from "./explain.ts";
import type { OAuthClientSettings } from "./settings.ts";

/**
 * "done" also for a token that was dead already; "not-offered" where the metadata names no revocation endpoint.
 * @throws PosternError `revocation-failed`; what went wrong is its `detail` and its cause
 */
export async function revoke(
  servers: AuthorizationServers,
  settings: OAuthClientSettings,
  refreshToken: RefreshToken,
): Promise<"done" | "not-offered"> {
  const token = refreshToken.reveal();
  try {
    const configuration = await servers.configure(settings);
    const { revocation_endpoint, token_endpoint = "" } = configuration.serverMetadata();
    if (revocation_endpoint === undefined) return "not-offered";
    requireOwnHost(revocation_endpoint, token_endpoint, settings);
    await tokenRevocation(configuration, token, { token_type_hint: "refresh_token" });
    return "done";
  } catch (thrown) {
    // RFC 7009 §2.2 wants a 200 for a token that is dead already; Google answers with this instead.
    if (thrown instanceof ResponseBodyError && thrown.error === "invalid_token") return "done";
    const secrets = [token, settings.clientSecret?.reveal() ?? ""];
    throw revocationFailed(explainOAuthFailure(thrown, "revocation", { settings, secrets }));
  }
}

/** Metadata that somebody has changed must not draw the refresh token to their own host (threats.md G1). */
function requireOwnHost(revocation: string, token: string, settings: OAuthClientSettings): void {
  const own = [settings.issuer, token, settings.endpoints?.revocation];
  const { host } = new URL(revocation);
  if (own.some((address) => address !== undefined && URL.canParse(address) && new URL(address).host === host))
    return;
  throw new PosternError("revocation-failed", { detail: `the token would go to ${host}` });
}

function revocationFailed(thrown: unknown): PosternError {
  const cause = toPosternError(thrown);
  if (cause.code === "revocation-failed") return cause;
  return new PosternError("revocation-failed", {
    detail: cause.detail ?? cause.entry.sentence,
    cause,
    ...(cause.retryAfter === undefined ? {} : { retryAfter: cause.retryAfter }),
  });
}
