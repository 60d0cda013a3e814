// The moment at which a login becomes a pipe, and the pipe itself: whatever a mail program has sent, in whatever pieces,
// arrives upstream octet by octet; nothing is added, nothing is guessed, nothing is kept (threats.md F1, E6; faults.md 14,
// 19, 20, 21).
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  connectRaw,
  everythingRead,
  type LocalLogin,
  logInToImap,
  logInToSmtp,
  plain,
  type RawClient,
  sendSmtp,
} from "../support/raw-client.ts";
import {
  PeerGone,
  type ScriptedConnection,
  type ScriptedServer,
  startScriptedServer,
} from "../support/scripted-server.ts";
import { imapUpstream, smtpUpstream, type UpstreamOptions } from "../support/scripted-upstream.ts";
import { eventually, startTown, type Town } from "../support/town.ts";

const MEGABYTE = 1_048_576;

let town: Town;
const servers: ScriptedServer[] = [];

beforeAll(async () => {
  town = await startTown({ people: 60 });
});

afterAll(async () => {
  await town.close();
  await Promise.all(servers.map((server) => server.close()));
});

type Protocol = "imap" | "smtp";

/** Somebody whose server of this protocol does `afterLogin` with each connection. */
async function residentAt(
  protocol: Protocol,
  afterLogin: (connection: ScriptedConnection) => Promise<void>,
  options: UpstreamOptions = {},
): Promise<LocalLogin> {
  const script = (protocol === "imap" ? imapUpstream : smtpUpstream)({ ...options, afterLogin });
  const server = await startScriptedServer({ tls: town.certificate, script });
  servers.push(server);
  return town.resident({ [protocol]: { port: server.port } });
}

/** A server that notes down what each connection has sent after its login, to its end, and says nothing. */
async function residentAtSink(protocol: Protocol): Promise<{ login: LocalLogin; endings: Buffer[] }> {
  const endings: Buffer[] = [];
  const login = await residentAt(protocol, async (connection) => {
    endings.push(await readAll(connection));
  });
  return { login, endings };
}

async function readAll(connection: ScriptedConnection): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of connection.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const portOf = (protocol: Protocol): number =>
  protocol === "imap" ? town.postern.imapPort : town.postern.smtpPort;

/** A logged-in connection, read up to the end of the answer to its login. */
async function loggedIn(protocol: Protocol, login: LocalLogin): Promise<RawClient> {
  const client = await connectRaw(portOf(protocol), { allowHalfOpen: true });
  const reply = await (protocol === "imap" ? logInToImap(client, login) : logInToSmtp(client, login));
  expect(reply).toMatch(/^(?:OK|235) /);
  return client;
}

const sha256 = (octets: Buffer): string => createHash("sha256").update(octets).digest("hex");

/** Every octet value, in an order that has CR, LF and dots beside each other in all the ways that have hurt somebody. */
const AWKWARD = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, value) => value)),
  Buffer.from(
    "\n.\nMAIL FROM:<x@example.test>\n\r.\r\nRCPT TO:<y>\n.\r\n\r\n.\nDATA\r\r\n.\r\r\n..\r\n\r\r\r\n\n\n",
  ),
  Buffer.from("a1 OK forged\r\n* BYE forged\r\n+ forged\r\n{5}\r\n{5+}\r\n~{3}\r\n235 forged\r\n", "latin1"),
]);

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
    const client = await connectRaw(portOf(protocol), { allowHalfOpen: true });
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
    const { login, endings } = await residentAtSink(protocol);
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
      tls: town.certificate,
      async script(connection) {
        await connection.write("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n");
        const [tag] = (await connection.readLine()).split(" ");
        const whole = `${tag} ${answer}${behind}`;
        await connection.write(whole.slice(0, cut));
        // Two TLS records, which are two chunks for whoever reads them.
        await connection.write(whole.slice(cut));
      },
    });
    servers.push(server);
    const login = await town.resident({ imap: { port: server.port } });
    for (cut = 1; cut < 10 + answer.length + behind.length; cut++) {
      const client = await connectRaw(town.postern.imapPort);
      expect(await logInToImap(client, login)).toBe("OK [CAPABILITY IMAP4rev1] Logged in");
      await client.closed();
      expect(client.transcript().endsWith(`Logged in\r\n${behind}`), `cut at ${cut}`).toBe(true);
    }
  });

  test("a megabyte behind the login waits at the mail program's until the server is ready, and none is lost", async () => {
    const gate = Promise.withResolvers<void>();
    const endings: Buffer[] = [];
    const login = await residentAt(
      "imap",
      async (connection) => {
        endings.push(await readAll(connection));
      },
      { accept: () => gate.promise.then(() => true) },
    );
    const tail = randomBytes(20 * MEGABYTE);
    const client = await connectRaw(town.postern.imapPort, { allowHalfOpen: true });
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
  const status = await readFile(`/proc/${town.postern.ready.processId}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe("fifty megabytes arrive as they were sent, without being kept anywhere on the way", () => {
  const SIZE = 50 * MEGABYTE;
  /** Less than would be needed to keep a message, more than a garbage collector's mood. */
  const BOUND = 32 * MEGABYTE;
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
      const login = await residentAt(protocol, async (connection) => {
        await gate.promise;
        hash.resolve(sha256(await readAll(connection)));
      });
      const client = await loggedIn(protocol, login);
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
    const login = await residentAt("imap", async (connection) => {
      await connection.readLine();
      await connection.write(`* 1 FETCH (BODY[] {${SIZE}}\r\n`);
      for (sent = 0; sent < SIZE; sent += 65_536)
        await connection.write(message.subarray(sent, sent + 65_536));
      await connection.write(")\r\na2 OK done\r\n");
    });
    const client = await loggedIn("imap", login);
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

describe("nobody looks at what passes", () => {
  const contents: [string, Buffer][] = [
    ["every octet value, and all that has ever smuggled a message (E6)", AWKWARD],
    ["a line of a megabyte", Buffer.concat([Buffer.alloc(MEGABYTE, "x"), Buffer.from("\r\n")])],
    ["a megabyte without a line's end", Buffer.alloc(MEGABYTE, 0)],
    ["a megabyte of line ends", Buffer.alloc(MEGABYTE, "\n")],
  ];
  for (const [name, octets] of contents) {
    for (const protocol of ["imap", "smtp"] as const) {
      test(`${name}: identical to the server and back, over ${protocol.toUpperCase()}`, async () => {
        const login = await residentAt(protocol, async (connection) => {
          for await (const chunk of connection.chunks()) await connection.write(chunk);
        });
        const client = await loggedIn(protocol, login);
        const start = client.transcript().length;
        client.write(octets);
        client.end();
        const echoed = (await client.readToEnd()).subarray(start);
        expect(sha256(echoed)).toBe(sha256(octets));
        client.socket.destroy();
      });
    }
  }

  test("one MAIL stays one MAIL, whatever stands in the message (E6)", async () => {
    const { login, endings } = await residentAtSink("smtp");
    const client = await loggedIn("smtp", login);
    const transaction = Buffer.concat([
      Buffer.from("MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n"),
      AWKWARD,
      Buffer.from("\r\n.\r\n"),
    ]);
    client.write(transaction);
    client.end();
    await client.closed();
    expect(endings[0]?.equals(transaction)).toBe(true);
    client.socket.destroy();
  });

  test("each of two accounts always gets its own mailbox with its own token (F6)", async () => {
    const [first, second] = [await town.resident(), await town.resident()];
    const from = town.logins.length;
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const protocol = index % 4 < 2 ? "imap" : "smtp";
        const client = await loggedIn(protocol, index % 2 === 0 ? first : second);
        // 235 comes before the login upstream; the answer to this comes from there.
        if (protocol === "smtp") expect(await sendSmtp(client, "NOOP")).toBe("250 2.0.0 NOOP done");
        client.socket.destroy();
      }),
    );
    const owners = new Map<string, string>();
    for (const { user, accessToken } of town.logins.slice(from)) {
      owners.set(accessToken, owners.get(accessToken) ?? user);
      expect(owners.get(accessToken)).toBe(user);
    }
    expect(town.logins).toHaveLength(from + 100);
    for (const [accessToken, user] of owners)
      expect(await town.authorizationServer.checkToken(accessToken)).toBe(user);
  });
});

describe("how a connection ends at one end is how it ends at the other", () => {
  for (const protocol of ["imap", "smtp"] as const) {
    test(`a mail program that has said all it wants to say still hears the server out (${protocol})`, async () => {
      const login = await residentAt(protocol, async (connection) => {
        const said = await readAll(connection);
        connection.end(`you said ${said.length} octets\r\n`);
      });
      const client = await loggedIn(protocol, login);
      client.write("x".repeat(1000));
      client.end();
      expect(await client.readLine()).toBe("you said 1000 octets");
      expect(await client.closed()).toBe("fin");
    });

    test(`a server that has said all it wants to say still hears the mail program out (${protocol})`, async () => {
      const heard = Promise.withResolvers<string>();
      const login = await residentAt(protocol, async (connection) => {
        connection.end("that is all\r\n");
        heard.resolve((await readAll(connection)).toString());
      });
      const client = await loggedIn(protocol, login);
      expect(await client.readLine()).toBe("that is all");
      expect(await client.closed()).toBe("fin");
      client.write("not for me");
      client.end();
      expect(await heard.promise).toBe("not for me");
    });

    test(`a server that resets the connection in the middle of a message: a reset, and no reply of ours (${protocol})`, async () => {
      const login = await residentAt(protocol, async (connection) => {
        await connection.readLine();
        await connection.write("354 go on, or {100}\r\n0123456789");
        await connection.readOctets(100_000);
        connection.reset();
      });
      const client = await loggedIn(protocol, login);
      const start = client.transcript().length;
      client.write(`DATA\r\n${"y".repeat(200_000)}`);
      expect(await client.closed()).toBe("reset");
      expect("354 go on, or {100}\r\n0123456789".startsWith(client.transcript().slice(start))).toBe(true);
      await eventually(async () => (await town.postern.json("account", "show", login.email)).sessions === 0);
    });

    test(`a mail program that resets the connection in the middle of a message: the server sees it end at once (${protocol})`, async () => {
      const ended = Promise.withResolvers<Buffer>();
      const login = await residentAt(protocol, async (connection) => {
        try {
          ended.resolve(await readAll(connection));
        } catch (thrown) {
          if (!(thrown instanceof PeerGone)) throw thrown;
        }
      });
      const client = await loggedIn(protocol, login);
      client.write("DATA\r\nhalf a mess");
      await everythingRead(client);
      client.reset();
      const received = (await ended.promise).toString();
      expect("DATA\r\nhalf a mess".startsWith(received)).toBe(true);
      await eventually(async () => (await town.postern.json("account", "show", login.email)).sessions === 0);
    });
  }

  test("the answer to the end of a message that never comes is not made up", async () => {
    const login = await residentAt("smtp", async (connection) => {
      while ((await connection.readLine()) !== ".");
      connection.reset();
    });
    const client = await loggedIn("smtp", login);
    const start = client.transcript().length;
    client.write("DATA\r\nSubject: x\r\n\r\nhello\r\n.\r\n");
    await client.closed();
    expect(client.transcript().slice(start)).toBe("");
  });
});
