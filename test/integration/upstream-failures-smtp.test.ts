// What a mail program is told when the provider's submission server cannot be trusted or is not there (protocol.md §7):
// 235 at once, since the local password was right; then the failure at MAIL, so that the mail stays with the program.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IssueOptions } from "../support/authority.ts";
import { type FailingUpstreams, startFailingUpstreams } from "../support/failing-upstreams.ts";
import { AUTHENTICATED, attemptMail } from "../support/mail-attempt.ts";
import { connectRaw, logInToSmtp, plain, sendSmtp } from "../support/raw-client.ts";
import { closedPort, type Script } from "../support/scripted-server.ts";
import { carriesToken, formatEhlo, greetOnly, smtpUpstream } from "../support/scripted-upstream.ts";
import { eventually, startTown } from "../support/town.ts";
import {
  CERTIFICATE,
  CLOSED,
  NO_MECHANISM,
  PROTOCOL,
  TIMEOUT,
  UNREACHABLE,
  WITHOUT_TLS,
} from "../support/upstream-failure.ts";

let rig: FailingUpstreams;

beforeAll(async () => {
  rig = await startFailingUpstreams("smtp");
});

afterAll(async () => {
  await rig.close();
});

describe("without a connection that can be trusted, no token is sent", () => {
  test.concurrent("a server that does not offer STARTTLS", async () => {
    const server = await rig.plainUpstream(smtpUpstream());
    await rig.expectFailure({ port: server.port, tls: "starttls" }, WITHOUT_TLS);
    expect(server.received().toString()).toBe("EHLO [127.0.0.1]\r\n");
  });

  test.concurrent("a server that refuses STARTTLS after offering it", async () => {
    const server = await rig.plainUpstream(smtpUpstream({ capabilities: "STARTTLS\nAUTH XOAUTH2" }));
    await rig.expectFailure({ port: server.port, tls: "starttls" }, WITHOUT_TLS);
    expect(server.received().toString()).toBe("EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
  });

  test.concurrent("octets in clear behind the answer to STARTTLS (D2)", async () => {
    const injecting: Script = async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write(formatEhlo("STARTTLS"));
      await connection.readLine();
      await connection.write(`220 begin\r\n${formatEhlo("AUTH XOAUTH2")}`);
      await connection.startTls(rig.town.certificate);
      await smtpUpstream()(connection);
    };
    const server = await rig.plainUpstream(injecting);
    await rig.expectFailure({ port: server.port, tls: "starttls" }, { ...PROTOCOL, detail: /STARTTLS/ });
    expect(carriesToken(server.received())).toBe(false);
  });

  test.concurrent("STARTTLS that was honest works, and only what was said inside TLS counts", async () => {
    const honest: Script = async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write(formatEhlo("STARTTLS\nAUTH OAUTHBEARER"));
      await connection.readLine();
      await connection.write("220 begin\r\n");
      await connection.startTls(rig.town.certificate);
      // No second greeting inside TLS (RFC 3207 §4.2).
      await connection.readLine();
      await connection.write(formatEhlo("AUTH XOAUTH2"));
      await connection.readLine();
      await connection.write("334 \r\n");
      await connection.readLine();
      await connection.write("235 in\r\n");
      await connection.readLine();
      await connection.write("250 from upstream\r\n");
      await connection.closed;
    };
    const server = await rig.plainUpstream(honest);
    const login = await rig.town.resident({ smtp: { port: server.port, tls: "starttls" } });
    expect(await attemptMail(rig.town.postern.smtpPort, login)).toBe("250 from upstream");
    // The token has a line of its own, however short it is (RFC 4954 §4).
    expect(server.received().toString()).toMatch(
      /^EHLO \[127\.0\.0\.1\]\r\nSTARTTLS\r\nEHLO \[127\.0\.0\.1\]\r\nAUTH XOAUTH2\r\n[A-Za-z0-9+/=]+\r\nMAIL /,
    );
    expect(server.connections[0]?.serverName()).toBe("localhost");
  });

  test.concurrent("a server without TLS where TLS comes first", async () => {
    const server = await rig.plainUpstream(smtpUpstream());
    await rig.expectFailure({ port: server.port }, CERTIFICATE);
    expect(carriesToken(server.received())).toBe(false);
  });

  const DAY = 86_400_000;
  const badCertificates: [string, readonly string[], IssueOptions, RegExp][] = [
    ["an expired certificate", ["localhost"], { notAfter: new Date(Date.now() - DAY) }, /CERT_HAS_EXPIRED/],
    ["a certificate for another host", ["smtp.example.test"], {}, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ["a self-signed certificate", ["localhost"], { selfSigned: true }, /DEPTH_ZERO_SELF_SIGNED_CERT/],
    ["a certificate that proves clients only", ["localhost"], { keyUsage: "client" }, /INVALID_PURPOSE/],
  ];
  for (const [name, names, options, detail] of badCertificates) {
    test.concurrent(name, async () => {
      const server = await rig.upstream(smtpUpstream(), await rig.town.authority.issue(names, options));
      await rig.expectFailure({ port: server.port }, { ...CERTIFICATE, detail });
      expect(server.received()).toHaveLength(0);
    });
  }

  const greetings: [string, string][] = [
    ["an IMAP server's greeting", "* OK IMAP4rev1 ready\r\n"],
    ["a greeting of garbage", "\x00\xff\x1b[31mSSH-2.0-OpenSSH\r\n"],
    ["a greeting that turns everybody away", "554 5.7.1 go away\r\n"],
    ["a greeting line of 9,000 octets", `220 ${"x".repeat(9000)}\r\n`],
    ["a greeting of a thousand lines", `${"220-more\r\n".repeat(1000)}220 done\r\n`],
  ];
  for (const [name, greeting] of greetings) {
    test.concurrent(name, async () => {
      const server = await rig.upstream(greetOnly(greeting));
      await rig.expectFailure({ port: server.port }, PROTOCOL);
      expect(server.received()).toHaveLength(0);
    });
  }

  test.concurrent("a server that knows no EHLO", async () => {
    const server = await rig.upstream(async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write("502 5.5.1 EHLO, what is that\r\n");
      await connection.readLine();
    });
    await rig.expectFailure({ port: server.port }, PROTOCOL);
    expect(server.received().toString()).toBe("EHLO [127.0.0.1]\r\n");
  });

  test.concurrent("a server that takes passwords only (D7)", async () => {
    const server = await rig.upstream(smtpUpstream({ capabilities: "AUTH PLAIN LOGIN" }));
    await rig.expectFailure({ port: server.port }, { ...NO_MECHANISM, detail: /PLAIN, LOGIN/ });
    expect(carriesToken(server.received())).toBe(false);
  });
});

describe("a server that is not there, or not for long, is an outage", () => {
  test.concurrent("nobody listens on the port", async () => {
    await rig.expectFailure({ port: await closedPort() }, { ...UNREACHABLE, detail: /ECONNREFUSED/ });
  });

  test.concurrent("the host name does not resolve", async () => {
    await rig.expectFailure({ host: "nowhere.invalid", port: 465 }, { ...UNREACHABLE, within: 20_000 });
  });

  test.concurrent("the connection is reset in the middle of the TLS handshake", async () => {
    const resetting: Script = async (connection) => {
      await connection.readOctets(1);
      connection.reset();
    };
    const server = await rig.plainUpstream(resetting);
    await rig.expectFailure({ port: server.port }, CLOSED);
  });

  test.concurrent("the connection is closed in answer to AUTH", async () => {
    const server = await rig.upstream(async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write(formatEhlo("AUTH XOAUTH2"));
      await connection.readLine();
    });
    await rig.expectFailure({ port: server.port }, CLOSED);
  });

  test.concurrent("the connection is closed instead of an answer to the token", async () => {
    const server = await rig.upstream(async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write(formatEhlo("AUTH XOAUTH2"));
      await connection.readLine();
      await connection.write("334 \r\n");
      await connection.readLine();
      connection.reset();
    });
    await rig.expectFailure({ port: server.port }, CLOSED);
  });

  const silent: [string, Script][] = [
    ["a server that never speaks", async (connection) => connection.closed],
    [
      "a server that does not answer the token",
      async (connection) => {
        await connection.write("220 ready\r\n");
        await connection.readLine();
        await connection.write(formatEhlo("AUTH XOAUTH2"));
        await connection.readLine();
        await connection.write("334 \r\n");
        await connection.closed;
      },
    ],
  ];
  for (const [name, script] of silent) {
    test.concurrent(`${name} is given up after twenty seconds, 235 was said at once`, async () => {
      const server = await rig.upstream(script);
      await rig.expectFailure({ port: server.port }, { ...TIMEOUT, within: 25_000 });
    });
  }

  test.concurrent("what a mail program sends ahead is answered in order when the server turns out to be gone", async () => {
    const login = await rig.town.resident({ smtp: { port: await closedPort() } });
    const client = await connectRaw(rig.town.postern.smtpPort);
    await client.readUntil(/^220 .*\r\n/);
    await sendSmtp(client, "EHLO [127.0.0.1]");
    client.write(
      `AUTH PLAIN ${plain(login)}\r\nMAIL FROM:<${login.email}>\r\nRCPT TO:<a@example.test>\r\nDATA\r\nRSET\r\nQUIT\r\n`,
    );
    const replies = await client.readUntil(/\r\n221 .*\r\n/);
    expect(replies.split("\r\n").map((line) => line.slice(0, 9))).toEqual([
      "235 2.7.0",
      "450 4.4.1",
      "503 5.5.1",
      "503 5.5.1",
      "250 2.0.0",
      "221 2.0.0",
      "",
    ]);
  });

  test.concurrent("a chunk of BDAT that was sent ahead does not become commands", async () => {
    const login = await rig.town.resident({ smtp: { port: await closedPort() } });
    const client = await connectRaw(rig.town.postern.smtpPort);
    expect(await logInToSmtp(client, login)).toBe(AUTHENTICATED);
    const chunk = "QUIT\r\nQUIT\r\n";
    client.write(`MAIL FROM:<${login.email}>\r\nBDAT ${chunk.length} LAST\r\n${chunk}NOOP\r\n`);
    expect(await client.readLine()).toMatch(/^450 4\.4\.1 /);
    expect(await client.readLine()).toMatch(/^503 5\.5\.1 /);
    expect(await client.readLine()).toMatch(/^250 /);
    client.socket.destroy();
  });

  test.concurrent("the next login after an outage works, without anybody doing anything", async () => {
    let broken = true;
    const server = await rig.upstream(async (connection) => {
      if (broken) connection.destroy();
      else await smtpUpstream()(connection);
    });
    const login = await rig.expectFailure({ port: server.port }, CLOSED);
    broken = false;
    expect(await attemptMail(rig.town.postern.smtpPort, login)).toBe("250 2.0.0 MAIL done");
    expect(await rig.town.statusOf(login.email)).toEqual({ kind: "working", sentence: "Signed in." });
  });

  test.concurrent("an outage that everybody on the port has, and that lasts, is told at the greeting", async () => {
    const alone = await startTown({ people: 1 });
    try {
      const login = await alone.resident({ smtp: { port: await closedPort() } });
      let greeting = "";
      await eventually(async () => {
        const client = await connectRaw(alone.postern.smtpPort);
        greeting = await client.readLine();
        if (greeting.startsWith("220 ")) {
          await sendSmtp(client, "EHLO [127.0.0.1]");
          await sendSmtp(client, `AUTH PLAIN ${plain(login)}`);
          await sendSmtp(client, `MAIL FROM:<${login.email}>`);
          client.socket.destroy();
          return false;
        }
        expect(await client.closed()).toBe("fin");
        return true;
      }, 20_000);
      expect(greeting).toBe("421 4.3.2 The mail server cannot be reached; try again later");
    } finally {
      await alone.close();
    }
  });
});
