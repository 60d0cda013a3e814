// oidc-provider configured for tests: who may sign in, which programs may ask, how long tokens live.
// Invariant: every setting that oidc-provider would announce as a development default is set here, so it prints nothing.
import { generateKeyPair, type JsonWebKey, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import Provider, { type ClientMetadata, type Configuration } from "oidc-provider";
import { createInteractionPages, escapeHtml, page } from "./authorization-server-pages.ts";
import type { AuthorizationServerStorage } from "./authorization-server-storage.ts";

/** The mail server's own client: may only introspect (RFC 7662), with client_secret_basic. */
export const INTROSPECTION_CLIENT_ID = "mail-server";

export interface Person {
  readonly email: string;
  readonly password: string;
}

/** A native program (RFC 8252): with a secret it authenticates with client_secret_post, without one it does not. */
export interface NativeClient {
  readonly clientId: string;
  readonly clientSecret?: string;
}

export interface ProviderOptions {
  readonly issuer: string;
  readonly people: readonly Person[];
  readonly nativeClients: readonly NativeClient[];
  readonly accessTokenSeconds: number;
  readonly rotateRefreshTokens: boolean;
  readonly introspectionSecret: string;
  readonly storage: AuthorizationServerStorage;
}

const DAY_IN_SECONDS = 24 * 60 * 60;

/** The `sub` of a person: stable and, on purpose, not the address. */
export function subjectOf(email: string): string {
  return `subject-${Buffer.from(email).toString("hex")}`;
}

export async function createProvider(options: ProviderOptions): Promise<Provider> {
  const provider = new Provider(options.issuer, await configuration(options));
  provider.use(
    createInteractionPages(provider, (email, password) => {
      const person = options.people.find((candidate) => candidate.email === email);
      return person?.password === password ? subjectOf(email) : undefined;
    }),
  );
  // A mail server checks for the scope "mail" whatever the program called its permission.
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === "/token/introspection" && isActive(ctx.body)) {
      ctx.body.scope = [...new Set([...(ctx.body.scope?.split(" ") ?? []), "mail"])].join(" ");
    }
  });
  return provider;
}

function isActive(body: unknown): body is { active: true; scope?: string } {
  return typeof body === "object" && body !== null && "active" in body && body.active === true;
}

async function configuration(options: ProviderOptions): Promise<Configuration> {
  const emailOf = new Map(options.people.map((person) => [subjectOf(person.email), person.email]));
  return {
    adapter: (model) => options.storage.adapterFor(model),
    clients: [
      ...options.nativeClients.map(clientMetadata),
      introspectionClientMetadata(options.introspectionSecret),
    ],
    scopes: ["openid", "email", "profile", "offline_access", "mail"],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    // Otherwise the address would only be at the userinfo endpoint (OIDC Core §5.4).
    conformIdTokenClaims: false,
    findAccount: (_ctx, subject) => {
      const email = emailOf.get(subject);
      if (email === undefined) return undefined;
      return {
        accountId: subject,
        claims: () => ({ sub: subject, email, email_verified: true, name: email }),
      };
    },
    extraTokenClaims: (_ctx, token) => {
      const email = "accountId" in token ? emailOf.get(token.accountId) : undefined;
      return email === undefined ? undefined : { email };
    },
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed("refresh_token") && source.scopes.has("offline_access"),
    rotateRefreshToken: options.rotateRefreshTokens,
    pkce: { required: () => true },
    jwks: { keys: [await createSigningKey()] },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    clientBasedCORS: () => false,
    ttl: {
      AccessToken: options.accessTokenSeconds,
      AuthorizationCode: 60,
      DeviceCode: 600,
      Grant: 90 * DAY_IN_SECONDS,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 90 * DAY_IN_SECONDS,
      Session: DAY_IN_SECONDS,
    },
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = page("Refused", `<p>${escapeHtml(`${out.error}: ${out.error_description ?? ""}`)}</p>`);
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
      registration: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client) => client.clientId === INTROSPECTION_CLIENT_ID,
      },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (ctx, form, _out, error) => {
          const alert = error === undefined ? "" : `<p role="alert">${escapeHtml(error.message)}</p>`;
          ctx.body = page(
            "Enter the code",
            `${alert}${form}<button form="op.deviceInputForm">Continue</button>`,
          );
        },
        userCodeConfirmSource: (ctx, form, client, _deviceInfo, userCode) => {
          ctx.body = page(
            "Is this the code?",
            `<p>${escapeHtml(client.clientId)}: <code>${escapeHtml(userCode)}</code></p>${form}
            <button form="op.deviceConfirmForm">Continue</button>
            <button form="op.deviceConfirmForm" name="abort" value="yes">Cancel</button>`,
          );
        },
        successSource: (ctx) => {
          ctx.body = page("Signed in", "<p>You can close this page.</p>");
        },
      },
    },
  };
}

function clientMetadata({ clientId, clientSecret }: NativeClient): ClientMetadata {
  return {
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    token_endpoint_auth_method: clientSecret === undefined ? "none" : "client_secret_post",
    application_type: "native",
    // oidc-provider lets native programs use any port of these (RFC 8252 §7.3).
    redirect_uris: ["127.0.0.1", "[::1]", "localhost"].flatMap((host) => [
      `http://${host}/callback`,
      `http://${host}/other`,
    ]),
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
  };
}

function introspectionClientMetadata(clientSecret: string): ClientMetadata {
  return {
    client_id: INTROSPECTION_CLIENT_ID,
    client_secret: clientSecret,
    token_endpoint_auth_method: "client_secret_basic",
    redirect_uris: [],
    response_types: [],
    grant_types: [],
  };
}

/** RS256, since that is what a client expects of an id_token when nothing else was agreed (OIDC Core §2). */
async function createSigningKey(): Promise<JsonWebKey> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: "test-rs256", alg: "RS256", use: "sig" };
}
