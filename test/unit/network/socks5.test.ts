import { once } from "node:events";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/clock/clock.ts";
import { parseProxy, type Route, type SocksProxy } from "../../../src/network/route.ts";
import { openTcp } from "../../../src/network/tunnel.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import {
  closedPort,
  type Script,
  type ScriptedConnection,
  type ScriptedServer,
  startScriptedServer,
} from "../../support/scripted-server.ts";

const TARGET = { host: "imap.example.com", port: 993 };
const NO_METHOD = [5, 0];
const OPEN = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function proxyThat(script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer({ script });
  servers.push(server);
  return server;
}

const octets = (...numbers: readonly number[]): Buffer => Buffer.from(numbers);

async function readMethods(connection: ScriptedConnection): Promise<number[]> {
  const [, count = 0] = await connection.readOctets(2);
  return [...(await connection.readOctets(count))];
}

/** Host and port as the proxy is asked for them. */
async function readRequest(connection: ScriptedConnection): Promise<Buffer> {
  const head = await connection.readOctets(5);
  const type = head[3];
  const left = type === 1 ? 3 + 2 : type === 4 ? 15 + 2 : (head[4] ?? 0) + 2;
  return Buffer.concat([head, await connection.readOctets(left)]);
}

/** One that wants no password; `reply` is what it says to the request. */
function proxyThatReplies(...reply: readonly number[]): Promise<ScriptedServer> {
  return proxyThat(async (connection) => {
    await readMethods(connection);
    await connection.write(octets(...NO_METHOD));
    await readRequest(connection);
    await connection.write(octets(...reply));
    for await (const _octets of connection.chunks());
  });
}

function through(proxy: { readonly port: number }, login = ""): Route {
  const { user, password } = parseProxy(`socks5://${login}proxy`) ?? {};
  const route: SocksProxy = { kind: "socks5", host: "127.0.0.1", port: proxy.port, user, password };
  return route;
}

describe("a tunnel by SOCKS 5", () => {
  test.each([
    ["imap.example.com", [3, 16, ...Buffer.from("imap.example.com")]],
    ["192.0.2.7", [1, 192, 0, 2, 7]],
    ["2001:db8::a:b", [4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa, 0, 0xb]],
    ["::", [4, ...new Array(16).fill(0)]],
    ["1:2:3:4:5:6:7:8", [4, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ["::ffff:192.0.2.7", [4, ...new Array(10).fill(0), 0xff, 0xff, 192, 0, 2, 7]],
  ])("asks for %s as it is", async (host, address) => {
    const proxy = await proxyThatReplies(...OPEN);
    const socket = await openTcp({ host, port: 993 }, through(proxy), systemClock);
    expect([...proxy.received()]).toEqual([5, 1, 0, 5, 1, 0, ...address, 0x03, 0xe1]);
    socket.destroy();
  });

  test.each([
    ["an IPv4 address", [5, 0, 0, 1, 10, 0, 0, 1, 0x1f, 0x90]],
    ["an IPv6 address", [5, 0, 0, 4, ...new Array(16).fill(1), 0x1f, 0x90]],
    ["a name", [5, 0, 0, 3, 4, ...Buffer.from("name"), 0x1f, 0x90]],
    ["an empty name", [5, 0, 0, 3, 0, 0x1f, 0x90]],
  ])("opens from %s, and what lies right behind the reply is the server's", async (_name, reply) => {
    const proxy = await proxyThatReplies(...reply, ...Buffer.from("* OK ready\r\n"));
    const socket = await openTcp(TARGET, through(proxy), systemClock);
    expect(socket.read()?.toString()).toBe("* OK ready\r\n");
    socket.destroy();
  });

  test("opens when each octet comes alone, and carries on both ways", async () => {
    const proxy = await proxyThat(async (connection) => {
      await readMethods(connection);
      for (const octet of NO_METHOD) await connection.write(octets(octet));
      await readRequest(connection);
      for (const octet of OPEN) {
        await connection.write(octets(octet));
        await new Promise((resolve) => setImmediate(resolve));
      }
      const request = [];
      for await (const chunk of connection.chunks()) request.push(chunk);
      await connection.write(`got ${Buffer.concat(request)}`);
    });
    const socket = await openTcp(TARGET, through(proxy), systemClock);
    // Ended this way, open that way.
    socket.end("everything");
    const chunks: Buffer[] = await socket.toArray();
    expect(Buffer.concat(chunks).toString()).toBe("got everything");
  });

  test("tells user and password where the proxy wants them", async () => {
    let offered: number[] = [];
    const proxy = await proxyThat(async (connection) => {
      offered = await readMethods(connection);
      await connection.write(octets(5, 2));
      const login = octets(1, 2, ...Buffer.from("me"), 7, ...Buffer.from("sésame"));
      expect(await connection.readOctets(login.length)).toEqual(login);
      await connection.write(octets(1, 0));
      await readRequest(connection);
      await connection.write(octets(...OPEN));
      await connection.write("hi");
    });
    const socket = await openTcp(TARGET, through(proxy, "me:s%C3%A9same@"), systemClock);
    const [greeting] = await once(socket, "data");
    expect(String(greeting)).toBe("hi");
    expect(offered).toEqual([0, 2]);
    socket.destroy();
  });

  test("keeps them where the proxy does not want them", async () => {
    const proxy = await proxyThatReplies(...OPEN);
    const socket = await openTcp(TARGET, through(proxy, "me:sesame@"), systemClock);
    expect(proxy.received().toString("latin1")).not.toContain("sesame");
    socket.destroy();
  });
});

describe("a SOCKS proxy that does not open the tunnel", () => {
  test.each([
    [1, "upstream-unreachable", "general failure"],
    [2, "proxy-refused", "its rules do not allow this connection"],
    [3, "upstream-unreachable", "network unreachable"],
    [4, "upstream-unreachable", "host unreachable"],
    [5, "upstream-unreachable", "connection refused"],
    [6, "upstream-unreachable", "TTL expired"],
    [7, "proxy-refused", "it does not know CONNECT"],
    [8, "proxy-refused", "it does not take this kind of address"],
    [9, "proxy-invalid", "answered 9"],
  ])("and replies %d is %s, also when it says no more than that", async (reply, code, detail) => {
    for (const rest of [[], [0, 1, 0, 0, 0, 0, 0, 0]]) {
      const proxy = await proxyThatReplies(5, reply, ...rest);
      const failure = await failureOf(openTcp(TARGET, through(proxy), systemClock));
      expect(failure.code).toBe(code);
      expect(failure.detail).toContain(detail);
      await proxy.connections[0]?.closed;
    }
  });

  test.each([
    ["", [5, 0xff], "proxy-refused", "it wants a user and a password"],
    ["me:sesame@", [5, 0xff], "proxy-refused", "takes no user and password"],
    ["", [5, 2], "proxy-invalid", "no SOCKS 5 proxy"],
    ["me:sesame@", [5, 1], "proxy-invalid", "no SOCKS 5 proxy"],
    ["", [4, 0], "proxy-invalid", "no SOCKS 5 proxy"],
    ["", [...Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")], "proxy-invalid", "no SOCKS 5 proxy"],
  ])("for %j because of %j is told why", async (login, answer, code, detail) => {
    const proxy = await proxyThat(async (connection) => {
      await readMethods(connection);
      await connection.write(octets(...answer));
      for await (const _octets of connection.chunks());
    });
    const failure = await failureOf(openTcp(TARGET, through(proxy, login), systemClock));
    expect(failure.code).toBe(code);
    expect(failure.detail).toContain(detail);
  });

  test("because of a wrong password says so, without the password", async () => {
    const proxy = await proxyThat(async (connection) => {
      await readMethods(connection);
      await connection.write(octets(5, 2));
      await connection.readOctets(2 + 2 + 1 + 6);
      await connection.write(octets(1, 1));
    });
    const failure = await failureOf(openTcp(TARGET, through(proxy, "me:sesame@"), systemClock));
    expect(failure.code).toBe("proxy-refused");
    expect(failure.detail).toContain("it does not accept this user and password");
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain("sesame");
  });

  test.each([
    ["me@", "no password is kept"],
    [`me:${"x".repeat(256)}@`, "at most 255 octets"],
  ])("is not even asked where there is nothing to say to it: %#", async (login, detail) => {
    const proxy = await proxyThatReplies(...OPEN);
    const failure = await failureOf(openTcp(TARGET, through(proxy, login), systemClock));
    expect(failure.code).toBe("proxy-invalid");
    expect(failure.detail).toContain(detail);
    expect(proxy.received().length).toBe(0);
  });

  test("and has an unknown kind of address in its reply is none", async () => {
    const proxy = await proxyThatReplies(5, 0, 0, 9, 1, 2, 3, 4, 0, 0);
    const failure = await failureOf(openTcp(TARGET, through(proxy), systemClock));
    expect(failure.code).toBe("proxy-invalid");
  });

  test.each([[[]], [[5]], [[...NO_METHOD, 5]], [[...NO_METHOD, ...OPEN.slice(0, 9)]]])(
    "and closes after %j is unreachable",
    async (answer) => {
      const proxy = await proxyThat(async (connection) => {
        await readMethods(connection);
        await connection.write(octets(...answer));
      });
      const failure = await failureOf(openTcp(TARGET, through(proxy), systemClock));
      expect(failure).toMatchObject({ code: "proxy-unreachable", temporary: true });
    },
  );

  test("because nobody listens there is unreachable", async () => {
    const failure = await failureOf(openTcp(TARGET, through({ port: await closedPort() }), systemClock));
    expect(failure.code).toBe("proxy-unreachable");
  });

  test.each([
    ["itself", [], "proxy-unreachable"],
    ["for the server", NO_METHOD, "upstream-timeout"],
  ])("and lets us wait %s is waited for ten seconds", async (_name, answer, code) => {
    let asked = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const proxy = await proxyThat(async (connection) => {
      await readMethods(connection);
      if (answer.length > 0) {
        await connection.write(octets(...answer));
        await readRequest(connection);
      }
      asked();
      for await (const _octets of connection.chunks());
    });
    const clock = createFakeClock();
    const opening = failureOf(openTcp(TARGET, through(proxy), clock));
    await waiting;
    await clock.advance(9_999);
    expect(clock.scheduled()).toBe(1);
    await clock.advance(1);
    expect((await opening).code).toBe(code);
    await proxy.connections[0]?.closed;
  });
});
