// An HTTP proxy in this process that opens tunnels (CONNECT), in clear or inside TLS, and passes half-closes on.
import { once } from "node:events";
import { connect } from "node:net";
import type { IssuedCertificate } from "./authority.ts";
import { type ScriptedConnection, type ScriptedServer, startScriptedServer } from "./scripted-server.ts";

export interface RelayingProxy extends ScriptedServer {
  /** The header blocks of all requests, as lines. */
  readonly requests: readonly (readonly string[])[];
}

export async function startRelayingProxy(tls?: IssuedCertificate): Promise<RelayingProxy> {
  const requests: string[][] = [];
  const server = await startScriptedServer({
    ...(tls === undefined ? {} : { tls }),
    async script(connection) {
      const request = await readHeaderBlock(connection);
      requests.push(request);
      const [, host = "", port = ""] = /^CONNECT \[?(.*?)\]?:(\d+) HTTP\/1\.1$/.exec(request[0] ?? "") ?? [];
      await relay(connection, host, Number(port));
    },
  });
  return { ...server, requests };
}

/** The lines up to the empty one. */
export async function readHeaderBlock(connection: ScriptedConnection): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = await connection.readLine();
    if (line === "") return lines;
    lines.push(line);
  }
}

async function relay(connection: ScriptedConnection, host: string, port: number): Promise<void> {
  const target = connect({ host, port, allowHalfOpen: true });
  target.on("error", () => {});
  await once(target, "connect");
  await connection.write("HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n");
  target.on("data", (octets) => void connection.write(octets).catch(() => target.destroy()));
  const ended = new Promise<void>((resolve) => target.once("close", resolve).once("end", resolve));
  void ended.then(() => connection.end());
  for await (const octets of connection.chunks()) target.write(octets);
  target.end();
  await ended;
}
