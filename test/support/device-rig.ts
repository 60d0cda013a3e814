// A device authorization (RFC 8628) against an https server that does what a test's script says, on a clock that the test
// moves. Invariant: nothing is asked or answered while the clock stands and `pass` has returned.
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { PosternError } from "../../src/errors/postern-error.ts";
import {
  type AuthorizationServers,
  createAuthorizationServers,
} from "../../src/oauth/client/authorization-server.ts";
import type { Fetch } from "../../src/oauth/client/bounded-fetch.ts";
import {
  type DeviceAuthorizationAttempt,
  type DeviceAuthorizationRequest,
  startDeviceAuthorization,
} from "../../src/oauth/client/device-authorization-grant.ts";
import type { Acceptance, IssuedTokens, OAuthClientSettings } from "../../src/oauth/client/settings.ts";
import type { TestAuthority } from "./authority.ts";
import { createFakeClock, type FakeClock, settle } from "./fake-clock.ts";

export type Json = Readonly<Record<string, unknown>>;

/** What the token endpoint does with one request. */
export type Reply =
  | {
      readonly status: number;
      readonly body: Json | string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly gate: Promise<void>; readonly reply: Reply }
  | "reset"
  | "hang";

export const DEVICE_CODE = "device-code-that-nobody-may-see";
export const PENDING: Reply = { status: 400, body: { error: "authorization_pending" } };
export const SLOW_DOWN: Reply = { status: 400, body: { error: "slow_down" } };
export const TOKENS: Json = {
  access_token: "access-1",
  token_type: "Bearer",
  expires_in: 3600,
  refresh_token: "refresh-1",
  scope: "mail",
};
export const ISSUED: Reply = { status: 200, body: TOKENS };

export interface DeviceServer {
  /** https://localhost:PORT */
  readonly issuer: string;
  /** What is served; tests may change it. */
  metadata: Json;
  /** The device authorization response. */
  device: Json;
  /** What the token endpoint does with the next requests; after them it is pending. */
  replies: Reply[];
  /** What was posted. */
  readonly forms: { readonly path: string; readonly form: URLSearchParams }[];
  /** Forgets what the last test did. */
  reset(): void;
  close(): void;
}

export async function startDeviceServer(authority: TestAuthority): Promise<DeviceServer> {
  const { key, certificate } = await authority.issue(["localhost"]);
  const listening = createServer(
    { key, cert: certificate },
    (request, response) => void serve(request, response),
  );
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const issuer = `https://localhost:${(listening.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const send = (
      status: number,
      body: Json | string,
      headers: Readonly<Record<string, string>> = {},
    ): void => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    const answer = async (reply: Reply): Promise<void> => {
      if (reply === "hang") return;
      if (reply === "reset") request.socket.destroy();
      else if ("gate" in reply) {
        await reply.gate;
        await answer(reply.reply);
      } else send(reply.status, reply.body, reply.headers);
    };
    if (path === "/.well-known/openid-configuration") return send(200, server.metadata);
    server.forms.push({ path, form: new URLSearchParams(await text(request)) });
    if (path === "/device_authorization") send(200, server.device);
    else await answer(server.replies.shift() ?? PENDING);
  }

  const usual = () => ({
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      device_authorization_endpoint: `${issuer}/device_authorization`,
    },
    device: {
      device_code: DEVICE_CODE,
      user_code: "WDJB-MJHT",
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=WDJB-MJHT`,
      expires_in: 900,
    },
    replies: [],
  });
  const server: DeviceServer = {
    issuer,
    ...usual(),
    forms: [],
    reset() {
      Object.assign(server, usual());
      server.forms.length = 0;
    },
    close() {
      listening.closeAllConnections();
      listening.close();
    },
  };
  return server;
}

export interface DeviceRig {
  readonly clock: FakeClock;
  readonly servers: AuthorizationServers;
  /** Seconds since the start at which the token endpoint was asked. */
  readonly asked: readonly number[];
  readonly accepted: readonly IssuedTokens[];
  /** How many posts have been answered. */
  answered(): number;
  readonly request: DeviceAuthorizationRequest;
  /** Lets whole seconds pass; after each, what was asked is answered. */
  pass(seconds: number): Promise<void>;
}

/** @param changes to the request, and to its settings */
export function createDeviceRig(
  issuer: string,
  changes: Partial<DeviceAuthorizationRequest> = {},
  settings: Partial<OAuthClientSettings> = {},
): DeviceRig {
  // openid-client looks at the machine's own clock.
  const clock = createFakeClock(Date.now());
  const start = clock.monotonic();
  const asked: number[] = [];
  const accepted: IssuedTokens[] = [];
  let inFlight = 0;
  let answered = 0;
  const fetch: Fetch = async (url, options) => {
    if (new URL(url).pathname === "/token") asked.push((clock.monotonic() - start) / 1000);
    inFlight += 1;
    try {
      const response = await globalThis.fetch(url, options);
      const copy = new Response(await response.arrayBuffer(), response);
      if (options.method === "POST") answered += 1;
      return copy;
    } finally {
      inFlight -= 1;
    }
  };
  const servers = createAuthorizationServers(clock, fetch);
  return {
    clock,
    servers,
    asked,
    accepted,
    answered: () => answered,
    request: {
      servers,
      clock,
      settings: {
        issuer,
        endpoints: undefined,
        clientId: "postern",
        clientSecret: undefined,
        scope: "openid mail offline_access",
        redirectUri: "http://127.0.0.1/callback",
        ...settings,
      },
      accept: async (tokens) => {
        accepted.push(tokens);
        return { kind: "kept" };
      },
      ...changes,
    },
    async pass(seconds) {
      for (let second = 0; second < seconds; second += 1) {
        await clock.advance(1000);
        while (inFlight > 0) await settle();
        await settle();
      }
    },
  };
}

/** How it ended: the acceptance's kind, or the failure. */
export function endOf(attempt: DeviceAuthorizationAttempt): Promise<Acceptance["kind"] | PosternError> {
  return attempt.completed.then(
    ({ kind }) => kind,
    (thrown: unknown) => {
      if (thrown instanceof PosternError) return thrown;
      throw thrown;
    },
  );
}

/** The same, a failure by its code. */
export async function wordFor(attempt: DeviceAuthorizationAttempt): Promise<string> {
  const end = await endOf(attempt);
  return end instanceof PosternError ? end.code : end;
}

/** Starts, lets `seconds` pass, and says how it ended. */
export async function wordAfter(seconds: number, rig: DeviceRig): Promise<string> {
  const word = wordFor(await startDeviceAuthorization(rig.request));
  await rig.pass(seconds);
  return await word;
}
