// A real tinyproxy (HTTP CONNECT) and a real microsocks (SOCKS 5) on free ports of 127.0.0.1.
// Invariant: where they are not installed and cannot be, one line says what was left out.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { prepareDebianPackages } from "./debian.ts";
import { type ForegroundDaemon, startForegroundDaemon, startOnFreePorts } from "./foreground-daemon.ts";

export interface RealProxy {
  readonly port: number;
  /** What its setting looks like, without a user. */
  readonly address: string;
  /** How many tunnels to this host and port its log tells of, since it was last started. */
  tunnelsTo(host: string, port: number): Promise<number>;
  /** Since it was last started. */
  log(): Promise<string>;
  /** Ends it, and with it all tunnels. */
  pause(): Promise<void>;
  /** Starts it again on the same port. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** With it, the proxy asks for them. */
export interface ProxyLogin {
  readonly user: string;
  readonly password: string;
}

const TINYPROXY = "/usr/bin/tinyproxy";
const MICROSOCKS = "/usr/bin/microsocks";
const READY_WITHIN = 10_000;
const POLL_INTERVAL = 10;

/** A describe block that needs both proxies; where they cannot be had, one test tells that it was left out. */
export function describeWithProxies(name: string, block: () => void): void {
  const missing = (): readonly string[] => [TINYPROXY, MICROSOCKS].filter((program) => !existsSync(program));
  if (missing().length > 0) prepareDebianPackages();
  const reason = `not installed: ${missing().join(", ")}`;
  if (missing().length === 0) {
    describe(name, block);
    return;
  }
  describe(name, () => {
    test("is left out on this machine, and the reason is said", () => {
      process.stderr.write(`LEFT OUT: ${name}: ${reason}\n`);
      expect(missing()).not.toEqual([]);
    });
  });
}

/** An HTTP proxy that opens tunnels to every port. */
export function startTinyproxy(login?: ProxyLogin): Promise<RealProxy> {
  return startProxy({
    program: TINYPROXY,
    scheme: "http",
    async prepare(directory, port) {
      const configuration = join(directory, "tinyproxy.conf");
      const basicAuth = login === undefined ? "" : `BasicAuth ${login.user} ${login.password}\n`;
      await writeFile(
        configuration,
        `Port ${port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 60\nMaxClients 100\nLogLevel Connect\n${basicAuth}`,
      );
      return ["-d", "-c", configuration];
    },
    countTunnels: (log, host, port) => log.split(`CONNECT ${host}:${port} HTTP/1.1`).length - 1,
  });
}

export function startMicrosocks(login?: ProxyLogin): Promise<RealProxy> {
  return startProxy({
    program: MICROSOCKS,
    scheme: "socks5",
    prepare: async (_directory, port) => [
      ...["-i", "127.0.0.1", "-p", String(port)],
      ...(login === undefined ? [] : ["-u", login.user, "-P", login.password]),
    ],
    countTunnels: (log, host, port) => log.split(`connected to ${host}:${port}\n`).length - 1,
  });
}

interface ProxyKind {
  readonly program: string;
  readonly scheme: string;
  /** Gives the program's arguments. */
  readonly prepare: (directory: string, port: number) => Promise<readonly string[]>;
  readonly countTunnels: (log: string, host: string, port: number) => number;
}

async function startProxy(kind: ProxyKind): Promise<RealProxy> {
  const directory = await mkdtemp(join(tmpdir(), "proxy-"));
  const outputFile = join(directory, "output");
  const log = () => readFile(outputFile, "utf8");
  return startOnFreePorts(1, async ([port = 0]) => {
    const programArguments = await kind.prepare(directory, port);
    const start = () => startDaemon(kind.program, programArguments, outputFile, port);
    let daemon = await start();
    return {
      port,
      address: `${kind.scheme}://127.0.0.1:${port}`,
      tunnelsTo: async (host, targetPort) => kind.countTunnels(await log(), host, targetPort),
      log,
      pause: () => daemon.stop(),
      async resume() {
        daemon = await start();
      },
      async stop() {
        await daemon.stop();
        await rm(directory, { recursive: true, force: true });
      },
    };
  });
}

async function startDaemon(
  program: string,
  programArguments: readonly string[],
  outputFile: string,
  port: number,
): Promise<ForegroundDaemon> {
  const log = () => readFile(outputFile, "utf8");
  const daemon = await startForegroundDaemon({
    program,
    arguments: programArguments,
    outputFile,
    // A proxy does not greet.
    greetingPorts: [],
    log,
  });
  try {
    await waitUntilOpen(port);
  } catch (cause) {
    await daemon.stop();
    throw new Error(`${program} did not get ready:\n${await log()}`, { cause });
  }
  return daemon;
}

/** Nobody tells when a proxy is ready, so this asks again and again. */
async function waitUntilOpen(port: number): Promise<void> {
  const deadline = Date.now() + READY_WITHIN;
  while (!(await isOpen(port))) {
    if (Date.now() > deadline) throw new Error(`nobody listens on port ${port}`);
    await delay(POLL_INTERVAL);
  }
}

function isOpen(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  return new Promise((resolve) => {
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
