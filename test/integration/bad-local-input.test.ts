// What strangers, broken programs and browsers can send to the listeners: nothing of it reaches the provider, nothing of
// it hurts anybody else, and nothing secret is ever written down.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEncryptedFileKeychain } from "../../src/oauth/keychain/encrypted-file.ts";
import {
  connectRaw,
  type LocalLogin,
  logInToImap,
  logInToSmtp,
  plain,
  type RawClient,
  sendImap,
  sendSmtp,
} from "../support/raw-client.ts";
import { eventually, startTown, type Town } from "../support/town.ts";

const WRONG_IMAP = "NO [AUTHENTICATIONFAILED] Use the password shown in Postern";
const WRONG_SMTP = "535 5.7.8 Use the password shown in Postern";

let town: Town;
let bob: LocalLogin;

beforeAll(async () => {
  town = await startTown({
    people: 12,
    postern: { serve: ["--imap-port", "0", "--smtp-port", "0", "--log-level", "debug"] },
  });
  bob = await town.resident();
  // The first EHLO makes Postern ask the provider what it offers, and note that down.
  const client = await greetedSmtp();
  await sendSmtp(client, `AUTH PLAIN ${plain(bob)}`);
  await sendSmtp(client, "QUIT");
  // The copy is written after the file itself, and then everything is at rest.
  const copy = join(town.postern.home, "state.json.last-good");
  await eventually(async () => {
    const names = await readdir(town.postern.home);
    return (
      !names.some((name) => name.endsWith(".tmp")) && (await readFile(copy, "utf8")).includes("SIZE 10000000")
    );
  });
});

afterAll(async () => {
  await town.close();
});

const imap = (): Promise<RawClient> => connectRaw(town.postern.imapPort);
const smtp = (): Promise<RawClient> => connectRaw(town.postern.smtpPort);
const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");
const upstreamConnections = (): number => town.imap.connections.length + town.smtp.connections.length;

/** A connection behind its greeting. */
async function greeted(connecting: Promise<RawClient>): Promise<RawClient> {
  const client = await connecting;
  await client.readLine();
  return client;
}

async function greetedSmtp(): Promise<RawClient> {
  const client = await greeted(smtp());
  await sendSmtp(client, "EHLO [127.0.0.1]");
  return client;
}

async function expectServed(): Promise<void> {
  const client = await imap();
  const asked = performance.now();
  expect(await logInToImap(client, bob)).toMatch(/^OK /);
  expect(performance.now() - asked).toBeLessThan(1000);
  expect(await sendImap(client, "LOGOUT")).toMatch(/^OK /);
}

/** Every file of the home but the lock and the socket, by name. */
async function filesOfHome(): Promise<Map<string, Buffer>> {
  const entries = await readdir(town.postern.home, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = files.map(async (entry): Promise<[string, Buffer]> => {
    const path = join(entry.parentPath, entry.name);
    return [path, await readFile(path)];
  });
  return new Map(await Promise.all(contents));
}

describe("a wrong local password", () => {
  test("changes nothing, however often it comes, and the right one works in the same second", async () => {
    // Answers to one user name's failures wait in line, a second each; so that this does not last, four of them.
    const residents = [bob, await town.resident(), await town.resident(), await town.resident()];
    const before = await filesOfHome();
    const [requests, upstream] = [town.authorizationServer.requests.length, upstreamConnections()];
    const replies = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const client = await (index % 2 === 0 ? imap() : smtp());
        const login = { email: residents[index % 4]?.email ?? "", password: `wrong${index}` };
        const reply = await (index % 2 === 0 ? logInToImap(client, login) : logInToSmtp(client, login));
        client.socket.destroy();
        return reply;
      }).concat(expectServed().then(() => "served")),
    );
    expect(new Set(replies)).toEqual(new Set([WRONG_IMAP, WRONG_SMTP, "served"]));
    expect(upstreamConnections()).toBe(upstream + 1);
    expect(town.authorizationServer.requests).toHaveLength(requests);
    expect(await filesOfHome()).toEqual(before);
  });

  test("a hundred of them leave the token store byte-identical and ask the provider for nothing", async () => {
    // Somebody whom nobody else needs: the next answers to this name's failures come late.
    const { email } = await town.resident();
    const refused = (): number => town.postern.log().split("wrong user name or local password").length - 1;
    const before = { files: await filesOfHome(), refused: refused() };
    const [requests, upstream] = [town.authorizationServer.requests.length, upstreamConnections()];
    const clients = await Promise.all(Array.from({ length: 100 }, () => greeted(imap())));
    // Their answers are slow on purpose; that they were judged is in the log at once.
    for (const [index, client] of clients.entries()) client.write(`a LOGIN ${email} wrong${index}\r\n`);
    await eventually(() => refused() === before.refused + clients.length);
    expect(await filesOfHome()).toEqual(before.files);
    expect(town.authorizationServer.requests).toHaveLength(requests);
    expect(upstreamConnections()).toBe(upstream);
    await expectServed();
    for (const client of clients) client.socket.destroy();
  });

  test("and an unknown user get the same answer after the same time", async () => {
    const measure = async (email: string): Promise<number> => {
      const client = await greeted(imap());
      const asked = performance.now();
      expect(await sendImap(client, `LOGIN ${email} guess`)).toBe(WRONG_IMAP);
      client.socket.destroy();
      return performance.now() - asked;
    };
    // Each of them for the first time, since a second failure costs more.
    const emails: string[] = [];
    for (let count = 0; count < 5; count++) emails.push((await town.resident()).email);
    const known = await Promise.all(emails.map(measure));
    const unknown = await Promise.all(emails.map((email) => measure(`nobody.${email}`)));
    const median = (times: number[]): number => times.sort((left, right) => left - right)[2] ?? 0;
    // The first failure of a person's action costs a second, whoever they say they are.
    expect(median(known)).toBeGreaterThan(990);
    expect(Math.abs(median(known) - median(unknown))).toBeLessThan(300);
  });

  test("three times on one connection ends it", async () => {
    const [client, other] = [await greeted(imap()), await greetedSmtp()];
    const wrong = { email: "other.stranger@example.test", password: "x" };
    client.write("1 LOGIN stranger@example.test x\r\n2 LOGIN stranger@example.test x\r\n");
    client.write("3 LOGIN stranger@example.test x\r\n4 NOOP\r\n");
    other.write(
      `AUTH PLAIN ${plain(wrong)}\r\nAUTH PLAIN ${plain(wrong)}\r\nAUTH PLAIN ${plain(wrong)}\r\nNOOP\r\n`,
    );
    const [ofImap, ofSmtp] = await Promise.all([client.readToEnd(), other.readToEnd()]);
    expect(ofImap.toString().split("\r\n").slice(1)).toEqual([
      `1 ${WRONG_IMAP}`,
      `2 ${WRONG_IMAP}`,
      `3 ${WRONG_IMAP}`,
      expect.stringMatching(/^\* BYE /),
      "",
    ]);
    expect(ofSmtp.toString().split("\r\n").slice(-5)).toEqual([
      WRONG_SMTP,
      WRONG_SMTP,
      WRONG_SMTP,
      expect.stringMatching(/^421 4\.7\.0 /),
      "",
    ]);
  });

  test("user names that are not what they seem to be open nothing (F2)", async () => {
    const upstream = upstreamConnections();
    const names = [
      `${bob.email}\x01auth=Bearer evil\x01\x01`,
      `\x01${bob.email}`,
      `${bob.email}\0`,
      `${bob.email}\r\nx`,
      `${bob.email}x`,
      `x${bob.email}`,
      bob.email.replace("@", "\u200b@"),
      "",
      "é".repeat(400),
    ];
    const replies = await Promise.all(
      names.flatMap((name) => [
        (async () => {
          const client = await greeted(imap());
          const [size, password] = [Buffer.byteLength(name), bob.password];
          client.write(`1 LOGIN {${size}+}\r\n${name} ${password}\r\n`);
          const reply = await client.readLine();
          client.socket.destroy();
          return reply;
        })(),
        (async () => {
          const client = await greeted(imap());
          const reply = await sendImap(client, `AUTHENTICATE PLAIN ${base64(`\0${name}\0${bob.password}`)}`);
          client.socket.destroy();
          return reply;
        })(),
      ]),
    );
    for (const reply of replies) expect(reply).toMatch(/^(?:1 )?(?:NO \[AUTHENTICATIONFAILED\]|BAD) /);
    expect(upstreamConnections()).toBe(upstream);
  });

  test("the address may be written in another case; the password may not", async () => {
    const [client, other] = [await imap(), await imap()];
    const loud = bob.email.toUpperCase();
    expect(await logInToImap(client, { email: loud, password: bob.password })).toMatch(/^OK /);
    // Upstream it is the configured address, whatever was typed.
    expect(town.logins.at(-1)?.user).toBe(bob.email);
    const shouted = { email: bob.email, password: bob.password.toUpperCase() };
    expect(await logInToImap(other, shouted)).toBe(WRONG_IMAP);
    for (const { socket } of [client, other]) socket.destroy();
  });
});

describe("credentials in a form that cannot be read", () => {
  const malformed = ["!!!!", "AGFsaWNl!!AHB3*", "AGI=AGI=", "AGE", "AGFiYw==\tx"];

  test("bad base64 is BAD, the connection stays, and fifty logins beside it get in (F4)", async () => {
    const good = Array.from({ length: 50 }, async () => {
      const client = await imap();
      const reply = await logInToImap(client, bob);
      client.socket.destroy();
      return reply.slice(0, 3);
    });
    const bad = malformed.flatMap((text) => [
      (async () => {
        const client = await greeted(imap());
        expect(await sendImap(client, `AUTHENTICATE PLAIN ${text}`)).toMatch(/^BAD /);
        client.write("b AUTHENTICATE PLAIN\r\n");
        // The space is part of it (RFC 9051 §9).
        expect(await client.readLine()).toBe("+ ");
        client.write(`${text}\r\n`);
        expect(await client.readLine()).toMatch(/^b BAD /);
        expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
        client.socket.destroy();
      })(),
    ]);
    await Promise.all(bad);
    expect(new Set(await Promise.all(good))).toEqual(new Set(["OK "]));
  });

  test("bad base64 is 501 5.5.2 in SMTP, and the connection stays", async () => {
    for (const text of malformed) {
      const client = await greetedSmtp();
      expect(await sendSmtp(client, `AUTH PLAIN ${text}`)).toMatch(/^501 5\.5\.2 /);
      client.write("AUTH LOGIN\r\n");
      expect(await client.readLine()).toBe("334 VXNlcm5hbWU6");
      expect(await sendSmtp(client, text)).toMatch(/^501 5\.5\.2 /);
      expect(await sendSmtp(client, `AUTH PLAIN ${plain(bob)}`)).toMatch(/^235 /);
      client.socket.destroy();
    }
  });

  test("cancelled, unknown and impersonating exchanges each have their answer", async () => {
    const client = await greeted(imap());
    client.write("a AUTHENTICATE PLAIN\r\n*\r\n");
    expect(await client.readUntil(/\na .*\r\n/)).toMatch(/\na BAD AUTHENTICATE cancelled\r\n/);
    expect(await sendImap(client, "AUTHENTICATE GSSAPI")).toMatch(/^NO \[CANNOT\] /);
    const forOther = base64(`victim@example.test\0${bob.email}\0${bob.password}`);
    expect(await sendImap(client, `AUTHENTICATE PLAIN ${forOther}`)).toMatch(/^NO \[AUTHORIZATIONFAILED\] /);
    client.socket.destroy();

    const other = await greetedSmtp();
    other.write("AUTH PLAIN\r\n*\r\n");
    expect(await other.readUntil(/\n5.*\r\n/)).toBe("334 \r\n501 5.7.0 Authentication cancelled\r\n");
    expect(await sendSmtp(other, "AUTH GSSAPI")).toMatch(/^504 5\.5\.4 /);
    expect(await sendSmtp(other, `AUTH PLAIN ${forOther}`)).toMatch(/^(?:535 5\.7\.8|421) /);
    other.socket.destroy();
  });

  test("LOGIN with too few, too many or half-quoted words is BAD", async () => {
    for (const words of [
      bob.email,
      `${bob.email} a b`,
      `"${bob.email} ${bob.password}`,
      `${bob.email} "\\x"`,
      "",
    ]) {
      const client = await greeted(imap());
      expect(await sendImap(client, `LOGIN ${words}`)).toMatch(/^BAD /);
      client.socket.destroy();
    }
  });

  test("a command without a usable tag is answered with an untagged BAD that echoes nothing (C5)", async () => {
    for (const line of ["* LOGIN a b", "+ NOOP", "", "(a) NOOP", "<script>alert(1)</script>"]) {
      const client = await greeted(imap());
      client.write(`${line}\r\n`);
      const reply = await client.readLine();
      expect(reply).toMatch(/ BAD /);
      expect(reply).not.toContain("alert");
      client.socket.destroy();
    }
  });
});

describe("more than anybody needs to say", () => {
  test("a line that is too long is refused and skipped, and the connection stays", async () => {
    const client = await greeted(imap());
    client.write(`a LOGIN ${"x".repeat(9000)} y\r\n`);
    expect(await client.readLine()).toMatch(/^\S+ BAD Command line too long/);
    expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
    client.socket.destroy();

    const other = await greetedSmtp();
    expect(await sendSmtp(other, `AUTH PLAIN ${"A".repeat(13_000)}`)).toMatch(/^500 5\.5\.6 /);
    expect(await sendSmtp(other, `AUTH PLAIN ${plain(bob)}`)).toMatch(/^235 /);
    other.socket.destroy();
  });

  test("a line without an end is not swallowed: the connection is closed", async () => {
    for (const connecting of [imap, smtp]) {
      const client = await greeted(connecting());
      client.write(Buffer.alloc(200_000, "x"));
      await client.closed();
      expect(client.transcript().length).toBeLessThan(1000);
    }
  });

  for (const size of ["1025", "4294967295", "1000000000", "18446744073709551616", "99999999999999999999"]) {
    test(`a synchronising literal of ${size} octets is refused before it is sent, and the connection stays`, async () => {
      const client = await greeted(imap());
      expect(await sendImap(client, `LOGIN {${size}}`)).toMatch(/^BAD \[TOOBIG\] /);
      expect(await sendImap(client, `LOGIN ${bob.email} ${bob.password}`)).toMatch(/^OK /);
      expect(client.transcript()).not.toContain("\r\n+ ");
      client.socket.destroy();
    });

    test(`a literal of ${size} octets that comes without being asked for ends the connection`, async () => {
      const client = await greeted(imap());
      // What follows must not be taken for a command, however much it looks like one.
      client.write(`a LOGIN {${size}+}\r\nb LOGIN ${bob.email} ${bob.password}\r\n`);
      await client.closed();
      expect(client.transcript()).toMatch(/\r\na BAD \[TOOBIG\] /);
      expect(client.transcript()).not.toMatch(/\r\nb /);
    });
  }

  test("literals that are no numbers are not literals", async () => {
    for (const size of ["-1", "", "1e3", "0x10", "5 ", "+5"]) {
      const client = await greeted(imap());
      expect(await sendImap(client, `LOGIN {${size}}`)).toMatch(/^BAD /);
      expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
      client.socket.destroy();
    }
  });

  test("literals that add up to more than a command may have are refused", async () => {
    const client = await greeted(imap());
    client.write(`a LOGIN ${"{1000+}\r\n".concat("x".repeat(1000)).repeat(10)}\r\n`);
    await client.closed();
    expect(client.transcript()).toMatch(/\r\na BAD /);
  });

  test("what is neither IMAP nor SMTP is answered three times and not a fourth", async () => {
    const hello = Buffer.from("1603010005010000010303\n1603010005\n\x16\x03\x01\nx\ny\n", "latin1");
    for (const connecting of [imap, smtp]) {
      const client = await greeted(connecting());
      client.write(hello);
      await client.closed();
      expect(client.transcript().split("\r\n").length).toBeLessThanOrEqual(6);
    }
  });

  test("two hundred and fifty connections that say nothing cost the oldest of them, and nobody else anything (F7)", async () => {
    const idle: RawClient[] = [];
    for (let count = 0; count < 250; count++) idle.push(await greeted(count % 2 === 0 ? imap() : smtp()));
    await expectServed();
    const [first, second] = idle;
    const newest = idle.slice(-100);
    expect(await first?.closed()).toBe("fin");
    expect(first?.transcript()).toMatch(/\r\n\* BYE .*\r\n$/);
    expect(await second?.closed()).toBe("fin");
    expect(second?.transcript()).toMatch(/\r\n421 .*\r\n$/);
    for (const client of newest) expect(client.transcript()).toMatch(/^(?:\* OK|220) [^\r]*\r\n$/);
    for (const client of idle) client.socket.destroy();
  });

  test("connections that end or break at any point of a login leave nothing behind", async () => {
    const whole = `a AUTHENTICATE PLAIN ${plain({ email: bob.email, password: "wrong" })}\r\n`;
    await Promise.all(
      Array.from({ length: whole.length }, async (_, length) => {
        const client = await connectRaw(town.postern.imapPort, { first: whole.slice(0, length) });
        if (length % 2 === 0) client.reset();
        else client.end();
      }),
    );
    await expectServed();
    expect((await town.postern.json("account", "show", bob.email)).sessions).toBe(0);
  });
});

describe("somebody who is not a mail program", () => {
  for (const protocol of ["imap", "smtp"] as const) {
    test(`who has spoken before the ${protocol.toUpperCase()} greeting gets none (C4)`, async () => {
      const { imapPort, smtpPort, ready } = town.postern;
      const port = protocol === "imap" ? imapPort : smtpPort;
      // A daemon that is stopped accepts nothing, so that the octets are there before it looks.
      process.kill(ready.processId, "SIGSTOP");
      let client: RawClient;
      try {
        client = await connectRaw(port);
        await new Promise((resolve) => client.socket.write("x NOOP\r\n", resolve));
      } finally {
        process.kill(ready.processId, "SIGCONT");
      }
      expect(await client.closed()).toBe("fin");
      expect(client.transcript()).toMatch(/^(?:\* BYE|421) [^\r]*\r\n$/);
      await expectServed();
    });
  }

  const requestLines = [
    "POST / HTTP/1.1",
    "GET / HTTP/1.1",
    "PUT /x HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "PRI * HTTP/2.0",
    "DELETE / HTTP/1.1",
    "CONNECT a:1 HTTP/1.1",
  ];
  for (const requestLine of requestLines) {
    test(`a browser that sends ${requestLine} with the right password in the body is turned away at its first line (C4)`, async () => {
      const upstream = upstreamConnections();
      const bodies = [
        [town.postern.imapPort, `x LOGIN ${bob.email} ${bob.password}\r\nx SELECT INBOX\r\n`],
        [town.postern.smtpPort, `EHLO x\r\nAUTH PLAIN ${plain(bob)}\r\nMAIL FROM:<${bob.email}>\r\n`],
      ] as const;
      for (const [port, body] of bodies) {
        const client = await greeted(connectRaw(port));
        const head = `Host: 127.0.0.1:${port}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}`;
        client.write(`${requestLine}\r\n${head}\r\n\r\n${body}`);
        expect(await client.closed()).toBe("fin");
        expect(client.transcript()).toMatch(
          /^(?:\* OK [^\r]*\r\n\* BYE [^\r]*\r\n|220 [^\r]*\r\n421 4\.7\.0 [^\r]*\r\n)$/,
        );
      }
      expect(upstreamConnections()).toBe(upstream);
    });
  }
});

describe("nothing secret is written down", () => {
  test("neither log nor home has a password, a token or a SASL message in clear, after all of this", async () => {
    const client = await imap();
    await logInToImap(client, bob);
    client.socket.destroy();
    const other = await smtp();
    await logInToSmtp(other, bob);
    await sendSmtp(other, "NOOP");
    other.socket.destroy();

    const keychain = createEncryptedFileKeychain({
      path: join(town.postern.home, "keychain.encrypted"),
      keyFile: join(town.postern.folder, "key"),
    });
    const { id } = await town.postern.json("account", "show", bob.email);
    const entry = await keychain.read({ purpose: "refresh-token", accountId: id });
    const refreshToken = entry?.current.value.reveal() ?? "";
    expect(refreshToken).toMatch(/^.{20,}$/);
    expect(town.logins.length).toBeGreaterThan(10);
    const tokens = [...new Set(town.logins.map(({ accessToken }) => accessToken)), refreshToken];
    const secrets = [
      bob.password,
      plain(bob),
      ...tokens,
      ...tokens.map((token) => base64(token)),
      ...town.logins.map(({ user, accessToken }) =>
        base64(`user=${user}\x01auth=Bearer ${accessToken}\x01\x01`),
      ),
    ];

    const places = new Map([...(await filesOfHome()), ["log", Buffer.from(town.postern.log())]]);
    for (const [place, octets] of places) {
      const text = octets.toString("latin1");
      for (const secret of secrets) expect(text.includes(secret), `a secret in ${place}`).toBe(false);
      expect(text.includes("Bearer "), `Bearer in ${place}`).toBe(false);
      expect(text, place).not.toMatch(/wrong\d/);
    }
  });

  test("every line of the log is one JSON object, whatever was sent (F9)", () => {
    const lines = town.postern.log().trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), msg: expect.any(String) });
    expect(town.postern.log()).not.toMatch(/unexpected|did not expect|nobody waited for/);
  });
});
