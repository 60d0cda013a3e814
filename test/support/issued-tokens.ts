// Tokens of a sign-in, for tests that do not care where they came from.
import type { IssuedTokens } from "../../src/oauth/client/settings.ts";
import { accessToken, refreshToken } from "../../src/secret/secret.ts";

export function createIssuedTokens(changes: Partial<IssuedTokens> = {}): IssuedTokens {
  return {
    accessToken: accessToken("A"),
    lifetime: 3600,
    refreshToken: refreshToken("R"),
    scope: undefined,
    identity: undefined,
    subject: undefined,
    tokenEndpoint: "https://issuer.example/token",
    ...changes,
  };
}
