// A server on 127.0.0.1 that does exactly what a test's script says, octet by octet, in clear or inside TLS.
// Invariant: every octet that reached it through `readLine` and `readOctets`, or was never read, is in its log.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { IssuedCertificate } from "./authority.ts";

/** Thrown into a script that wants to read or write when the other side has gone. Ends the script, and is no failure. */
export class PeerGone extends Error {}

export interface ScriptedConnection {
  /** From 1, in the order of arrival. */
  readonly number: number;
  /** The name that the other side asked for (SNI), once there is TLS. */
  serverName(): string | undefined;
  /** Everything received so far; inside TLS, what was in it. */
  received(): Buffer;
  /** The next line as Latin-1, without its CRLF. @throws PeerGone */
  readLine(): Promise<string>;
  /** @throws PeerGone */
  readOctets(count: number): Promise<Buffer>;
  /** What arrives from here on, to the end of the other side's stream. Not logged: it may be large. */
  chunks(): AsyncGenerator<Buffer, void>;
  /** Resolves when there is room for more. @throws PeerGone */
  write(data: string | Buffer): Promise<void>;
  /** Becomes the server of a TLS handshake. @throws PeerGone */
  startTls(certificate: IssuedCertificate): Promise<void>;
  /** Ends our direction in an orderly way. */
  end(last?: string | Buffer): void;
  /** Closes both directions at once. */
  destroy(): void;
  /** Resets the TCP connection. */
  reset(): void;
  readonly closed: Promise<void>;
}

/** What the server does with a connection. When it is over, our direction is ended and the rest is only logged. */
export type Script = (connection: ScriptedConnection) => Promise<void>;

export interface ScriptedServer {
  readonly port: number;
  /** In the order of arrival, those that are over too. */
  readonly connections: readonly ScriptedConnection[];
  /** What all connections have received, one behind the other. */
  received(): Buffer;
  /** Resolves when `count` connections have come. */
  connected(count: number): Promise<void>;
  /** Closes everything. @throws the first failure of a script */
  close(): Promise<void>;
}

export interface ScriptedServerOptions {
  /** With it, each connection begins with TLS. */
  readonly tls?: IssuedCertificate;
  readonly script: Script;
}

export async function startScriptedServer(options: ScriptedServerOptions): Promise<ScriptedServer> {
  const connections: ScriptedConnection[] = [];
  const failures: unknown[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = createConnection(socket, connections.length + 1);
    connections.push(connection);
    for (const { count, resolve } of waiting) if (connections.length >= count) resolve();
    play(connection, options).catch((thrown: unknown) => {
      if (!(thrown instanceof PeerGone)) failures.push(thrown);
      connection.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    received: () => Buffer.concat(connections.map((connection) => connection.received())),
    connected: (count) =>
      new Promise((resolve) => {
        if (connections.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const connection of connections) connection.destroy();
      await closed;
      if (failures.length > 0) throw failures[0];
    },
  };
}

async function play(connection: ScriptedConnection, { tls, script }: ScriptedServerOptions): Promise<void> {
  if (tls !== undefined) await connection.startTls(tls);
  await script(connection);
  connection.end();
  for await (const _chunk of connection.chunks());
}

/** A port on 127.0.0.1 that nobody listens on: it was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function createConnection(tcp: Socket, number: number): ScriptedConnection {
  let stream: Socket = tcp;
  let held: Buffer = Buffer.alloc(0);
  const log: Buffer[] = [];
  const closed = new Promise<void>((resolve) => tcp.once("close", () => resolve()));
  tcp.on("error", () => {});

  /** Waits for octets; false at the end of the other side's stream. */
  async function fill(): Promise<boolean> {
    for (;;) {
      const chunk: Buffer | null = stream.read();
      if (chunk !== null) {
        log.push(chunk);
        held = Buffer.concat([held, chunk]);
        return true;
      }
      if (stream.readableEnded || stream.destroyed) return false;
      await somethingHappened(stream);
    }
  }

  function take(count: number): Buffer {
    const taken = held.subarray(0, count);
    held = held.subarray(count);
    return taken;
  }

  return {
    number,
    serverName: () => (stream instanceof TLSSocket ? serverNameOf(stream) : undefined),
    received: () => Buffer.concat(log),
    async readLine() {
      for (;;) {
        const end = held.indexOf("\n");
        if (end >= 0)
          return take(end + 1)
            .toString("latin1")
            .replace(/\r?\n$/, "");
        if (!(await fill())) throw new PeerGone();
      }
    },
    async readOctets(count) {
      while (held.length < count) if (!(await fill())) throw new PeerGone();
      return take(count);
    },
    async *chunks() {
      if (held.length > 0) yield take(held.length);
      for (;;) {
        const chunk: Buffer | null = stream.read();
        if (chunk !== null) yield chunk;
        else if (stream.readableEnded || stream.destroyed) return;
        else await somethingHappened(stream);
      }
    },
    async write(data) {
      if (!stream.writable) throw new PeerGone();
      if (stream.write(data)) return;
      await Promise.race([once(stream, "drain").catch(() => {}), closed]);
    },
    async startTls({ key, certificate }) {
      // What lies in front of the handshake was read in clear, and is not part of it.
      const secure = new TLSSocket(tcp, { isServer: true, key, cert: certificate });
      stream = secure;
      secure.on("error", () => {});
      await new Promise<void>((resolve, reject) => {
        secure.once("secure", resolve);
        for (const sign of ["error", "close"]) secure.once(sign, () => reject(new PeerGone()));
        tcp.once("close", () => reject(new PeerGone()));
      });
    },
    end(last) {
      if (!stream.writable) return;
      if (last === undefined) stream.end();
      else stream.end(last);
    },
    destroy: () => void tcp.destroy(),
    reset: () => void tcp.resetAndDestroy(),
    closed,
  };
}

/** Node knows it under a name that its types leave out on this side. */
function serverNameOf(socket: TLSSocket): string | undefined {
  const name: unknown = Reflect.get(socket, "servername");
  return typeof name === "string" ? name : undefined;
}

/** Resolves at the stream's next sign of life. */
function somethingHappened(stream: Socket): Promise<void> {
  return new Promise((resolve) => {
    const signs = ["readable", "end", "close", "error"] as const;
    const done = (): void => {
      for (const sign of signs) stream.off(sign, done);
      resolve();
    };
    for (const sign of signs) stream.on(sign, done);
  });
}
