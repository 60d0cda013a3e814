// Reads a token response (RFC 6749 §5.1) that openid-client has checked.
import type { Configuration, IDToken, TokenEndpointResponse } from "openid-client";
import { PosternError } from "../../errors/postern-error.ts";
import { flawOfBearerToken } from "../../secret/bearer-token.ts";
import { accessToken, refreshToken } from "../../secret/secret.ts";
import { parseObject } from "./json-object.ts";
import type { IssuedTokens } from "./settings.ts";

/** RFC 6749 §5.1 leaves expires_in out "if known otherwise"; an hour is what nearly everybody uses. */
const GUESSED_LIFETIME = 3600;
/** RFC 5321 §4.5.3.1. */
const LONGEST_ADDRESS = 320;
const LONGEST_SCOPE = 4096;

/** @throws PosternError `access-token-unusable` for a token that is bound to a key: SASL carries only Bearer tokens */
export function toIssuedTokens(
  configuration: Configuration,
  response: TokenEndpointResponse,
  claims?: IDToken,
): IssuedTokens {
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
    scope:
      response.scope === undefined || response.scope === ""
        ? undefined
        : response.scope.slice(0, LONGEST_SCOPE),
    identity: identityIn(claims),
    subject: claims?.sub,
    tokenEndpoint: configuration.serverMetadata().token_endpoint ?? "",
  };
}

/** The address in the claims of an id_token or a userinfo answer (OpenID Connect Core §5.1), unless it is unverified. */
export function identityIn(claims: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (claims?.email_verified === false) return undefined;
  return addressIn(claims?.email) ?? addressIn(claims?.preferred_username);
}

function addressIn(claim: unknown): string | undefined {
  if (typeof claim !== "string" || claim.length > LONGEST_ADDRESS) return undefined;
  return /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(claim) ? claim : undefined;
}

/**
 * openid-client has compared `iss`, `aud`, `exp` and `azp`, and lets TLS stand for the signature (OpenID Connect Core
 * §3.1.3.7 item 6); but it takes `none` where the metadata lists it, and that we never asked for (§2).
 * @throws PosternError `identity-not-proven`
 */
export function requireSignature(idToken: string | undefined): void {
  if (idToken === undefined) return;
  const header = parseObject(Buffer.from(idToken.split(".")[0] ?? "", "base64url").toString("utf8"));
  if (typeof header?.alg === "string" && header.alg.toLowerCase() !== "none") return;
  throw new PosternError("identity-not-proven", { detail: "the id_token is not signed" });
}
