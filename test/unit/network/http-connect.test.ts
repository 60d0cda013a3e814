import { once } from "node:events";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/clock/clock.ts";
import { type ConnectProxy, parseProxy, type Route } from "../../../src/network/route.ts";
import { openTcp } from "../../../src/network/tunnel.ts";
import { createTestAuthority } from "../../support/authority.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { readHeaderBlock, startRelayingProxy } from "../../support/relaying-proxy.ts";
import {
  closedPort,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from "../../support/scripted-server.ts";
import { trustInThisProcess } from "../../support/trust.ts";

const TARGET = { host: "imap.example.com", port: 993 };
const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function proxyThat(script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer({ script });
  servers.push(server);
  return server;
}

/** Reads the request, says `answer`, and leaves the connection open for what may come. */
function proxyThatAnswers(answer: string): Promise<ScriptedServer> {
  return proxyThat(async (connection) => {
    await readHeaderBlock(connection);
    await connection.write(answer);
    for await (const _octets of connection.chunks());
  });
}

function through(proxy: { readonly port: number }, login: Partial<ConnectProxy> = {}): Route {
  return { kind: "connect", tls: false, host: "127.0.0.1", port: proxy.port, ...login };
}

const withLogin = (text: string): Partial<ConnectProxy> => {
  const { user, password } = parseProxy(`http://${text}@proxy`) ?? {};
  return { user, password };
};

describe("a tunnel by CONNECT", () => {
  test("is asked for by host name and port, and nothing else is told", async () => {
    const proxy = await proxyThatAnswers("HTTP/1.1 200 OK\r\n\r\n");
    const socket = await openTcp(TARGET, through(proxy), systemClock);
    expect(proxy.received().toString()).toBe(
      "CONNECT imap.example.com:993 HTTP/1.1\r\nHost: imap.example.com:993\r\n\r\n",
    );
    socket.destroy();
  });

  test("has an IPv6 target in brackets", async () => {
    const proxy = await proxyThatAnswers("HTTP/1.1 200 OK\r\n\r\n");
    const socket = await openTcp({ host: "2001:db8::1", port: 25 }, through(proxy), systemClock);
    expect(proxy.received().toString()).toBe(
      "CONNECT [2001:db8::1]:25 HTTP/1.1\r\nHost: [2001:db8::1]:25\r\n\r\n",
    );
    socket.destroy();
  });

  test("sends user and password as Basic credentials, in UTF-8", async () => {
    const proxy = await proxyThatAnswers("HTTP/1.1 200 OK\r\n\r\n");
    const login = withLogin("me:p%C3%A4ss:word");
    const socket = await openTcp(TARGET, through(proxy, login), systemClock);
    const [, credentials = ""] =
      /\r\nProxy-Authorization: Basic (\S+)\r\n/.exec(proxy.received().toString()) ?? [];
    expect(Buffer.from(credentials, "base64").toString()).toBe("me:päss:word");
    socket.destroy();
  });

  test.each([
    ["HTTP/1.0", "HTTP/1.0 200 Connection established\r\nProxy-agent: old/1.0\r\n\r\n"],
    ["no reason phrase", "HTTP/1.1 200\r\n\r\n"],
    ["another 2xx", "HTTP/1.1 299 fine\r\n\r\n"],
    ["a length, which does not count here", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"],
    [
      "interim answers first",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ],
    ["bare line feeds", "HTTP/1.1 200 OK\nA: b\n\n"],
  ])("opens with %s, and what lies right behind the answer is the server's", async (_name, answer) => {
    const proxy = await proxyThatAnswers(`${answer}* OK ready\r\n`);
    const socket = await openTcp(TARGET, through(proxy), systemClock);
    expect(socket.read()?.toString()).toBe("* OK ready\r\n");
    socket.destroy();
  });

  test("loses nothing when the server has spoken and left before anybody listened", async () => {
    const proxy = await proxyThat(async (connection) => {
      await readHeaderBlock(connection);
      connection.end("HTTP/1.1 200 OK\r\n\r\n* BYE busy\r\n");
    });
    const socket = await openTcp(TARGET, through(proxy), systemClock);
    const chunks: Buffer[] = await socket.toArray();
    expect(Buffer.concat(chunks).toString()).toBe("* BYE busy\r\n");
  });

  test("opens when the answer comes octet by octet", async () => {
    const proxy = await proxyThat(async (connection) => {
      await readHeaderBlock(connection);
      for (const octet of "HTTP/1.1 200 OK\r\nA: b\r\n\r\n220 hi\r\n") {
        await connection.write(octet);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const socket = await openTcp(TARGET, through(proxy), systemClock);
    const chunks: Buffer[] = await socket.toArray();
    expect(Buffer.concat(chunks).toString()).toBe("220 hi\r\n");
  });

  test("carries each direction to its own end", async () => {
    const server = await startScriptedServer({
      async script(connection) {
        const request = [];
        for await (const octets of connection.chunks()) request.push(octets);
        // The other direction has ended; this one goes on.
        await connection.write(`got ${Buffer.concat(request)}`);
      },
    });
    const proxy = await startRelayingProxy();
    servers.push(server, proxy);
    const socket = await openTcp({ host: "127.0.0.1", port: server.port }, through(proxy), systemClock);
    socket.end("everything");
    const chunks: Buffer[] = await socket.toArray();
    expect(Buffer.concat(chunks).toString()).toBe("got everything");
  });
});

describe("a proxy that does not open the tunnel", () => {
  test.each([
    [400, "proxy-refused"],
    [401, "proxy-refused"],
    [403, "proxy-refused"],
    [405, "proxy-refused"],
    [407, "proxy-refused"],
    [302, "proxy-refused"],
    [511, "proxy-refused"],
    [408, "proxy-unreachable"],
    [429, "proxy-unreachable"],
    [500, "upstream-unreachable"],
    [502, "upstream-unreachable"],
    [503, "upstream-unreachable"],
    [504, "upstream-unreachable"],
  ])("and answers %d is %s", async (status, code) => {
    const proxy = await proxyThatAnswers(`HTTP/1.1 ${status} Words of theirs\r\nContent-Length: 0\r\n\r\n`);
    const failure = await failureOf(openTcp(TARGET, through(proxy), systemClock));
    expect(failure.code).toBe(code);
    expect(failure.detail).toMatch(
      new RegExp(`imap.example.com:993: the proxy 127.0.0.1:\\d+ answered ${status}`),
    );
    expect(failure.message).not.toContain("Words");
  });

  test("and wants a password says so; one that was wrong is not repeated", async () => {
    const proxy = await proxyThatAnswers("HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=x\r\n\r\n");
    const without = await failureOf(openTcp(TARGET, through(proxy), systemClock));
    expect(without.detail).toContain("it wants a user and a password");
    expect(without.action).toContain("postern settings set proxy-password FILE");
    const wrong = await failureOf(openTcp(TARGET, through(proxy, withLogin("me:sesame")), systemClock));
    expect(wrong.detail).toContain("it does not accept this user and password");
    expect(inspect(wrong, { depth: 9, showHidden: true })).not.toMatch(/sesame|bWU6c2VzYW1l/);
  });

  test.each([
    ["a mail server", "220 mail.example.com ESMTP\r\n"],
    ["nonsense", "\u0000\u0001\u0002\n"],
    ["a later HTTP", "HTTP/2 200\r\n\r\n"],
    ["a status that is none", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["an endless line", "x".repeat(20_000)],
    ["endless header fields", `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(5000)}`],
    ["endless interim answers", "HTTP/1.1 100 Continue\r\n\r\n".repeat(2000)],
  ])("but is %s is told from one", async (_name, answer) => {
    const proxy = await proxyThatAnswers(answer);
    const failure = await failureOf(openTcp(TARGET, through(proxy), systemClock));
    expect(failure.code).toBe("proxy-invalid");
    await proxy.connections[0]?.closed;
  });

  test.each([
    ["at once", async () => {}],
    [
      "in the middle of its answer",
      async (connection) => {
        await readHeaderBlock(connection);
        await connection.write("HTTP/1.1 200 O");
      },
    ],
    ["by a reset", async (connection) => connection.reset()],
  ] satisfies [string, Script][])("and closes %s is unreachable", async (_name, script) => {
    const proxy = await proxyThat(script);
    const failure = await failureOf(openTcp(TARGET, through(proxy), systemClock));
    expect(failure).toMatchObject({ code: "proxy-unreachable", temporary: true });
  });

  test("because nobody listens there is unreachable", async () => {
    const failure = await failureOf(openTcp(TARGET, through({ port: await closedPort() }), systemClock));
    expect(failure.code).toBe("proxy-unreachable");
    expect(failure.detail).toMatch(/^127\.0\.0\.1:\d+: ECONNREFUSED$/);
  });

  test("and goes on thinking about it is waited for ten seconds", async () => {
    const proxy = await proxyThat(async (connection) => {
      await readHeaderBlock(connection);
      // Each octet alone would be in time.
      await connection.write("HTTP/1.1 ");
      asked();
      for await (const _octets of connection.chunks());
    });
    let asked = (): void => {};
    const thinking = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const clock = createFakeClock();
    const opening = failureOf(openTcp(TARGET, through(proxy), clock));
    await thinking;
    await clock.advance(9_999);
    expect(clock.scheduled()).toBe(1);
    await clock.advance(1);
    expect(await opening).toMatchObject({
      code: "upstream-timeout",
      detail: "no connection to imap.example.com:993 within 10 seconds",
    });
    await proxy.connections[0]?.closed;
  });
});

describe("a proxy inside TLS", () => {
  test("is asked inside TLS, and the tunnel is inside it too", async () => {
    const authority = await createTestAuthority();
    trustInThisProcess(authority);
    const server = await startScriptedServer({ script: (connection) => connection.write("* OK\r\n") });
    const proxy = await startRelayingProxy(await authority.issue(["localhost"]));
    servers.push(server, proxy);
    const target = { host: "127.0.0.1", port: server.port };
    const route: Route = { kind: "connect", tls: true, host: "localhost", port: proxy.port };
    const socket = await openTcp(target, route, systemClock);
    expect(proxy.requests).toEqual([
      [`CONNECT 127.0.0.1:${server.port} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`],
    ]);
    expect(proxy.connections[0]?.serverName()).toBe("localhost");
    const [greeting] = await once(socket, "data");
    expect(String(greeting)).toBe("* OK\r\n");
    socket.destroy();
    await server.connections[0]?.closed;
  });

  test("that nobody vouches for is not asked, and gets no password", async () => {
    const authority = await createTestAuthority();
    const proxy = await startRelayingProxy(await authority.issue(["localhost"]));
    servers.push(proxy);
    const route: Route = {
      ...{ kind: "connect", tls: true, host: "localhost", port: proxy.port },
      ...withLogin("me:sesame"),
    };
    const failure = await failureOf(openTcp(TARGET, route, systemClock));
    expect(failure.code).toBe("proxy-certificate");
    expect(proxy.received()).toEqual(Buffer.alloc(0));
  });

  test("that speaks no TLS is told from an untrusted one by its detail", async () => {
    const proxy = await proxyThat((connection) => connection.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const route: Route = { kind: "connect", tls: true, host: "localhost", port: proxy.port };
    const failure = await failureOf(openTcp(TARGET, route, systemClock));
    expect(failure.code).toBe("proxy-certificate");
    expect(failure.detail).toMatch(/ERR_SSL/);
  });
});
