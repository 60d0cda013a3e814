// Proves that the tests' authorization server fails on demand as test/support/token-fault.ts promises, and only so.
import * as tls from "node:tls";
import * as oauth from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestAuthority, type TestAuthority } from "../support/authority.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../support/authorization-server.ts";
import type { SignInOptions } from "../support/browser.ts";
import { captureConsole } from "../support/captured-console.ts";
import { discover, expectInvalidGrant, signedIn } from "../support/openid-program.ts";

let authority: TestAuthority;
let server: AuthorizationServer;
let alice: SignInOptions;
let printed: readonly unknown[];

beforeAll(async () => {
  printed = captureConsole();
  authority = await createTestAuthority();
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), authority.certificatePem]);
  alice = { email: "alice@example.test", password: "correct horse", authority };
  server = await startAuthorizationServer({ authority, people: [alice] });
});

afterEach(() => server.setTokenFault({ kind: "none" }));

afterAll(async () => {
  await server.close();
  vi.restoreAllMocks();
  expect(printed).toEqual([]);
});

describe("a fault of the token endpoint", () => {
  it("status: answers what it was told, and rotates nothing", async () => {
    const { config, refreshToken } = await signedIn(server, alice);
    const body = "<h1>Busy</h1>";
    server.setTokenFault({
      kind: "status",
      status: 503,
      body,
      contentType: "text/html",
      retryAfterSeconds: 17,
    });
    const error = await oauth.refreshTokenGrant(config, refreshToken).catch((caught) => caught);
    expect(error.cause).toMatchObject({ status: 503 });
    expect(error.cause.headers.get("retry-after")).toBe("17");
    expect(error.cause.headers.get("content-type")).toContain("text/html");
    server.setTokenFault({ kind: "none" });
    await oauth.refreshTokenGrant(config, refreshToken);
  });

  it("status: a JSON error looks like one of its own", async () => {
    const { config, refreshToken } = await signedIn(server, alice);
    const body = JSON.stringify({ error: "temporarily_unavailable" });
    server.setTokenFault({ kind: "status", status: 429, body, contentType: "application/json" });
    await expect(oauth.refreshTokenGrant(config, refreshToken)).rejects.toMatchObject({
      status: 429,
      error: "temporarily_unavailable",
    });
    server.setTokenFault({ kind: "none" });
  });

  it("hang: never answers, and close does not wait for it", async () => {
    const other = await startAuthorizationServer({ authority, people: [alice] });
    const { config, refreshToken } = await signedIn(other, alice);
    other.setTokenFault({ kind: "hang" });
    const refresh = oauth.refreshTokenGrant(config, refreshToken);
    await vi.waitFor(() => expect(other.tokenRequests("refresh_token")).toBe(1));
    expect(other.requests.at(-1)).toMatchObject({ path: "/token", status: 0 });
    await Promise.all([other.close(), expect(refresh).rejects.toThrow("fetch failed")]);
  });

  it("hang: a program's own deadline ends it, and the next request is answered", async () => {
    const { config, refreshToken } = await signedIn(server, alice);
    config.timeout = 0.3;
    server.setTokenFault({ kind: "hang" });
    await expect(oauth.refreshTokenGrant(config, refreshToken)).rejects.toMatchObject({
      code: "OAUTH_TIMEOUT",
    });
    server.setTokenFault({ kind: "none" });
    config.timeout = 30;
    await oauth.refreshTokenGrant(config, refreshToken);
  });

  it("reset: resets the connection, and rotates nothing", async () => {
    const { config, refreshToken } = await signedIn(server, alice);
    server.setTokenFault({ kind: "reset" });
    await expect(oauth.refreshTokenGrant(config, refreshToken)).rejects.toMatchObject({
      cause: { code: "ECONNRESET" },
    });
    server.setTokenFault({ kind: "none" });
    await oauth.refreshTokenGrant(config, refreshToken);
  });

  it("answer-then-reset: rotates, but the program never sees the whole answer", async () => {
    const { config, refreshToken } = await signedIn(server, alice);
    server.setTokenFault({ kind: "answer-then-reset" });
    await expect(oauth.refreshTokenGrant(config, refreshToken)).rejects.toThrow();
    server.setTokenFault({ kind: "none" });
    await expectInvalidGrant(oauth.refreshTokenGrant(config, refreshToken));
  });

  it("delay: the request is counted at once and carried out when the gate opens", async () => {
    const { config, refreshToken } = await signedIn(server, alice);
    const gate = Promise.withResolvers<void>();
    const before = server.tokenRequests("refresh_token");
    server.setTokenFault({ kind: "delay", gate: gate.promise });
    const refresh = oauth.refreshTokenGrant(config, refreshToken);
    await vi.waitFor(() => expect(server.tokenRequests("refresh_token")).toBe(before + 1));
    expect(server.requests.at(-1)?.status).toBe(0);
    server.setTokenFault({ kind: "none" });
    gate.resolve();
    expect((await refresh).refresh_token).not.toBe(refreshToken);
  });

  it("leaves the other endpoints alone", async () => {
    const { accessToken } = await signedIn(server, alice);
    server.setTokenFault({ kind: "reset" });
    expect(await server.checkToken(accessToken)).toBe(alice.email);
    await discover(server);
    server.setTokenFault({ kind: "none" });
  });
});
