import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/clock/clock.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { createFetch } from "../../../src/network/fetch.ts";
import { parseProxy, type Route } from "../../../src/network/route.ts";
import { createTestAuthority, type IssuedCertificate, type TestAuthority } from "../../support/authority.ts";
import { createFakeClock, settle } from "../../support/fake-clock.ts";
import { type RelayingProxy, readHeaderBlock, startRelayingProxy } from "../../support/relaying-proxy.ts";
import { closedPort, type ScriptedServer, startScriptedServer } from "../../support/scripted-server.ts";
import { trustInThisProcess } from "../../support/trust.ts";

let authority: TestAuthority;
let certificate: IssuedCertificate;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  authority = await createTestAuthority();
  trustInThisProcess(authority);
  certificate = await authority.issue(["localhost"]);
});

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** Answers with what it was asked. */
const echo: RequestListener = async (request, response) => {
  const body: Buffer[] = await request.toArray();
  response.writeHead(200, { "Content-Type": "application/json", "X-Twice": ["a", "b"] });
  response.end(
    JSON.stringify({
      method: request.method,
      type: request.headers["content-type"],
      proxyAuthorization: request.headers["proxy-authorization"],
      body: Buffer.concat(body).toString(),
    }),
  );
};

async function secureServer(listener: RequestListener, issued = certificate): Promise<string> {
  const server: Server = createServer({ key: issued.key, cert: issued.certificate }, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

function opened<S extends ScriptedServer>(server: S): S {
  closing.push(() => server.close());
  return server;
}

const relayingProxy = async (): Promise<RelayingProxy> => opened(await startRelayingProxy());

const routeTo = (port: number, login = ""): Route => {
  const route = parseProxy(`http://${login}127.0.0.1:${port}`);
  if (route === undefined) throw new Error("no address");
  return route;
};

const through = (route: Route) => createFetch(async () => route, systemClock);

async function failureOfFetch(work: Promise<unknown>): Promise<TypeError & { cause: unknown }> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof TypeError)) throw new Error(`not a TypeError: ${inspect(thrown)}`);
  return thrown as TypeError & { cause: unknown };
}

test("a request goes straight where the way is straight, and the way is asked for by host and port", async () => {
  const url = await secureServer(echo);
  const asked: unknown[] = [];
  const fetchStraight = createFetch(async (...target) => {
    asked.push(target);
    return { kind: "direct" };
  }, systemClock);
  expect(await (await fetchStraight(`${url}/token`, { method: "POST", body: "a=b" })).json()).toMatchObject({
    body: "a=b",
  });
  await failureOfFetch(fetchStraight(`https://[::1]:${await closedPort()}/`, {}));
  await failureOfFetch(fetchStraight("https://nowhere.invalid/", {}));
  expect(asked).toEqual([
    ["localhost", Number(new URL(url).port)],
    ["::1", expect.any(Number)],
    ["nowhere.invalid", 443],
  ]);
});

describe("through a proxy", () => {
  test("a request arrives as it is, inside TLS with the server, and the answer is the platform's own", async () => {
    const url = await secureServer(echo);
    const proxy = await relayingProxy();
    const response = await through(routeTo(proxy.port, "me:sesame@"))(`${url}/token`, {
      method: "POST",
      headers: new Headers({ Accept: "application/json" }),
      body: new URLSearchParams({ grant_type: "refresh_token" }),
      redirect: "manual",
    });
    expect(response).toBeInstanceOf(Response);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-twice")).toBe("a, b");
    expect(await response.json()).toEqual({
      method: "POST",
      type: "application/x-www-form-urlencoded;charset=UTF-8",
      body: "grant_type=refresh_token",
    });
    expect(proxy.requests).toHaveLength(1);
    expect(proxy.requests[0]?.[0]).toBe(`CONNECT ${new URL(url).host} HTTP/1.1`);
    expect(proxy.received().toString("latin1")).not.toContain("refresh_token");
  });

  test.each([204, 304, 302, 400, 500])(
    "an answer %d comes as such, and no redirect is followed",
    async (status) => {
      const url = await secureServer((_request, response) => {
        response.writeHead(status, { Location: "https://elsewhere.invalid/" });
        response.end();
      });
      const proxy = await relayingProxy();
      const response = await through(routeTo(proxy.port))(url, { redirect: "manual" });
      expect(response.status).toBe(status);
      expect(await response.text()).toBe("");
    },
  );

  test("two requests share a connection; another password takes another", async () => {
    const url = await secureServer(echo);
    const proxy = await relayingProxy();
    let route = routeTo(proxy.port, "me:first@");
    const fetchThrough = createFetch(async () => route, systemClock);
    await (await fetchThrough(url, {})).text();
    // The connection is free a moment after the answer's end.
    await settle();
    // The same way, told anew.
    route = routeTo(proxy.port, "me:first@");
    await (await fetchThrough(url, {})).text();
    expect(proxy.requests).toHaveLength(1);
    route = routeTo(proxy.port, "me:second@");
    await (await fetchThrough(url, {})).text();
    const credentials = (text: string) =>
      expect.arrayContaining([`Proxy-Authorization: Basic ${Buffer.from(text).toString("base64")}`]);
    expect(proxy.requests).toEqual([credentials("me:first"), credentials("me:second")]);
  });

  test("a compressed answer is unpacked", async () => {
    const { gzipSync } = await import("node:zlib");
    const url = await secureServer((_request, response) => {
      response.writeHead(200, { "Content-Encoding": "gzip" });
      response.end(gzipSync("unpacked"));
    });
    const proxy = await relayingProxy();
    expect(await (await through(routeTo(proxy.port))(url, {})).text()).toBe("unpacked");
  });

  test("a request that is given up ends as fetch's does", async () => {
    const url = await secureServer(() => {});
    const proxy = await relayingProxy();
    const controller = new AbortController();
    const fetching = through(routeTo(proxy.port))(url, { signal: controller.signal });
    await proxy.connected(1);
    controller.abort(new DOMException("over", "TimeoutError"));
    await expect(fetching).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

describe("what fails on the way is the cause of a TypeError", () => {
  async function proxyThatAnswers(answer: string): Promise<ScriptedServer> {
    return opened(
      await startScriptedServer({
        async script(connection) {
          await readHeaderBlock(connection);
          await connection.write(answer);
        },
      }),
    );
  }

  test("the proxy's refusal, as a failure of the catalogue without the password", async () => {
    const proxy = await proxyThatAnswers("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const thrown = await failureOfFetch(
      through(routeTo(proxy.port, "me:sesame@"))("https://login.example.com/token", {
        method: "POST",
        body: "x",
      }),
    );
    expect(thrown.cause).toBeInstanceOf(PosternError);
    expect(thrown.cause).toMatchObject({ code: "proxy-refused" });
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toMatch(/sesame|bWU6c2VzYW1l/);
  });

  test("a proxy that is not there", async () => {
    const thrown = await failureOfFetch(
      through(routeTo(await closedPort()))("https://login.example.com/token", {}),
    );
    expect(thrown.cause).toMatchObject({ name: "PosternError", code: "proxy-unreachable" });
  });

  test("a way that could not be chosen", async () => {
    const refusing = createFetch(() => Promise.reject(new PosternError("proxy-invalid")), systemClock);
    const thrown = await failureOfFetch(refusing("https://login.example.com/", {}));
    expect(thrown.cause).toMatchObject({ name: "PosternError", code: "proxy-invalid" });
  });

  test("a server that the proxy cannot reach is the server's failure", async () => {
    const proxy = await proxyThatAnswers("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const thrown = await failureOfFetch(through(routeTo(proxy.port))("https://login.example.com/", {}));
    expect(thrown.cause).not.toBeInstanceOf(PosternError);
    expect(thrown.cause).toMatchObject({ code: "EHOSTUNREACH" });
  });

  test("a server that nobody vouches for, as straight", async () => {
    const stranger = await createTestAuthority();
    const url = await secureServer(echo, await stranger.issue(["localhost"]));
    const proxy = await relayingProxy();
    const straight = await failureOfFetch(through({ kind: "direct" })(url, {}));
    const tunnelled = await failureOfFetch(through(routeTo(proxy.port))(url, {}));
    expect(tunnelled.cause).toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    expect(straight.cause).toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    await proxy.connections[0]?.closed;
  });

  test("a server with another name", async () => {
    const url = await secureServer(echo, await authority.issue(["other.example"]));
    const proxy = await relayingProxy();
    const thrown = await failureOfFetch(through(routeTo(proxy.port))(url, {}));
    expect(thrown.cause).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  test("a server that never ends the handshake, after ten seconds", async () => {
    let begun = (): void => {};
    const handshake = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const server = opened(
      await startScriptedServer({
        async script(connection) {
          await connection.readOctets(1);
          begun();
          for await (const _octets of connection.chunks());
        },
      }),
    );
    const proxy = await relayingProxy();
    const clock = createFakeClock();
    const fetching = failureOfFetch(
      createFetch(async () => routeTo(proxy.port), clock)(`https://localhost:${server.port}/`, {}),
    );
    await handshake;
    await clock.advance(10_000);
    expect((await fetching).cause).toMatchObject({ code: "ETIMEDOUT" });
    await proxy.connections[0]?.closed;
  });
});
