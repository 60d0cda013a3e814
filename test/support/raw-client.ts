// A mail program at its lowest: a socket, octets, and how it ended.
// Invariant: it sends and understands nothing by itself; every wait has a deadline, and says what had come by then.
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";

export interface RawClient {
  readonly socket: Socket;
  /** The next line as Latin-1, without its CRLF. */
  readLine(deadline?: number): Promise<string>;
  /** Everything up to the first match of the pattern and with it, as Latin-1. */
  readUntil(pattern: RegExp, deadline?: number): Promise<string>;
  /** Everything to the end of the other side's stream. */
  readToEnd(deadline?: number): Promise<Buffer>;
  write(data: string | Buffer): void;
  /** Ends our direction. */
  end(): void;
  reset(): void;
  /** Everything received so far, as Latin-1. */
  transcript(): string;
  /** How the other side ended: in an orderly way, or with a reset. */
  closed(deadline?: number): Promise<"fin" | "reset">;
}

export interface RawClientOptions {
  readonly host?: string;
  /** Sent as soon as there is a connection, before anything can have been read. */
  readonly first?: string | Buffer;
  /** Keeps our direction open when the other side has ended its own. */
  readonly allowHalfOpen?: boolean;
}

const DEADLINE = 10_000;

export function connectRaw(port: number, options: RawClientOptions = {}): Promise<RawClient> {
  const socket = connect({
    port,
    host: options.host ?? "127.0.0.1",
    noDelay: true,
    allowHalfOpen: options.allowHalfOpen ?? false,
  });
  if (options.first !== undefined) socket.write(options.first);
  const received: Buffer[] = [];
  let place = 0;
  let ended: "fin" | "reset" | undefined;
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  socket.on("data", (chunk: Buffer) => {
    received.push(chunk);
    notify();
  });
  socket.once("end", () => {
    ended ??= "fin";
    notify();
  });
  socket.on("error", () => {
    ended ??= "reset";
    notify();
  });

  /** Waits until `look` finds something. */
  function until<T>(look: () => T | undefined, deadline: number, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        watchers.delete(watcher);
      };
      const fail = (why: string): void => {
        finish();
        reject(new Error(`${why}: ${what}; received ${JSON.stringify(transcript().slice(-500))}`));
      };
      const timer = setTimeout(() => fail(`not within ${deadline} ms`), deadline);
      const watcher = (): void => {
        const found = look();
        if (found !== undefined) {
          finish();
          resolve(found);
        } else if (ended !== undefined) fail(`the connection ended (${ended})`);
      };
      watchers.add(watcher);
      watcher();
    });
  }
  const transcript = (): string => Buffer.concat(received).toString("latin1");

  const client: RawClient = {
    socket,
    async readLine(deadline = DEADLINE) {
      return (await client.readUntil(/\n/, deadline)).replace(/\r?\n$/, "");
    },
    readUntil(pattern, deadline = DEADLINE) {
      const look = (): string | undefined => {
        const text = transcript().slice(place);
        const match = pattern.exec(text);
        if (match === null) return undefined;
        const end = match.index + match[0].length;
        place += end;
        return text.slice(0, end);
      };
      return until(look, deadline, String(pattern));
    },
    async readToEnd(deadline = DEADLINE) {
      await client.closed(deadline);
      return Buffer.concat(received);
    },
    write: (data) => void socket.write(data),
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    transcript,
    closed: (deadline = DEADLINE) => until(() => ended, deadline, "a close"),
  };
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(client));
    socket.once("error", reject);
  });
}

/**
 * Resolves when the program at the other end has read everything that was written, so that what is written next is
 * another segment for it. Linux tells (proc_net_tcp(5): rx_queue of the other end); elsewhere a turn of the loop must do.
 */
export async function everythingRead({ socket }: RawClient): Promise<void> {
  await new Promise((resolve) => socket.write("", resolve));
  if (process.platform !== "linux") return new Promise((resolve) => void setImmediate(resolve));
  const port = (number = 0): string => number.toString(16).toUpperCase().padStart(4, "0");
  const row = new RegExp(`:${port(socket.remotePort)} \\w+:${port(socket.localPort)} \\w+ \\w+:(\\w+)`);
  const table = `/proc/self/net/tcp${socket.remoteFamily === "IPv6" ? "6" : ""}`;
  const end = Date.now() + DEADLINE;
  for (;;) {
    const waiting = row.exec(await readFile(table, "latin1"))?.[1];
    if (waiting === undefined || Number.parseInt(waiting, 16) === 0) return;
    if (Date.now() > end) throw new Error("the other end does not read");
  }
}

export interface LocalLogin {
  readonly email: string;
  readonly password: string;
}

/** Reads the greeting, sends LOGIN, and gives the tagged answer. */
export async function logInToImap(
  client: RawClient,
  { email, password }: LocalLogin,
  deadline = DEADLINE,
): Promise<string> {
  await client.readUntil(/^\* OK .*\r\n/);
  return sendImap(client, `LOGIN ${email} ${password}`, deadline);
}

let tags = 0;

/** Sends a command under a new tag, and gives its tagged answer without the tag. */
export async function sendImap(client: RawClient, command: string, deadline = DEADLINE): Promise<string> {
  tags += 1;
  const tag = `t${tags}`;
  client.write(`${tag} ${command}\r\n`);
  const text = await client.readUntil(new RegExp(`(?:^|\\n)${tag} .*\\r\\n`), deadline);
  return text.slice(text.lastIndexOf(`${tag} `) + tag.length + 1).trimEnd();
}

/** Reads the greeting, says EHLO and AUTH PLAIN, and gives the answer to that. */
export async function logInToSmtp(client: RawClient, { email, password }: LocalLogin): Promise<string> {
  await client.readUntil(/^220 .*\r\n/);
  await sendSmtp(client, "EHLO [127.0.0.1]");
  return sendSmtp(client, `AUTH PLAIN ${plain({ email, password })}`);
}

/** Sends a command and gives its whole reply, without the last CRLF. */
export async function sendSmtp(client: RawClient, command: string, deadline = DEADLINE): Promise<string> {
  client.write(`${command}\r\n`);
  return (await client.readUntil(/(?:^|\n)\d{3} .*\r\n/, deadline)).trimEnd();
}

/** The message of PLAIN (RFC 4616) in base64. */
export function plain({ email, password }: LocalLogin): string {
  return Buffer.from(`\0${email}\0${password}`).toString("base64");
}
