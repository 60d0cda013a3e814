// A bare IMAP client for tests: it sends what it is told, and reads lines and literals until a given line.
// Invariant: it knows no command and answers nothing by itself.
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { createByteReader } from "./imap/byte-reader.ts";

export interface ImapResponse {
  /** The lines before the last one, latin1; of a literal only its length is left. */
  readonly lines: readonly string[];
  /** The literals of all lines, in order. */
  readonly literals: readonly Buffer[];
  /** The last line behind what was waited for, trimmed. */
  readonly last: string;
}

export interface ImapConnection {
  readonly greeting: string;
  readonly socket: TLSSocket;
  write(...parts: readonly (string | Buffer)[]): void;
  /** Reads up to the first line that starts with `start`. Rejects when the server ends the connection before. */
  until(start: string): Promise<ImapResponse>;
  /** Sends one command under a new tag (t1, t2, ...) and reads up to its tagged reply. */
  command(...parts: readonly (string | Buffer)[]): Promise<ImapResponse>;
}

/** Octets. */
const LINE_LIMIT = 1024 * 1024;

/** Connects to 127.0.0.1 with TLS, trusting the authority `ca` (PEM), and reads the greeting. */
export async function openImapConnection(options: { port: number; ca: string }): Promise<ImapConnection> {
  const socket = connect({ host: "127.0.0.1", ...options });
  socket.setNoDelay(true);
  await once(socket, "secureConnect");
  const reader = createByteReader(socket);
  let lastTag = 0;

  async function readLine(): Promise<string> {
    const line = await reader.readLine(LINE_LIMIT);
    if (line === undefined) throw new Error("the server closed the connection");
    return line.toString("latin1");
  }

  async function until(start: string): Promise<ImapResponse> {
    const lines: string[] = [];
    const literals: Buffer[] = [];
    for (;;) {
      const line = await readLine();
      const length = /\{(\d+)\}$/.exec(line)?.[1];
      const literal = length === undefined ? undefined : await reader.readExactly(Number(length));
      if (literal !== undefined) literals.push(literal);
      if (line.startsWith(start)) return { lines, literals, last: line.slice(start.length).trim() };
      lines.push(line);
    }
  }

  function write(...parts: readonly (string | Buffer)[]): void {
    for (const part of parts) socket.write(part);
  }

  function command(...parts: readonly (string | Buffer)[]): Promise<ImapResponse> {
    lastTag += 1;
    write(`t${lastTag} `, ...parts, "\r\n");
    return until(`t${lastTag} `);
  }

  return { greeting: await readLine(), socket, write, until, command };
}
