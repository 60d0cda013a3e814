import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import {
  isLoopbackRedirect,
  openRedirectListener,
  type RedirectListener,
} from "../../../../src/oauth/client/redirect-listener.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { request } from "../../../support/request.ts";

const open = (registered: string, port?: number): Promise<RedirectListener> =>
  openRedirectListener({ registered, port, state: "the-state" });

/** Somebody else on a port of one address; closes with the test's end. */
async function occupy(address: string, port: number): Promise<{ port: number; free(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: address, port, exclusive: true }, resolve));
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    free: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe("the redirect listener", () => {
  test.each([
    ["http://127.0.0.1/callback", ["127.0.0.1"]],
    ["http://[::1]/callback", ["[::1]"]],
    ["http://localhost/callback", ["127.0.0.1", "[::1]"]],
  ])("at %s is reached at %j with the registered name", async (registered, addresses) => {
    for (const address of addresses) {
      const listener = await open(registered);
      const uri = new URL(listener.redirectUri);
      expect(listener.redirectUri).toMatch(/^http:\/\/[^/]+:\d+\/callback$/);
      expect(uri.hostname).toBe(new URL(registered).hostname);
      const visit = request(`http://${address}:${uri.port}/callback?state=the-state&code=c`, {
        headers: { host: uri.host },
      });
      expect((await listener.response).searchParams.get("code")).toBe("c");
      listener.answer({ kind: "kept" });
      expect((await visit).status).toBe(200);
      listener.close();
    }
  });

  test("takes the port that a person names, or that is registered", async () => {
    const { port, free } = await occupy("127.0.0.1", 0);
    await free();
    const named = await open("http://127.0.0.1/callback", port);
    expect(named.redirectUri).toBe(`http://127.0.0.1:${port}/callback`);
    named.close();
    const registered = await open(`http://127.0.0.1:${port}/callback`);
    expect(registered.redirectUri).toBe(`http://127.0.0.1:${port}/callback`);
    registered.close();
  });

  test.each([
    ["http://127.0.0.1/callback", "127.0.0.1"],
    ["http://localhost/callback", "127.0.0.1"],
    // Half a name in somebody else's hands is a trap for the code (RFC 8252 §7.3).
    ["http://localhost/callback", "::1"],
  ])("at %s is refused where another program has the port on %s", async (registered, address) => {
    const taken = await occupy(address, 0);
    const failure = await failureOf(open(registered, taken.port));
    expect(failure.code).toBe("redirect-port-taken");
    expect(failure.detail).toContain(String(taken.port));
    await taken.free();
    (await open(registered, taken.port)).close();
  });

  test("says in the browser that a question is left when somebody else signed in", async () => {
    const listener = await open("http://127.0.0.1/callback");
    const visit = request(`${listener.redirectUri}?state=the-state&code=c`);
    await listener.response;
    listener.answer({ kind: "asked", identity: "mallory@example.com" });
    const { status, body } = await visit;
    expect(status).toBe(200);
    expect(body).toContain("One question is left");
    expect(body).not.toContain("mallory");
    listener.close();
  });

  test("is for addresses of this machine only", () => {
    expect(isLoopbackRedirect("http://localhost/callback")).toBe(true);
    expect(isLoopbackRedirect("http://[::1]:8400/callback")).toBe(true);
    for (const other of [
      "https://127.0.0.1/callback",
      "https://oauth.yandex.ru/verification_code",
      "http://192.168.0.1/callback",
    ]) {
      expect(isLoopbackRedirect(other), other).toBe(false);
    }
  });
});
