// A real authorization server (oidc-provider) over HTTPS on 127.0.0.1 under the name localhost, all of it in memory.
// Invariant: its state outlives pause and resume; it prints nothing and records no secret.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type Provider from "oidc-provider";
import type { TestAuthority } from "./authority.ts";
import {
  createProvider,
  INTROSPECTION_CLIENT_ID,
  type Person,
  subjectOf,
} from "./authorization-server-provider.ts";
import { createAuthorizationServerStorage } from "./authorization-server-storage.ts";
import { request } from "./request.ts";
import { createTokenFaults, isTokenRequest, type TokenFault } from "./token-fault.ts";

export type { TokenFault } from "./token-fault.ts";

/** A native program without a secret (RFC 8252): token_endpoint_auth_method none. */
export const PUBLIC_CLIENT_ID = "postern-public";
/** A native program that authenticates with client_secret_post. PKCE with S256 is required of both. */
export const CONFIDENTIAL_CLIENT_ID = "postern-secret";
export const CONFIDENTIAL_CLIENT_SECRET = "a-test-secret-that-opens-nothing";

export interface AuthorizationServer {
  /** https://localhost:PORT */
  readonly issuer: string;
  /** Every request that reached it, newest last. No secrets. */
  readonly requests: readonly RecordedRequest[];
  /** How many POSTs reached the token endpoint, optionally of one grant type; those that met a fault count too. */
  tokenRequests(grantType?: "authorization_code" | "refresh_token"): number;
  /** Until called again with "none": what the token endpoint does instead of answering. */
  setTokenFault(fault: TokenFault): void;
  /** Revokes the grants of a person (as if they had removed the app in their account page). */
  revokeGrantsOf(email: string): Promise<void>;
  /** As an introspecting resource server would ask (over HTTPS): the address the token is for, or undefined if not active. */
  checkToken(accessToken: string): Promise<string | undefined>;
  /** For Dovecot: https://ID:SECRET@localhost:PORT/token/introspection */
  readonly introspectionUrl: string;
  /** Stops listening and drops all connections: a dead authorization server. */
  pause(): Promise<void>;
  /** Listens on the same port again with the same state. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Only for POST /token. */
  readonly grantType?: string;
  /** 0 while there is no answer, and for ever if the connection ended before one was complete. */
  readonly status: number;
}

export interface AuthorizationServerOptions {
  readonly authority: TestAuthority;
  readonly people: readonly Person[];
  /** Lifetime of access tokens; 3600 unless told otherwise. */
  readonly accessTokenSeconds?: number;
  /** True unless told otherwise; using a rotated refresh token again revokes the whole grant. */
  readonly rotateRefreshTokens?: boolean;
  readonly port?: number;
}

export async function startAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const { key, certificate } = await options.authority.issue(["localhost", "127.0.0.1"]);
  // With the authority's own behind it: a browser knows the authority by its key alone (chromium.ts).
  const chain = `${certificate}\n${options.authority.certificatePem}`;
  const introspectionSecret = randomBytes(16).toString("hex");
  const storage = createAuthorizationServerStorage();
  const requests: { -readonly [Name in keyof RecordedRequest]: RecordedRequest[Name] }[] = [];
  const connections = new Set<Socket>();
  let fault: TokenFault = { kind: "none" };
  let server: https.Server | undefined;
  // A program may come back to a known port before the provider, which needs to know its port, exists.
  const handler = Promise.withResolvers<ReturnType<Provider["callback"]>>();

  async function listen(port: number): Promise<number> {
    const listening = https.createServer({ key, cert: chain }, (incoming, response) => {
      // Rejects only for a program that went away while it was still sending: nobody is left to be answered.
      serve(incoming, response).catch(() => incoming.destroy());
    });
    listening.on("connection", (connection: Socket) => {
      connections.add(connection);
      connection.once("close", () => connections.delete(connection));
    });
    listening.listen(port, "127.0.0.1");
    await once(listening, "listening");
    server = listening;
    return (listening.address() as AddressInfo).port;
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    await record(incoming, response);
    const handle = await handler.promise;
    await handle(incoming, response);
  }

  async function record(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = incoming.method ?? "";
    const path = new URL(incoming.url ?? "/", "https://localhost").pathname;
    const entry: (typeof requests)[number] = { method, path, status: 0 };
    response.once("finish", () => {
      entry.status = response.statusCode;
    });
    if (isTokenRequest(method, path)) {
      const grantType = new URLSearchParams(await peekBody(incoming)).get("grant_type");
      if (grantType !== null) entry.grantType = grantType;
    }
    requests.push(entry);
  }

  /** A TLS socket cannot send RST; the TCP connection below it can, and has the same remote port. */
  function reset(socket: Socket): void {
    for (const connection of connections) {
      if (connection.remotePort === socket.remotePort) connection.resetAndDestroy();
    }
  }

  async function pause(): Promise<void> {
    if (server === undefined) return;
    const closing = server;
    server = undefined;
    const closed = once(closing, "close");
    closing.close();
    for (const connection of connections) connection.destroy();
    await closed;
  }

  const port = await listen(options.port ?? 0);
  const issuer = `https://localhost:${port}`;
  const introspectionUrl = `https://${INTROSPECTION_CLIENT_ID}:${introspectionSecret}@localhost:${port}/token/introspection`;
  const provider = await createProvider({
    issuer,
    people: options.people,
    nativeClients: [
      { clientId: PUBLIC_CLIENT_ID },
      { clientId: CONFIDENTIAL_CLIENT_ID, clientSecret: CONFIDENTIAL_CLIENT_SECRET },
    ],
    accessTokenSeconds: options.accessTokenSeconds ?? 3600,
    rotateRefreshTokens: options.rotateRefreshTokens ?? true,
    introspectionSecret,
    storage,
  });
  provider.use(createTokenFaults(() => fault, reset));
  handler.resolve(provider.callback());

  return {
    issuer,
    requests,
    introspectionUrl,
    tokenRequests: (grantType) =>
      requests.filter(
        (entry) =>
          isTokenRequest(entry.method, entry.path) &&
          (grantType === undefined || entry.grantType === grantType),
      ).length,
    setTokenFault(next) {
      fault = next;
    },
    revokeGrantsOf: (email) => storage.revokeGrantsOfAccount(subjectOf(email)),
    async checkToken(accessToken) {
      const answer = await request(introspectionUrl, {
        form: new URLSearchParams({ token: accessToken }),
        authorityPem: options.authority.certificatePem,
      });
      const body: { active: boolean; email?: string } = JSON.parse(answer.body);
      return body.active ? body.email : undefined;
    },
    pause,
    async resume() {
      if (server === undefined) await listen(port);
    },
    close: pause,
  };
}

/** Reads a request's body and puts it back, so that oidc-provider can read it as if nobody had. */
async function peekBody(incoming: IncomingMessage): Promise<string> {
  const length = Number(incoming.headers["content-length"] ?? 0);
  if (length === 0) return "";
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    received += chunk.length;
    // Stopping here, before the end is announced, is what makes putting it back possible.
    if (received >= length) break;
  }
  const body = Buffer.concat(chunks);
  incoming.unshift(body);
  return body.toString();
}
