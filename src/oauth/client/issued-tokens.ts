// Reads a token response (RFC 6749 §5.1) that openid-client has checked.
import type { IDToken, TokenEndpointResponse } from "openid-client";
import { PosternError } from "../../errors/postern-error.ts";
import { flawOfBearerToken } from "../../secret/bearer-token.ts";
import { accessToken, refreshToken } from "../../secret/secret.ts";
import type { IssuedTokens } from "./settings.ts";

/** RFC 6749 §5.1 leaves expires_in out "if known otherwise"; an hour is what nearly everybody uses. */
const GUESSED_LIFETIME = 3600;

/** @throws PosternError `access-token-unusable` for a token that is bound to a key: SASL carries only Bearer tokens */
export function toIssuedTokens(response: TokenEndpointResponse, claims?: IDToken): IssuedTokens {
  if (response.token_type !== "bearer") {
    throw new PosternError("access-token-unusable", { detail: "the token type is not Bearer" });
  }
  const flaw = flawOfBearerToken(response.access_token);
  if (flaw !== undefined) throw new PosternError("access-token-unusable", { detail: flaw });
  const lifetime = Number(response.expires_in ?? GUESSED_LIFETIME);
  return {
    accessToken: accessToken(response.access_token),
    lifetime: Number.isFinite(lifetime) ? lifetime : GUESSED_LIFETIME,
    refreshToken: response.refresh_token === undefined ? undefined : refreshToken(response.refresh_token),
    identity: addressIn(claims?.email) ?? addressIn(claims?.preferred_username),
  };
}

function addressIn(claim: unknown): string | undefined {
  return typeof claim === "string" && /^[^\s@]+@[^\s@]+$/.test(claim) ? claim : undefined;
}
