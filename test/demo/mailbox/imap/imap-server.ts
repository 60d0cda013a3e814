// The demo's IMAP server: a TLS listener on 127.0.0.1 that runs one session for each connection.
import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { runSession } from "./run-session.ts";
import type { ImapServices } from "./session.ts";

export interface ImapServer {
  readonly port: number;
  /** Says BYE to everybody and frees the port. */
  close(): Promise<void>;
}

export interface ImapServerOptions extends ImapServices {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** Rejects with the system's error when the port cannot be had. */
export async function startImapServer(options: ImapServerOptions): Promise<ImapServer> {
  const connections = new Set<Socket>();
  const sockets = new Set<TLSSocket>();
  const server = createServer({ key: options.key, cert: options.certificate });
  server.on("connection", (connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
  });
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    // The session hears of errors through its reads; without a listener they would end the process.
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    runSession(socket, options).catch(() => socket.destroy());
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not a TCP listener");

  async function close(): Promise<void> {
    const closed = once(server, "close");
    server.close();
    await Promise.all([...sockets].map(sayBye));
    // Also those whose TLS handshake never ended.
    for (const connection of connections) connection.destroy();
    await closed;
  }

  return { port: address.port, close };
}

/** Who reads too slowly, perhaps in the middle of a literal, is not waited for. Errors of a dying socket do not count. */
function sayBye(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("close", () => resolve());
    if (!socket.writable || socket.writableLength > 0) socket.destroy();
    else socket.end("* BYE Server shutting down\r\n", () => socket.destroy());
  });
}
