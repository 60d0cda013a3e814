// A program: mail programs by the hundred, in a process of their own so that their work is not counted as a contender's.
// Takes a LoadRequest as a message, answers with a LoadAnswer, one at a time; ends with the channel.
// Invariant: octets are received into one buffer that all connections share; nobody keeps them.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { LoadAnswer, LoadRequest, LoginForm } from "./load-request.ts";

const SHARED = Buffer.allocUnsafe(256 * 1024);
const CHUNK = Buffer.alloc(256 * 1024, "postern ");
const AT_ONCE = 16;
const SILENCE = 20_000;

interface Session {
  readonly socket: Socket;
  /** Gets what arrives from now on; valid during the call only. */
  onOctets(receiver: (octets: Buffer) => void): void;
  /** The next line or lines, whole. Rejects when the connection ends instead. */
  lines(): Promise<string>;
  /** Closes in an orderly way, and waits for the other side to do the same. */
  close(): Promise<void>;
}

const held: Session[] = [];

process.on("message", (request: LoadRequest) => {
  perform(request).then(
    (numbers) => reply({ kind: "done", numbers }),
    (thrown: unknown) => reply({ kind: "failed", reason: `${request.kind}: ${thrown}` }),
  );
});
process.once("disconnect", () => process.exit(0));

function reply(answer: LoadAnswer): void {
  process.send?.(answer);
}

async function perform(request: LoadRequest): Promise<readonly number[]> {
  switch (request.kind) {
    case "logins":
      return timeLogins(request.port, request.form, request.count);
    case "download":
      return [await download(request.port, request.form, request.octets)];
    case "upload":
      return [await upload(request.port, request.form, request.octets)];
    case "hold":
      await hold(request.port, request.form, request.count);
      return [];
    case "release":
      await Promise.all(held.splice(0).map((session) => session.close()));
      return [];
  }
}

async function timeLogins(port: number, form: LoginForm, count: number): Promise<number[]> {
  const milliseconds: number[] = [];
  for (let done = 0; done < count; done++) {
    const start = performance.now();
    const session = await logIn(port, form);
    milliseconds.push(performance.now() - start);
    await session.close();
  }
  return milliseconds;
}

async function hold(port: number, form: LoginForm, count: number): Promise<void> {
  let left = count;
  const some = async (): Promise<void> => {
    while (left-- > 0) held.push(await logIn(port, form));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
}

async function download(port: number, form: LoginForm, octets: number): Promise<number> {
  const session = await logIn(port, form);
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    let left = octets;
    session.socket.once("close", () => reject(new Error(`closed with ${left} octets to go`)));
    session.onOctets((chunk) => {
      left -= chunk.length;
      if (left <= 0) resolve();
    });
    session.socket.write(`d DOWNLOAD ${octets}\r\n`);
  });
  const seconds = (performance.now() - start) / 1000;
  await session.close();
  return seconds;
}

async function upload(port: number, form: LoginForm, octets: number): Promise<number> {
  const session = await logIn(port, form);
  const { socket } = session;
  socket.write(`u UPLOAD ${octets}\r\n`);
  await session.lines();
  const start = performance.now();
  const received = session.lines();
  for (let left = octets; left > 0; left -= CHUNK.length) {
    if (!socket.write(left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK)) await once(socket, "drain");
  }
  await received;
  const seconds = (performance.now() - start) / 1000;
  await session.close();
  return seconds;
}

async function logIn(port: number, form: LoginForm): Promise<Session> {
  const session = open(port);
  await session.lines();
  session.socket.write(
    form.kind === "login"
      ? `a LOGIN ${form.user} ${form.password}\r\n`
      : `a AUTHENTICATE XOAUTH2 ${form.message}\r\n`,
  );
  // Untagged lines may come in a segment of their own.
  for (;;) {
    const answer = await session.lines();
    if (/^a OK/m.test(answer)) return session;
    if (!answer.startsWith("* ")) throw new Error(`no login: ${answer}`);
  }
}

function open(port: number): Session {
  let receiver: (octets: Buffer) => void = () => {};
  const socket = connect({
    host: "127.0.0.1",
    port,
    noDelay: true,
    onread: {
      buffer: SHARED,
      callback(length) {
        receiver(SHARED.subarray(0, length));
        return true;
      },
    },
  });
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    socket,
    onOctets(next) {
      receiver = next;
    },
    lines() {
      return new Promise((resolve, reject) => {
        let text = "";
        const onClose = (): void => reject(new Error(`port ${port} closed the connection: ${text}`));
        socket.once("close", onClose);
        receiver = (octets) => {
          text += octets.toString("latin1");
          if (!text.endsWith("\r\n")) return;
          socket.off("close", onClose);
          resolve(text);
        };
      });
    },
    async close() {
      socket.setTimeout(SILENCE, () => socket.destroy());
      socket.end();
      await closed;
    },
  };
}
