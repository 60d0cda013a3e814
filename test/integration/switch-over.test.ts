// The moment at which a login becomes a pipe: whatever a mail program has sent, in whatever pieces and however much, arrives
// upstream octet by octet, and is not kept on the way (threats.md F1; faults.md 14, 19).
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AWKWARD,
  MEGABYTE,
  type Pipes,
  type Protocol,
  readAll,
  sha256,
  startPipes,
} from "../support/pipes.ts";
import {
  connectRaw,
  everythingRead,
  type LocalLogin,
  logInToImap,
  plain,
  type RawClient,
} from "../support/raw-client.ts";
import { startScriptedServer } from "../support/scripted-server.ts";
import { eventually } from "../support/town.ts";

let pipes: Pipes;

beforeAll(async () => {
  pipes = await startPipes();
});

afterAll(async () => {
  await pipes.close();
});

/** Resolves when the socket has stopped taking what is to be written. */
async function stalled({ socket }: RawClient): Promise<void> {
  let [last, times] = [-1, 0];
  await eventually(() => {
    const sent = socket.bytesWritten - socket.writableLength;
    times = sent === last ? times + 1 : 0;
    last = sent;
    return times >= 8;
  });
}

/** Octets of the daemon's memory (proc_pid_status(5), VmRSS). */
async function residentMemory(): Promise<number> {
  const status = await readFile(`/proc/${pipes.town.postern.ready.processId}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe("a login with commands behind it, cut at any place, gives the same octets upstream", () => {
  const imapTail = Buffer.from("a2 NOOP\r\na3 CAPABILITY\r\na4 APPEND x {3+}\r\n\0\r\xff\r\na5 IDL");
  const smtpTail = Buffer.concat([
    Buffer.from("MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nSubject: x\r\n\r\n"),
    Buffer.from("..\r\n.\n\r.\r\nend\r\n.\r\nQU", "latin1"),
  ]);
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const ways: [string, Protocol, Buffer, (login: LocalLogin) => string][] = [
    ["IMAP LOGIN", "imap", imapTail, ({ email, password }) => `a1 LOGIN ${email} "${password}"\r\n`],
    [
      "IMAP LOGIN with literals",
      "imap",
      imapTail,
      ({ email, password }) =>
        `a1 LOGIN {${email.length}+}\r\n${email} {${password.length}+}\r\n${password}\r\n`,
    ],
    ["IMAP AUTHENTICATE PLAIN", "imap", imapTail, (login) => `a1 AUTHENTICATE PLAIN ${plain(login)}\r\n`],
    [
      "IMAP AUTHENTICATE LOGIN in three lines",
      "imap",
      imapTail,
      ({ email, password }) => `a1 AUTHENTICATE LOGIN\r\n${base64(email)}\r\n${base64(password)}\r\n`,
    ],
    ["SMTP AUTH PLAIN", "smtp", smtpTail, (login) => `EHLO x\r\nAUTH PLAIN ${plain(login)}\r\n`],
    [
      "SMTP AUTH PLAIN in two lines",
      "smtp",
      smtpTail,
      (login) => `EHLO x\r\nAUTH PLAIN\r\n${plain(login)}\r\n`,
    ],
  ];

  /** Sends the pieces as so many segments, and ends. */
  async function deliver(protocol: Protocol, pieces: readonly Buffer[]): Promise<void> {
    const client = await connectRaw(pipes.portOf(protocol), { allowHalfOpen: true });
    await client.readLine();
    for (const piece of pieces) {
      client.write(piece);
      await everythingRead(client);
    }
    client.end();
    await client.closed();
    expect(client.transcript()).toMatch(
      protocol === "imap" ? /\r\na1 OK [^\r]*\r\n$/ : /\r\n235 [^\r]*\r\n$/,
    );
    client.socket.destroy();
  }

  async function expectSame(
    protocol: Protocol,
    tail: Buffer,
    cuts: (whole: number) => number[][],
    way: (login: LocalLogin) => string,
  ) {
    const { login, endings } = await pipes.residentAtSink(protocol);
    const whole = Buffer.concat([Buffer.from(way(login)), tail]);
    const left = cuts(whole.length);
    const count = left.length;
    const worker = async (): Promise<void> => {
      for (let places = left.pop(); places !== undefined; places = left.pop()) {
        const bounds = [0, ...places, whole.length];
        await deliver(
          protocol,
          places.concat(whole.length).map((end, index) => whole.subarray(bounds[index], end)),
        );
      }
    };
    await Promise.all(Array.from({ length: 6 }, worker));
    await eventually(() => endings.length === count);
    for (const octets of endings) expect(octets.toString("latin1")).toBe(tail.toString("latin1"));
  }

  for (const [name, protocol, tail, way] of ways) {
    test(`${name}: in one piece and in two, cut at every offset`, async () => {
      const everywhere = (whole: number): number[][] => [
        [],
        ...Array.from({ length: whole - 1 }, (_, index) => [index + 1]),
      ];
      await expectSame(protocol, tail, everywhere, way);
    });
  }

  for (const [name, protocol, tail, way] of ways.filter(([one]) => /LOGIN with|SMTP AUTH PLAIN$/.test(one))) {
    test(`${name}: in three pieces, and octet by octet`, async () => {
      const sample = (whole: number): number[][] => {
        const cuts: number[][] = [];
        for (let first = 1; first < whole; first += 11)
          for (let second = first + 1; second < whole; second += 17) cuts.push([first, second]);
        cuts.push(Array.from({ length: whole - 1 }, (_, index) => index + 1));
        return cuts;
      };
      await expectSame(protocol, tail, sample, way);
    });
  }

  test("what the server says right behind its own answer reaches the mail program, cut at every offset", async () => {
    const behind = "* 5 EXISTS\r\n* OK [ALERT] hello\r\n";
    const answer = "OK [CAPABILITY IMAP4rev1] in\r\n";
    let cut = 0;
    const server = await startScriptedServer({
      tls: pipes.town.certificate,
      async script(connection) {
        await connection.write("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n");
        const [tag] = (await connection.readLine()).split(" ");
        const whole = `${tag} ${answer}${behind}`;
        await connection.write(whole.slice(0, cut));
        // Two TLS records, which are two chunks for whoever reads them.
        await connection.write(whole.slice(cut));
      },
    });
    pipes.servers.push(server);
    const login = await pipes.town.resident({ imap: { port: server.port } });
    for (cut = 1; cut < 10 + answer.length + behind.length; cut++) {
      const client = await connectRaw(pipes.town.postern.imapPort);
      expect(await logInToImap(client, login)).toBe("OK [CAPABILITY IMAP4rev1] Logged in");
      await client.closed();
      expect(client.transcript().endsWith(`Logged in\r\n${behind}`), `cut at ${cut}`).toBe(true);
    }
  });

  test("a megabyte behind the login waits at the mail program's until the server is ready, and none is lost", async () => {
    const gate = Promise.withResolvers<void>();
    const endings: Buffer[] = [];
    const login = await pipes.residentAt(
      "imap",
      async (connection) => {
        endings.push(await readAll(connection));
      },
      { accept: () => gate.promise.then(() => true) },
    );
    const tail = randomBytes(20 * MEGABYTE);
    const client = await connectRaw(pipes.town.postern.imapPort, { allowHalfOpen: true });
    await client.readLine();
    client.write(`a1 LOGIN ${login.email} ${login.password}\r\n`);
    const before = await residentMemory();
    client.write(tail);
    client.end();
    await stalled(client);
    expect(client.socket.writableLength).toBeGreaterThan(5 * MEGABYTE);
    expect((await residentMemory()) - before).toBeLessThan(12 * MEGABYTE);
    gate.resolve();
    await client.closed();
    await eventually(() => endings.length === 1);
    expect(sha256(endings[0] ?? Buffer.alloc(0))).toBe(sha256(tail));
    client.socket.destroy();
  });
});

describe("fifty megabytes arrive as they were sent, without being kept anywhere on the way", () => {
  const SIZE = 50 * MEGABYTE;

  /**
   * What the program may have grown by when all has passed: less than the message. Some of it is garbage that V8 has not
   * collected yet, so that nothing was kept shows while the other side does not read.
   */
  const BOUND = SIZE;
  const message = Buffer.concat([AWKWARD, randomBytes(SIZE - AWKWARD.length)]);

  const uploads: [string, Protocol, string, string][] = [
    ["SMTP DATA", "smtp", "MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", "\r\n.\r\n"],
    ["SMTP BDAT", "smtp", `MAIL FROM:<a@example.test>\r\nBDAT ${SIZE} LAST\r\n`, ""],
    ["IMAP APPEND", "imap", `a2 APPEND INBOX {${SIZE}+}\r\n`, "\r\n"],
  ];
  for (const [name, protocol, before, behind] of uploads) {
    test(`${name}, to a server that does not read for a while`, async () => {
      const gate = Promise.withResolvers<void>();
      const hash = Promise.withResolvers<string>();
      const login = await pipes.residentAt(protocol, async (connection) => {
        await gate.promise;
        hash.resolve(sha256(await readAll(connection)));
      });
      const client = await pipes.loggedIn(protocol, login);
      const memory = await residentMemory();
      const whole = Buffer.concat([Buffer.from(before), message, Buffer.from(behind)]);
      client.write(whole);
      client.end();
      await stalled(client);
      expect(client.socket.writableLength).toBeGreaterThan(SIZE / 2);
      expect((await residentMemory()) - memory).toBeLessThan(12 * MEGABYTE);
      gate.resolve();
      expect(await hash.promise).toBe(sha256(whole));
      expect((await residentMemory()) - memory).toBeLessThan(BOUND);
      client.socket.destroy();
    });
  }

  test("IMAP FETCH, to a mail program that does not read for a while", async () => {
    let sent = 0;
    const login = await pipes.residentAt("imap", async (connection) => {
      await connection.readLine();
      await connection.write(`* 1 FETCH (BODY[] {${SIZE}}\r\n`);
      for (sent = 0; sent < SIZE; sent += 65_536)
        await connection.write(message.subarray(sent, sent + 65_536));
      await connection.write(")\r\na2 OK done\r\n");
    });
    const client = await pipes.loggedIn("imap", login);
    const memory = await residentMemory();
    const start = client.transcript().length;
    client.socket.pause();
    client.write("a2 FETCH 1 BODY[]\r\n");
    let [last, times] = [-1, 0];
    await eventually(() => {
      times = sent > 0 && sent === last ? times + 1 : 0;
      last = sent;
      return times >= 8;
    });
    expect(sent).toBeLessThan(SIZE / 2);
    expect((await residentMemory()) - memory).toBeLessThan(12 * MEGABYTE);
    client.socket.resume();
    const received = (await client.readToEnd(30_000)).subarray(start);
    const expected = Buffer.concat([
      Buffer.from(`* 1 FETCH (BODY[] {${SIZE}}\r\n`),
      message,
      Buffer.from(")\r\na2 OK done\r\n"),
    ]);
    expect(sha256(received)).toBe(sha256(expected));
    expect((await residentMemory()) - memory).toBeLessThan(BOUND);
    client.socket.destroy();
  });
});
