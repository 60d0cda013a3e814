// What broken programs, strangers and browsers send to the listeners: more than anybody needs, or another protocol. Nothing
// of it reaches the provider, hurts anybody else, or puts a secret into the log.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BesiegedTown, greeted, startBesiegedTown } from "../support/besieged-town.ts";
import { connectRaw, plain, type RawClient, sendImap, sendSmtp } from "../support/raw-client.ts";

let besieged: BesiegedTown;

beforeAll(async () => {
  besieged = await startBesiegedTown();
});

afterAll(async () => {
  try {
    // After all that was sent, as in bad-local-input.test.ts.
    await besieged.expectNothingSecretWritten();
    expect(besieged.town.postern.log().trimEnd().split("\n").length).toBeGreaterThan(10);
    besieged.expectOrderlyLog();
  } finally {
    await besieged.town.close();
  }
});

describe("more than anybody needs to say", () => {
  test("a line that is too long is refused and skipped, and the connection stays", async () => {
    const client = await greeted(besieged.imap());
    client.write(`a LOGIN ${"x".repeat(9000)} y\r\n`);
    expect(await client.readLine()).toMatch(/^\S+ BAD Command line too long/);
    expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
    client.socket.destroy();

    const other = await besieged.greetedSmtp();
    expect(await sendSmtp(other, `AUTH PLAIN ${"A".repeat(13_000)}`)).toMatch(/^500 5\.5\.6 /);
    expect(await sendSmtp(other, `AUTH PLAIN ${plain(besieged.bob)}`)).toMatch(/^235 /);
    other.socket.destroy();
  });

  test("a line without an end is not swallowed: the connection is closed", async () => {
    for (const connecting of [besieged.imap, besieged.smtp]) {
      const client = await greeted(connecting());
      client.write(Buffer.alloc(200_000, "x"));
      await client.closed();
      expect(client.transcript().length).toBeLessThan(1000);
    }
  });

  for (const size of ["1025", "4294967295", "1000000000", "18446744073709551616", "99999999999999999999"]) {
    test(`a synchronising literal of ${size} octets is refused before it is sent, and the connection stays`, async () => {
      const client = await greeted(besieged.imap());
      expect(await sendImap(client, `LOGIN {${size}}`)).toMatch(/^BAD \[TOOBIG\] /);
      expect(await sendImap(client, `LOGIN ${besieged.bob.email} ${besieged.bob.password}`)).toMatch(/^OK /);
      expect(client.transcript()).not.toContain("\r\n+ ");
      client.socket.destroy();
    });

    test(`a literal of ${size} octets that comes without being asked for ends the connection`, async () => {
      const client = await greeted(besieged.imap());
      // What follows must not be taken for a command, however much it looks like one.
      client.write(`a LOGIN {${size}+}\r\nb LOGIN ${besieged.bob.email} ${besieged.bob.password}\r\n`);
      await client.closed();
      expect(client.transcript()).toMatch(/\r\na BAD \[TOOBIG\] /);
      expect(client.transcript()).not.toMatch(/\r\nb /);
    });
  }

  test("literals that are no numbers are not literals", async () => {
    for (const size of ["-1", "", "1e3", "0x10", "5 ", "+5"]) {
      const client = await greeted(besieged.imap());
      expect(await sendImap(client, `LOGIN {${size}}`)).toMatch(/^BAD /);
      expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
      client.socket.destroy();
    }
  });

  test("literals that add up to more than a command may have are refused", async () => {
    const client = await greeted(besieged.imap());
    client.write(`a LOGIN ${"{1000+}\r\n".concat("x".repeat(1000)).repeat(10)}\r\n`);
    await client.closed();
    expect(client.transcript()).toMatch(/\r\na BAD /);
  });

  test("what is neither IMAP nor SMTP is answered three times and not a fourth", async () => {
    const hello = Buffer.from("1603010005010000010303\n1603010005\n\x16\x03\x01\nx\ny\n", "latin1");
    for (const connecting of [besieged.imap, besieged.smtp]) {
      const client = await greeted(connecting());
      client.write(hello);
      await client.closed();
      expect(client.transcript().split("\r\n").length).toBeLessThanOrEqual(6);
    }
  });

  test("two hundred and fifty connections that say nothing cost the oldest of them, and nobody else anything (F7)", async () => {
    const idle: RawClient[] = [];
    for (let count = 0; count < 250; count++)
      idle.push(await greeted(count % 2 === 0 ? besieged.imap() : besieged.smtp()));
    await besieged.expectServed();
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
    const whole = `a AUTHENTICATE PLAIN ${plain({ email: besieged.bob.email, password: "wrong" })}\r\n`;
    await Promise.all(
      Array.from({ length: whole.length }, async (_, length) => {
        const client = await connectRaw(besieged.town.postern.imapPort, { first: whole.slice(0, length) });
        if (length % 2 === 0) client.reset();
        else client.end();
      }),
    );
    await besieged.expectServed();
    expect((await besieged.town.postern.json("account", "show", besieged.bob.email)).sessions).toBe(0);
  });
});

describe("somebody who is not a mail program", () => {
  for (const protocol of ["imap", "smtp"] as const) {
    test(`who has spoken before the ${protocol.toUpperCase()} greeting gets none (C4)`, async () => {
      const { imapPort, smtpPort, ready } = besieged.town.postern;
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
      await besieged.expectServed();
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
      const upstream = besieged.upstreamConnections();
      const bodies = [
        [
          besieged.town.postern.imapPort,
          `x LOGIN ${besieged.bob.email} ${besieged.bob.password}\r\nx SELECT INBOX\r\n`,
        ],
        [
          besieged.town.postern.smtpPort,
          `EHLO x\r\nAUTH PLAIN ${plain(besieged.bob)}\r\nMAIL FROM:<${besieged.bob.email}>\r\n`,
        ],
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
      expect(besieged.upstreamConnections()).toBe(upstream);
    });
  }
});
