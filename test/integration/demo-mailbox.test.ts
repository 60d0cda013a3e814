// The demo mailbox spoken to on real TLS sockets: only OAuth gets in, octets survive, sessions hear of each other.
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import { createTransport } from "nodemailer";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createByteReader } from "../demo/mailbox/imap/byte-reader.ts";
import { readCommand } from "../demo/mailbox/imap/command-reader.ts";
import { type ImapConnection, openImapConnection } from "../demo/mailbox/imap-connection.ts";
import { type DemoMailbox, startDemoMailbox } from "../demo/mailbox/mailbox.ts";
import { createTestAuthority } from "../support/authority.ts";

const ALICE = "alice@example.test";
const BOB = "bob@example.test";
const EVE = "eve@example.test";
const TOKENS = new Map([
  ["alice-token", ALICE],
  ["bob-token", BOB],
  ["eve-token", EVE],
]);

let key: string;
let certificate: string;
let ca: string;
let demo: DemoMailbox;
let sockets: TLSSocket[] = [];

beforeAll(async () => {
  const authority = await createTestAuthority();
  ({ key, certificate } = await authority.issue(["localhost", "127.0.0.1"]));
  ca = authority.certificatePem;
});

beforeEach(async () => {
  demo = await startDemoMailbox({
    key,
    certificate,
    users: [ALICE, BOB],
    checkToken: async (accessToken) => {
      if (accessToken === "outage") throw new Error("authorization server is away");
      return TOKENS.get(accessToken);
    },
  });
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await demo.close();
});

async function openImap(): Promise<ImapConnection> {
  const imap = await openImapConnection({ port: demo.imapPort, ca });
  sockets.push(imap.socket);
  return imap;
}

function xoauth2(user: string, accessToken: string): string {
  return Buffer.from(`user=${user}\u0001auth=Bearer ${accessToken}\u0001\u0001`).toString("base64");
}

function oauthbearer(user: string, accessToken: string): string {
  const pairs = `host=127.0.0.1\u0001port=${demo.imapPort}\u0001auth=Bearer ${accessToken}\u0001\u0001`;
  return Buffer.from(`n,a=${user},\u0001${pairs}`).toString("base64");
}

async function logIn(user: string, accessToken: string): Promise<ImapConnection> {
  const imap = await openImap();
  const { last } = await imap.command(`AUTHENTICATE XOAUTH2 ${xoauth2(user, accessToken)}`);
  expect(last).toMatch(/^OK \[CAPABILITY /);
  return imap;
}

async function selectInbox(user: string, accessToken: string): Promise<ImapConnection> {
  const imap = await logIn(user, accessToken);
  expect((await imap.command("SELECT INBOX")).last).toMatch(/^OK \[READ-WRITE\]/);
  return imap;
}

async function append(imap: ImapConnection, mailbox: string, message: Buffer): Promise<string> {
  return (await imap.command(`APPEND ${mailbox} {${message.length}+}\r\n`, message)).last;
}

function sha256(octets: Buffer | undefined): string | undefined {
  return octets && createHash("sha256").update(octets).digest("hex");
}

function messageWith(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from("From: a@example.test\r\nSubject: caf\xe9\r\n\r\n", "latin1"), body]);
}

/** Octets of every kind but CR and LF, which SMTP gives a meaning. */
function createLine(length: number): Buffer {
  return Buffer.from(randomBytes(length).map((octet) => (octet === 0x0a || octet === 0x0d ? 0x80 : octet)));
}

describe("IMAP login", () => {
  const mechanisms = [
    { mechanism: "XOAUTH2", respond: xoauth2, failure: { status: "401" }, acknowledgement: "" },
    {
      mechanism: "OAUTHBEARER",
      respond: oauthbearer,
      failure: { status: "invalid_token" },
      acknowledgement: "AQ==",
    },
  ];

  test("the greeting offers the two OAuth mechanisms and nothing else", async () => {
    const { greeting } = await openImap();
    expect(greeting).toContain("LOGINDISABLED");
    expect(greeting.match(/AUTH=\S+?(?=[ \]])/g)).toEqual(["AUTH=XOAUTH2", "AUTH=OAUTHBEARER"]);
  });

  test.each(mechanisms)(
    "$mechanism, with an initial response and without",
    async ({ mechanism, respond }) => {
      const withInitialResponse = await openImap();
      const { last } = await withInitialResponse.command(
        `AUTHENTICATE ${mechanism} ${respond(ALICE, "alice-token")}`,
      );
      expect(last).toMatch(/^OK/);
      const without = await openImap();
      without.write(`a AUTHENTICATE ${mechanism}\r\n`);
      expect((await without.until("+ ")).last).toBe("");
      without.write(`${respond(BOB, "bob-token")}\r\n`);
      expect((await without.until("a ")).last).toMatch(/^OK/);
      expect(demo.logins).toEqual([
        { protocol: "imap", mechanism, user: ALICE, accepted: true },
        { protocol: "imap", mechanism, user: BOB, accepted: true },
      ]);
    },
  );

  test.each(mechanisms)(
    "$mechanism: a refused token gets a challenge, then NO, and one may try again",
    async (row) => {
      const { mechanism, respond, failure, acknowledgement } = row;
      const imap = await openImap();
      const attempts = [
        { user: ALICE, accessToken: "expired" },
        { user: ALICE, accessToken: "bob-token" },
        { user: "", accessToken: "alice-token" },
        { user: EVE, accessToken: "eve-token" },
      ];
      for (const { user, accessToken } of attempts) {
        imap.write(`b AUTHENTICATE ${mechanism} ${respond(user, accessToken)}\r\n`);
        const challenge = (await imap.until("+ ")).last;
        expect(JSON.parse(Buffer.from(challenge, "base64").toString())).toMatchObject(failure);
        imap.write(`${acknowledgement}\r\n`);
        expect((await imap.until("b ")).last).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
      }
      expect((await imap.command(`AUTHENTICATE ${mechanism} ${respond(ALICE, "alice-token")}`)).last).toMatch(
        /^OK/,
      );
      expect(demo.logins.map(({ accepted }) => accepted)).toEqual([false, false, false, false, true]);
      expect(JSON.stringify(demo.logins)).not.toContain("-token");
    },
  );

  test("no password form gets in, not even with a token as the password", async () => {
    const imap = await openImap();
    expect((await imap.command(`LOGIN ${ALICE} alice-token`)).last).toMatch(/^NO/);
    expect((await imap.command(`LOGIN {${ALICE.length}+}\r\n${ALICE} {6+}\r\nse"\\\r\n`)).last).toMatch(
      /^NO/,
    );
    const plain = Buffer.from(`\0${ALICE}\0alice-token`).toString("base64");
    expect((await imap.command(`AUTHENTICATE PLAIN ${plain}`)).last).toMatch(/^NO/);
    expect((await imap.command("AUTHENTICATE LOGIN")).last).toMatch(/^NO/);
    expect((await imap.command("SELECT INBOX")).last).toMatch(/^BAD/);
    expect(demo.logins.map(({ mechanism, user }) => [mechanism, user])).toEqual([
      ["LOGIN", ALICE],
      ["LOGIN", ALICE],
      ["PLAIN", ""],
      ["LOGIN", ""],
    ]);
    expect(demo.logins.some(({ accepted }) => accepted)).toBe(false);
  });

  test("a cancelled exchange, broken base64 and an outage of the token check", async () => {
    const imap = await openImap();
    imap.write("c AUTHENTICATE XOAUTH2\r\n");
    await imap.until("+ ");
    imap.write("*\r\n");
    expect((await imap.until("c ")).last).toMatch(/^BAD/);
    expect((await imap.command("AUTHENTICATE XOAUTH2 ???")).last).toMatch(/^BAD/);
    const { last } = await imap.command(`AUTHENTICATE XOAUTH2 ${xoauth2(ALICE, "outage")}`);
    expect(last).toMatch(/^NO \[UNAVAILABLE\]/);
  });
});

describe("IMAP messages", () => {
  test("octets survive APPEND and FETCH: 8-bit, NUL, bare CR and LF, long lines, 20 MB, 60 MB", async () => {
    const imap = await selectInbox(ALICE, "alice-token");
    const messages = [
      Buffer.from("x{5}\r\n\0\x80\xff\n\r.", "latin1"),
      randomBytes(20_000_000),
      randomBytes(60_000_000),
    ];
    for (const [index, body] of messages.entries()) {
      const message = messageWith(body);
      expect(await append(imap, "INBOX", message)).toMatch(/^OK \[APPENDUID /);
      const fetched = await imap.command(`UID FETCH ${index + 1} (RFC822.SIZE BODY.PEEK[])`);
      expect(fetched.lines[0]).toContain(`RFC822.SIZE ${message.length} `);
      expect(sha256(fetched.literals[0])).toBe(sha256(message));
    }
  });

  test("a command is the same wherever the packets are cut", async () => {
    const literal = Buffer.from("\0\x80 {3}\r\nd NOOP\r\n", "latin1");
    const start = Buffer.from(`a APPEND {5+}\r\nINBOX {${literal.length}+}\r\n`);
    const wire = Buffer.concat([start, literal, Buffer.from("\r\nb NOOP\r\n")]);
    const cuts = Array.from(wire.keys(), (cut) => [wire.subarray(0, cut), wire.subarray(cut)]);
    const octetByOctet = Array.from(wire.keys(), (at) => wire.subarray(at, at + 1));
    for (const packets of [...cuts, octetByOctet]) {
      const reader = createByteReader(Readable.from(packets));
      const read = () => readCommand(reader, { line: 100, literal: 100 }, async () => {});
      expect(await read()).toEqual({
        text: `a APPEND {5+}\r\n {${literal.length}+}\r\n`,
        literals: [Buffer.from("INBOX"), literal],
      });
      expect(await read()).toEqual({ text: "b NOOP", literals: [] });
      expect(await read()).toBeUndefined();
    }
  });

  test("a synchronizing literal waits for the go-ahead, and one over the limit gets none", async () => {
    const imap = await logIn(ALICE, "alice-token");
    imap.write("e APPEND INBOX (\\Seen) {3}\r\n");
    await imap.until("+ ");
    imap.write("a\n\r\r\n");
    expect((await imap.until("e ")).last).toMatch(/^OK/);
    imap.write("f APPEND INBOX {999999999}\r\n");
    expect((await imap.until("f ")).last).toMatch(/^NO \[TOOBIG\]/);
    imap.write("g APPEND INBOX {999999999+}\r\n");
    await expect(imap.until("g ")).rejects.toThrow("closed");
  });

  test("header fields, partials, parts, envelope and structure", async () => {
    const imap = await selectInbox(ALICE, "alice-token");
    const message = [
      'From: "Doe, J." <j@example.test>\r\nTo: a@b.test, Friends: c@d.test;\r\nSubject: one\r\n two\r\n',
      "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nplain\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n",
      "Subject: inner\r\n\r\ninside\r\n--x--\r\n",
    ].join("");
    await append(imap, "INBOX", Buffer.from(message));
    const sections = [
      ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]", "Subject: one\r\n two\r\n\r\n"],
      ["BODY.PEEK[]<6.8>", '"Doe, J.'],
      ["BODY.PEEK[1]", "plain"],
      ["BODY.PEEK[2.HEADER]", "Subject: inner\r\n\r\n"],
      ["BODY.PEEK[2.1]", "inside"],
      ["BODY.PEEK[2.MIME]", "Content-Type: message/rfc822\r\n\r\n"],
    ];
    for (const [section, expected] of sections) {
      expect((await imap.command(`FETCH 1 ${section}`)).literals.map(String)).toEqual([expected]);
    }
    const from = '(("Doe, J." NIL "j" "example.test"))';
    const to = '((NIL NIL "a" "b.test")(NIL NIL "Friends" NIL)(NIL NIL "c" "d.test")(NIL NIL NIL NIL))';
    const text = '("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT"';
    const inner = '(NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL)';
    expect((await imap.command("FETCH 1 (ENVELOPE BODY)")).lines).toEqual([
      `* 1 FETCH (ENVELOPE (NIL "one two" ${from} ${from} ${from} ${to} NIL NIL NIL NIL) ` +
        `BODY (${text} 5 0)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 24 ${inner} ${text} 6 0) 2) "MIXED"))`,
    ]);
    expect((await imap.command("FETCH 1 (FLAGS)")).lines).toEqual(["* 1 FETCH (FLAGS (\\Recent))"]);
    expect((await imap.command("FETCH 1 BODY[TEXT]<0.1>")).lines[0]).toContain("FLAGS (\\Seen \\Recent)");
  });

  test("STORE, SEARCH, COPY, MOVE, EXPUNGE and the names around them", async () => {
    const imap = await selectInbox(ALICE, "alice-token");
    for (const body of ["one", "two", "three"]) await append(imap, "INBOX", messageWith(Buffer.from(body)));
    expect((await imap.command("COPY 1 Work/2026")).last).toMatch(/^NO \[TRYCREATE\]/);
    expect((await imap.command("CREATE Work/2026")).last).toMatch(/^OK/);
    expect((await imap.command('LIST "" Work*')).lines).toEqual([
      '* LIST (\\Noselect \\HasChildren) "/" "Work"',
      '* LIST (\\HasNoChildren) "/" "Work/2026"',
    ]);
    expect((await imap.command("UID COPY 1,3 Work/2026")).last).toMatch(/^OK \[COPYUID \d+ 1,3 1:2\]/);
    await imap.command("STORE 2 +FLAGS (\\Deleted $Junk)");
    expect((await imap.command("UID SEARCH OR KEYWORD $junk BODY one")).lines).toEqual(["* SEARCH 1 2"]);
    expect((await imap.command("UID EXPUNGE 1,3")).lines).toEqual([]);
    expect((await imap.command("EXPUNGE")).lines).toEqual(["* 2 EXPUNGE"]);
    expect((await imap.command("UID MOVE 3 Trash")).lines).toEqual([
      expect.stringMatching(/^\* OK \[COPYUID \d+ 3 1\]/),
      "* 2 EXPUNGE",
    ]);
    expect((await imap.command("RENAME Work Play")).last).toMatch(/^OK/);
    expect((await imap.command("STATUS Play/2026 (MESSAGES UNSEEN UIDNEXT)")).lines).toEqual([
      '* STATUS "Play/2026" (MESSAGES 2 UNSEEN 2 UIDNEXT 3)',
    ]);
    expect((await imap.command("DELETE Play/2026")).last).toMatch(/^OK/);
    expect((await imap.command("SELECT Play/2026")).last).toMatch(/^NO \[NONEXISTENT\]/);
  });

  test("one session hears in IDLE, and at its next command, what another one did", async () => {
    const idler = await selectInbox(ALICE, "alice-token");
    const other = await selectInbox(ALICE, "alice-token");
    idler.write("h IDLE\r\n");
    await idler.until("+ ");
    await append(other, "INBOX", messageWith(Buffer.from("news")));
    expect((await idler.until("* 1 EXISTS")).last).toBe("");
    await other.command("STORE 1 +FLAGS (\\Deleted)");
    expect((await idler.until("* 1 FETCH")).last).toContain("\\Deleted");
    await other.command("EXPUNGE");
    expect((await idler.until("* 1 EXPUNGE")).last).toBe("");
    idler.write("DONE\r\n");
    expect((await idler.until("h ")).last).toMatch(/^OK/);
    await append(idler, "INBOX", messageWith(Buffer.from("more")));
    expect((await other.command("NOOP")).lines).toEqual(["* 1 EXISTS", "* 0 RECENT"]);
  });
});

describe("SMTP submission", () => {
  function submit(recipients: readonly string[], raw: Buffer, accessToken = "bob-token"): Promise<unknown> {
    const transport = createTransport({
      host: "127.0.0.1",
      port: demo.smtpPort,
      secure: true,
      tls: { ca },
      auth: { type: "OAuth2", user: BOB, accessToken },
    });
    return transport.sendMail({ envelope: { from: BOB, to: [...recipients] }, raw });
  }

  test("mail lands in the INBOX of each recipient, octet for octet, and wakes who is in IDLE", async () => {
    const imap = await selectInbox(ALICE, "alice-token");
    imap.write("i IDLE\r\n");
    await imap.until("+ ");
    const lines = Array.from({ length: 1000 }, () =>
      Buffer.concat([createLine(20_000), Buffer.from("\r\n..\r\n.\r\n")]),
    );
    const message = messageWith(Buffer.concat(lines));
    await submit([ALICE.toUpperCase(), BOB], message);
    await imap.until("* 1 EXISTS");
    imap.write("DONE\r\n");
    await imap.until("i ");
    const bob = await selectInbox(BOB, "bob-token");
    for (const recipient of [imap, bob]) {
      expect(sha256((await recipient.command("FETCH 1 BODY.PEEK[]")).literals[0])).toBe(sha256(message));
    }
  });

  test("only XOAUTH2 with a good token for the same address, and only to mailboxes of the demo", async () => {
    const message = messageWith(Buffer.from("text\r\n"));
    await expect(submit([ALICE], message, "expired")).rejects.toMatchObject({ responseCode: 535 });
    await expect(submit([ALICE], message, "alice-token")).rejects.toMatchObject({ responseCode: 535 });
    await expect(submit([ALICE], message, "outage")).rejects.toMatchObject({ responseCode: 454 });
    await expect(submit([EVE], message)).rejects.toMatchObject({ responseCode: 550 });
    const transport = createTransport({ host: "127.0.0.1", port: demo.smtpPort, secure: true, tls: { ca } });
    for (const method of ["PLAIN", "LOGIN"]) {
      const withPassword = createTransport({
        host: "127.0.0.1",
        port: demo.smtpPort,
        secure: true,
        tls: { ca },
        authMethod: method,
        auth: { user: BOB, pass: "bob-token" },
      });
      await expect(withPassword.verify()).rejects.toMatchObject({ responseCode: 504 });
    }
    await expect(
      transport.sendMail({ envelope: { from: BOB, to: BOB }, raw: message }),
    ).rejects.toMatchObject({
      responseCode: 530,
    });
    // nodemailer tries a refused token twice.
    const tried = new Set(
      demo.logins.map(({ protocol, mechanism, accepted }) => `${protocol} ${mechanism} ${accepted}`),
    );
    expect([...tried]).toEqual([
      "smtp XOAUTH2 false",
      "smtp XOAUTH2 true",
      "smtp PLAIN false",
      "smtp LOGIN false",
    ]);
  });
});

describe("starting and closing", () => {
  test("a taken port is an error that leaves nothing behind, and close says goodbye and frees both ports", async () => {
    const options = { key, certificate, users: [ALICE], checkToken: async () => undefined };
    const { imapPort, smtpPort } = demo;
    await expect(startDemoMailbox({ ...options, smtpPort })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await expect(startDemoMailbox({ ...options, imapPort })).rejects.toMatchObject({ code: "EADDRINUSE" });
    const idler = await selectInbox(ALICE, "alice-token");
    idler.write("j IDLE\r\n");
    await idler.until("+ ");
    await Promise.all([idler.until("* BYE"), demo.close()]);
    demo = await startDemoMailbox({ ...options, imapPort, smtpPort });
    expect(demo).toMatchObject({ imapPort, smtpPort });
  });
});
