import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:tls";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../../src/clock/clock.ts";
import { dial } from "../../../../src/mail/dial/dial.ts";
import type { Wire } from "../../../../src/mail/wire/wire.ts";
import type { Route } from "../../../../src/network/route.ts";
import { createTestAuthority, type IssuedCertificate } from "../../../support/authority.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { type RelayingProxy, readHeaderBlock, startRelayingProxy } from "../../../support/relaying-proxy.ts";
import {
  closedPort,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from "../../../support/scripted-server.ts";
import { trustInThisProcess } from "../../../support/trust.ts";

const DIRECT: Route = { kind: "direct" };
let certificate: IssuedCertificate;
let secureProxyCertificate: IssuedCertificate;
const servers: ScriptedServer[] = [];

beforeAll(async () => {
  const authority = await createTestAuthority();
  trustInThisProcess(authority);
  certificate = await authority.issue(["localhost"]);
  secureProxyCertificate = await authority.issue(["localhost"]);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serverThat(script: Script, tls?: IssuedCertificate): Promise<ScriptedServer> {
  const server = await startScriptedServer({ ...(tls === undefined ? {} : { tls }), script });
  servers.push(server);
  return server;
}

async function relayingProxy(tls?: IssuedCertificate): Promise<RelayingProxy> {
  const proxy = await startRelayingProxy(tls);
  servers.push(proxy);
  return proxy;
}

async function readLine(wire: Wire): Promise<string> {
  const line = await wire.reader.readLine(1000, 0);
  return line.kind === "line" ? line.octets.toString() : line.kind;
}

/** Greets, and answers what came when the other side has ended. */
const greetAndSum: Script = async (connection) => {
  await connection.write("* OK ready\r\n");
  const all = [];
  for await (const octets of connection.chunks()) all.push(octets);
  await connection.write(`got ${Buffer.concat(all)}\r\n`);
};

interface Way {
  readonly route: Route;
  readonly proxy: RelayingProxy | undefined;
}

describe.each<[string, () => Promise<Way>]>([
  ["straight", async () => ({ route: DIRECT, proxy: undefined })],
  [
    "through a proxy",
    async () => {
      const proxy = await relayingProxy();
      return { route: { kind: "connect", tls: false, host: "127.0.0.1", port: proxy.port }, proxy };
    },
  ],
  [
    "through a proxy inside TLS",
    async () => {
      const proxy = await relayingProxy(secureProxyCertificate);
      return { route: { kind: "connect", tls: true, host: "localhost", port: proxy.port }, proxy };
    },
  ],
])("a mail server is reached %s", (_name, prepare) => {
  test("with TLS at once, and each direction ends by itself", async () => {
    const { route, proxy } = await prepare();
    const server = await serverThat(greetAndSum, certificate);
    const endpoint = { host: "localhost", port: server.port, tls: "implicit" } as const;
    const { transport, destroy } = await dial(endpoint, systemClock, route);
    expect(transport.startTls).toBeUndefined();
    expect(server.connections[0]?.serverName()).toBe("localhost");
    expect(await readLine(transport.wire)).toBe("* OK ready");
    transport.wire.release().stream.end("abc");
    expect(await readLine(transport.wire)).toBe("got abc");
    if (proxy !== undefined) expect(proxy.requests).toHaveLength(1);
    destroy();
    await server.connections[0]?.closed;
  });

  test("with STARTTLS", async () => {
    const { route } = await prepare();
    const server = await serverThat(async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write("220 go ahead\r\n");
      await connection.startTls(certificate);
      await greetAndSum(connection);
    });
    const endpoint = { host: "localhost", port: server.port, tls: "starttls" } as const;
    const { transport, destroy } = await dial(endpoint, systemClock, route);
    expect(await readLine(transport.wire)).toBe("220 ready");
    transport.wire.write("STARTTLS\r\n");
    expect(await readLine(transport.wire)).toBe("220 go ahead");
    const secure = await transport.startTls?.();
    if (secure === undefined) throw new Error("no STARTTLS");
    expect(await readLine(secure)).toBe("* OK ready");
    destroy();
    await server.connections[0]?.closed;
  });

  test("but not one that nobody vouches for, and nothing stays open", async () => {
    const { route, proxy } = await prepare();
    const { key, certificate: cert } = await (await createTestAuthority()).issue(["localhost"]);
    const server = createServer({ key, cert }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const closed = once(server, "connection").then(([socket]: Socket[]) => socket && once(socket, "close"));
    const { port } = server.address() as AddressInfo;
    const failure = await failureOf(dial({ host: "localhost", port, tls: "implicit" }, systemClock, route));
    expect(failure.code).toBe("upstream-certificate");
    expect(failure.detail).toBe(`localhost:${port}: UNABLE_TO_VERIFY_LEAF_SIGNATURE`);
    await closed;
    await proxy?.connections[0]?.closed;
    server.close();
  });

  test("but not one with another name", async () => {
    const { route } = await prepare();
    const server = await serverThat(greetAndSum, certificate);
    const endpoint = { host: "127.0.0.1", port: server.port, tls: "implicit" } as const;
    const failure = await failureOf(dial(endpoint, systemClock, route));
    expect(failure.code).toBe("upstream-certificate");
    expect(failure.detail).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  test("but not one that closes during the handshake", async () => {
    const { route } = await prepare();
    const server = await serverThat(async (connection) => connection.destroy());
    const endpoint = { host: "localhost", port: server.port, tls: "implicit" } as const;
    expect((await failureOf(dial(endpoint, systemClock, route))).code).toBe("upstream-closed");
  });

  test("but not one that never ends the handshake", async () => {
    const { route } = await prepare();
    let begun = (): void => {};
    const handshake = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const server = await serverThat(async (connection) => {
      await connection.readOctets(1);
      begun();
      for await (const _octets of connection.chunks());
    });
    const clock = createFakeClock();
    const endpoint = { host: "localhost", port: server.port, tls: "implicit" } as const;
    const dialling = failureOf(dial(endpoint, clock, route));
    await handshake;
    await clock.advance(10_000);
    expect((await dialling).code).toBe("upstream-timeout");
    await server.connections[0]?.closed;
  });
});

test("a port that nobody listens at is unreachable", async () => {
  const endpoint = { host: "127.0.0.1", port: await closedPort(), tls: "implicit" } as const;
  const failure = await failureOf(dial(endpoint, systemClock));
  expect(failure.code).toBe("upstream-unreachable");
  expect(failure.detail).toMatch(/^127\.0\.0\.1:\d+: ECONNREFUSED$/);
});

test("what a proxy puts in front of the server's handshake breaks it", async () => {
  const proxy = await serverThat(async (connection) => {
    await readHeaderBlock(connection);
    await connection.write("HTTP/1.1 200 OK\r\n\r\n* OK injected\r\n");
    await connection.startTls(certificate);
    await greetAndSum(connection);
  });
  const route: Route = { kind: "connect", tls: false, host: "127.0.0.1", port: proxy.port };
  const endpoint = { host: "localhost", port: 993, tls: "implicit" } as const;
  const failure = await failureOf(dial(endpoint, systemClock, route));
  expect(failure.code).toBe("upstream-certificate");
});
