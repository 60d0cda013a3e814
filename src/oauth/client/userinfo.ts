// Asks the authorization server who signed in, where the id_token did not say (OpenID Connect Core §5.3).
// Invariant: an answer about somebody else than the id_token's subject is not believed.
import { ClientError, fetchUserInfo, skipSubjectCheck, WWWAuthenticateChallengeError } from "openid-client";
import { PosternError } from "../../errors/postern-error.ts";
import type { AuthorizationServers } from "./authorization-server.ts";
import { explainOAuthFailure } from "./explain.ts";
import { identityIn } from "./issued-tokens.ts";
import type { IssuedTokens, OAuthClientSettings } from "./settings.ts";

/**
 * The address of who signed in; undefined where the server does not say.
 * @throws PosternError `sign-in-answer-refused` for somebody else's answer, `authorization-server-…`
 */
export async function askIdentity(
  servers: AuthorizationServers,
  settings: OAuthClientSettings,
  tokens: IssuedTokens,
): Promise<string | undefined> {
  if (tokens.identity !== undefined) return tokens.identity;
  const granted = (tokens.scope ?? settings.scope).split(/[\s,]+/);
  if (!granted.includes("openid")) return undefined;
  const configuration = await servers.configure(settings);
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return undefined;
  const accessToken = tokens.accessToken.reveal();
  try {
    return identityIn(await fetchUserInfo(configuration, accessToken, tokens.subject ?? skipSubjectCheck));
  } catch (thrown) {
    if (isRefusal(thrown)) return undefined;
    if (thrown instanceof ClientError && thrown.code === "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED") {
      throw new PosternError("sign-in-answer-refused", {
        detail: "the userinfo answer is about somebody else than the id_token",
      });
    }
    throw explainOAuthFailure(thrown, "userinfo", { settings, secrets: [accessToken] });
  }
}

/** RFC 6750 §3.1: a token for mail need not be one for userinfo; at Microsoft it never is. */
function isRefusal(thrown: unknown): boolean {
  if (thrown instanceof WWWAuthenticateChallengeError) return true;
  return (
    thrown instanceof ClientError &&
    thrown.cause instanceof Response &&
    [400, 401, 403].includes(thrown.cause.status)
  );
}
