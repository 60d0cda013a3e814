// The refresh_token grant (RFC 6749 §6), with the rotated token handed over before anything can fail on it.
// Invariant: `keep` has resolved for every refresh token that the server issued, before the response is validated or
// anybody sees the access token (oauth.md §4: a validation error would otherwise lose the only token that works).
import { refreshTokenGrant } from "openid-client";
import { toPosternError } from "../../errors/postern-error.ts";
import { type RefreshToken, refreshToken as toRefreshToken } from "../../secret/secret.ts";
import type { AuthorizationServers } from "./authorization-server.ts";
import { explainOAuthFailure } from "./explain.ts";
import { toIssuedTokens } from "./issued-tokens.ts";
import { parseObject } from "./json-object.ts";
import type { IssuedTokens, OAuthClientSettings } from "./settings.ts";

/** Stores a rotated refresh token; resolves when it is safe. */
export type Keep = (rotated: RefreshToken) => Promise<void>;

/**
 * @param onSecretUnwanted called after it worked without the client secret, which a public client must not send
 * @throws PosternError with `refusesGrant` for invalid_grant and its like, `authorization-server-…`, `oauth-client-refused`
 *   and the codes of the provider's help
 */
export async function refresh(
  servers: AuthorizationServers,
  settings: OAuthClientSettings,
  current: RefreshToken,
  keep: Keep,
  onSecretUnwanted?: () => void,
): Promise<IssuedTokens> {
  try {
    return await request(servers, settings, current, keep);
  } catch (thrown) {
    const error = toPosternError(thrown);
    if (error.code !== "client-secret-unwanted" || settings.clientSecret === undefined) throw error;
    // The grant was not looked at: the same refresh token may be sent once more.
    const tokens = await request(servers, { ...settings, clientSecret: undefined }, current, keep);
    onSecretUnwanted?.();
    return tokens;
  }
}

async function request(
  servers: AuthorizationServers,
  settings: OAuthClientSettings,
  current: RefreshToken,
  keep: Keep,
): Promise<IssuedTokens> {
  const configuration = await servers.configure(settings, async (_url, answer) => {
    if (answer.status !== 200) return undefined;
    const json = parseObject(answer.body);
    if (json === undefined) return undefined;
    const { id_token: _unused, ...rest } = json;
    if (typeof rest.refresh_token === "string" && rest.refresh_token !== "") {
      await keep(toRefreshToken(rest.refresh_token));
    }
    // Nobody reads a refresh response's id_token, and its time checks fail on a machine whose clock is wrong.
    return JSON.stringify(rest);
  });
  try {
    return toIssuedTokens(configuration, await refreshTokenGrant(configuration, current.reveal()));
  } catch (thrown) {
    throw explainOAuthFailure(thrown, "token", {
      settings,
      secrets: [current.reveal(), settings.clientSecret?.reveal() ?? ""],
    });
  }
}
