// A sign-in with a refresh token that a person brings from another tool (OAuth Playground, an older bridge).
// Invariant: the token is used once, here; whatever the server gives in its place is what is kept.
import { PosternError, toPosternError } from "../../errors/postern-error.ts";
import { type RefreshToken, refreshToken as toRefreshToken } from "../../secret/secret.ts";
import type { AuthorizationServers } from "./authorization-server.ts";
import { refresh } from "./refresh-token-grant.ts";
import type { Accept, OAuthClientSettings, SignInAttempt } from "./settings.ts";

export interface ImportRequest {
  readonly servers: AuthorizationServers;
  readonly settings: OAuthClientSettings;
  readonly refreshToken: string;
  readonly accept: Accept;
}

export function importRefreshToken({
  servers,
  settings,
  refreshToken,
  accept,
}: ImportRequest): SignInAttempt {
  let isCancelled = false;
  const given = toRefreshToken(refreshToken);
  const work = async () => {
    let newest: RefreshToken = given;
    const tokens = await refresh(servers, settings, given, async (rotated) => {
      newest = rotated;
    }).catch((thrown: unknown) => {
      const error = toPosternError(thrown);
      if (!error.refusesGrant) throw error;
      throw new PosternError("import-refused", error.detail === undefined ? {} : { detail: error.detail });
    });
    if (isCancelled) throw new PosternError("sign-in-cancelled");
    return accept({ ...tokens, refreshToken: newest });
  };
  return {
    completed: work(),
    cancel() {
      isCancelled = true;
    },
  };
}
