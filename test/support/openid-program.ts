// A program that signs people in with openid-client, the library that Postern itself uses.
import * as oauth from "openid-client";
import { expect } from "vitest";
import { type AuthorizationServer, PUBLIC_CLIENT_ID } from "./authorization-server.ts";
import { authorizationResponseFor, type SignInOptions } from "./browser.ts";

export const SCOPE = "openid email mail offline_access";
export const REDIRECT_URI = "http://127.0.0.1:49152/callback";

export interface ClientOptions {
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly algorithm?: "oidc" | "oauth2";
}

export interface AuthorizationOptions extends ClientOptions {
  readonly scope?: string;
  readonly redirectUri?: string;
  readonly loginHint?: string;
}

/** Its metadata, by openid-client. */
export async function discover(
  from: AuthorizationServer,
  options: ClientOptions = {},
): Promise<oauth.Configuration> {
  const { clientId = PUBLIC_CLIENT_ID, clientSecret, algorithm = "oidc" } = options;
  return await oauth.discovery(new URL(from.issuer), clientId, clientSecret, undefined, { algorithm });
}

/** The address of a sign-in with PKCE, and what its answer must fit. */
export async function startSignIn(from: AuthorizationServer, options: AuthorizationOptions = {}) {
  const config = await discover(from, options);
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
  const expectedState = oauth.randomState();
  const url = oauth.buildAuthorizationUrl(config, {
    redirect_uri: options.redirectUri ?? REDIRECT_URI,
    scope: options.scope ?? SCOPE,
    state: expectedState,
    prompt: "consent",
    code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    ...(options.loginHint === undefined ? {} : { login_hint: options.loginHint }),
  });
  return { config, url, checks: { pkceCodeVerifier, expectedState } };
}

/** The tokens of a person who signs in. */
export async function signIn(
  from: AuthorizationServer,
  person: SignInOptions,
  options: AuthorizationOptions = {},
) {
  const { config, url, checks } = await startSignIn(from, options);
  const response = new URL(await authorizationResponseFor(url.href, person));
  return await oauth.authorizationCodeGrant(config, response, checks);
}

/** The same, with what a refresh needs. */
export async function signedIn(from: AuthorizationServer, person: SignInOptions) {
  const tokens = await signIn(from, person);
  if (tokens.refresh_token === undefined) throw new Error("no refresh token was issued");
  return {
    config: await discover(from),
    refreshToken: tokens.refresh_token,
    accessToken: tokens.access_token,
  };
}

/** Asserts that the token endpoint has refused with invalid_grant (RFC 6749 §5.2). */
export async function expectInvalidGrant(answer: Promise<unknown>): Promise<void> {
  await expect(answer).rejects.toMatchObject({ status: 400, error: "invalid_grant" });
}
