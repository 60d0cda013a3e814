// A sign-in by authorization code at a hostile authorization server, with a browser that comes back with anything.
// Invariant: what is called a failure has stored nothing, and tells neither code nor client secret.
import { expect } from "vitest";
import { systemClock } from "../../src/clock/clock.ts";
import type { PosternError } from "../../src/errors/postern-error.ts";
import { startAuthorization } from "../../src/oauth/client/authorization-code-grant.ts";
import {
  type AuthorizationServers,
  createAuthorizationServers,
} from "../../src/oauth/client/authorization-server.ts";
import type { Acceptance, IssuedTokens, OAuthClientSettings } from "../../src/oauth/client/settings.ts";
import { clientSecret } from "../../src/secret/secret.ts";
import { failureOf } from "./failure-of.ts";
import type { HostileAuthorizationServer } from "./hostile-authorization-server.ts";
import { settingsAt } from "./hostile-fetch.ts";

export const OPENID_PATH = "/.well-known/openid-configuration";
export const CODE = "the-authorization-code";
export const SECRET = "the-client-secret-of-this-app";

/** Metadata of a server that is as it should be, with changes. */
export function metadataOf({ origin }: HostileAuthorizationServer, changes: object = {}): object {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/jwks`,
    ...changes,
  };
}

/** Everything is found at the server itself, and an id_token is asked for. */
export function openIdSettings(
  { origin }: HostileAuthorizationServer,
  changes: Partial<OAuthClientSettings> = {},
): OAuthClientSettings {
  return settingsAt(origin, {
    issuer: origin,
    endpoints: undefined,
    clientSecret: clientSecret(SECRET),
    scope: "openid email offline_access",
    redirectUri: "http://127.0.0.1/callback",
    ...changes,
  });
}

export const overTheNetwork = (): AuthorizationServers =>
  createAuthorizationServers(systemClock, (url, options) => fetch(url, options));

export interface HostileSignIn {
  readonly settings: OAuthClientSettings;
  /** What the browser comes back with, but for `state`. */
  readonly redirect?: Readonly<Record<string, string>>;
  /** What happens before the browser comes back, once the request's nonce is known. */
  prepare?(nonce: string): void;
}

export interface Attempted {
  readonly accepted: readonly IssuedTokens[];
  readonly completed: Promise<Acceptance>;
  readonly redirectUri: string;
}

export async function signIn({
  settings,
  redirect = { code: CODE },
  prepare,
}: HostileSignIn): Promise<Attempted> {
  const accepted: IssuedTokens[] = [];
  const { authorizationUrl, redirectUri, completed } = await startAuthorization({
    servers: overTheNetwork(),
    settings,
    loginHint: "alice@example.test",
    clock: systemClock,
    async accept(tokens) {
      accepted.push(tokens);
      return { kind: "kept" };
    },
  });
  completed.catch(() => {});
  const request = new URL(authorizationUrl).searchParams;
  prepare?.(request.get("nonce") ?? "");
  const back = new URL(redirectUri);
  back.search = new URLSearchParams({ ...redirect, state: request.get("state") ?? "" }).toString();
  const page = await fetch(back);
  expect(await page.text()).not.toContain(CODE);
  return { accepted, completed, redirectUri };
}

export async function failureOfSignIn(hostile: HostileSignIn): Promise<PosternError> {
  const { accepted, completed } = await signIn(hostile);
  const error = await failureOf(completed);
  expect(accepted).toEqual([]);
  const told = JSON.stringify([error.message, error.action, error.letter]);
  for (const secret of [CODE, SECRET]) expect(told).not.toContain(secret);
  return error;
}

/** As a token endpoint: answers what is right but for these changes. */
export function tokensWith(changes: object): object {
  return { access_token: "AT1", token_type: "Bearer", expires_in: 3600, refresh_token: "RT1", ...changes };
}
