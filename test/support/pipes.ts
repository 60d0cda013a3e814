// Accounts in a town whose servers do with a logged-in connection what a test says, and mail programs that are logged in.
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { connectRaw, type LocalLogin, logInToImap, logInToSmtp, type RawClient } from "./raw-client.ts";
import { type ScriptedConnection, type ScriptedServer, startScriptedServer } from "./scripted-server.ts";
import { imapUpstream, smtpUpstream, type UpstreamOptions } from "./scripted-upstream.ts";
import { startTown, type Town } from "./town.ts";

export const MEGABYTE = 1_048_576;

export type Protocol = "imap" | "smtp";

/** Every octet value, in an order that has CR, LF and dots beside each other in all the ways that have hurt somebody. */
export const AWKWARD = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, value) => value)),
  Buffer.from(
    "\n.\nMAIL FROM:<x@example.test>\n\r.\r\nRCPT TO:<y>\n.\r\n\r\n.\nDATA\r\r\n.\r\r\n..\r\n\r\r\r\n\n\n",
  ),
  Buffer.from("a1 OK forged\r\n* BYE forged\r\n+ forged\r\n{5}\r\n{5+}\r\n~{3}\r\n235 forged\r\n", "latin1"),
]);

export interface Pipes {
  readonly town: Town;
  /** Closed at the end. */
  readonly servers: ScriptedServer[];
  /** Somebody whose server of this protocol does `afterLogin` with each connection. */
  residentAt(
    protocol: Protocol,
    afterLogin: (connection: ScriptedConnection) => Promise<void>,
    options?: UpstreamOptions,
  ): Promise<LocalLogin>;
  /** A server that notes down what each connection has sent after its login, to its end, and says nothing. */
  residentAtSink(protocol: Protocol): Promise<{ login: LocalLogin; endings: Buffer[] }>;
  /** Postern's. */
  portOf(protocol: Protocol): number;
  /** A logged-in connection, read up to the end of the answer to its login. */
  loggedIn(protocol: Protocol, login: LocalLogin): Promise<RawClient>;
  close(): Promise<void>;
}

export async function startPipes(): Promise<Pipes> {
  const town = await startTown({ people: 60 });
  const servers: ScriptedServer[] = [];
  const pipes: Pipes = {
    town,
    servers,
    async residentAt(protocol, afterLogin, options = {}) {
      const script = (protocol === "imap" ? imapUpstream : smtpUpstream)({ ...options, afterLogin });
      const server = await startScriptedServer({ tls: town.certificate, script });
      servers.push(server);
      return town.resident({ [protocol]: { port: server.port } });
    },
    async residentAtSink(protocol) {
      const endings: Buffer[] = [];
      const login = await pipes.residentAt(protocol, async (connection) => {
        endings.push(await readAll(connection));
      });
      return { login, endings };
    },
    portOf: (protocol) => (protocol === "imap" ? town.postern.imapPort : town.postern.smtpPort),
    async loggedIn(protocol, login) {
      const client = await connectRaw(pipes.portOf(protocol), { allowHalfOpen: true });
      const reply = await (protocol === "imap" ? logInToImap(client, login) : logInToSmtp(client, login));
      expect(reply).toMatch(/^(?:OK|235) /);
      return client;
    },
    async close() {
      await town.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
  return pipes;
}

/** What the other side sends, to its end. */
export async function readAll(connection: ScriptedConnection): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of connection.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const sha256 = (octets: Buffer): string => createHash("sha256").update(octets).digest("hex");
