// What a mail program is told when the provider's IMAP server cannot be trusted or is not there (protocol.md §7): never
// that the password is wrong, never a token on a wire that has not earned it, and mail of others goes on.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestAuthority, type IssueOptions } from "../support/authority.ts";
import { type FailingUpstreams, startFailingUpstreams } from "../support/failing-upstreams.ts";
import { attemptLogin } from "../support/mail-attempt.ts";
import { connectRaw, logInToImap, sendImap } from "../support/raw-client.ts";
import { closedPort, type Script } from "../support/scripted-server.ts";
import { carriesToken, greetOnly, imapUpstream, type UpstreamLogin } from "../support/scripted-upstream.ts";
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
  rig = await startFailingUpstreams("imap");
});

afterAll(async () => {
  await rig.close();
});

describe("without a connection that can be trusted, no token is sent", () => {
  test.concurrent("a server that does not offer STARTTLS", async () => {
    const server = await rig.plainUpstream(imapUpstream());
    await rig.expectFailure({ port: server.port, tls: "starttls" }, WITHOUT_TLS);
    expect(server.received().toString()).toBe("");
  });

  test.concurrent("a server that refuses STARTTLS after offering it", async () => {
    const server = await rig.plainUpstream(imapUpstream({ capabilities: "IMAP4rev1 STARTTLS AUTH=XOAUTH2" }));
    await rig.expectFailure({ port: server.port, tls: "starttls" }, WITHOUT_TLS);
    expect(server.received().toString()).toMatch(/^\S+ STARTTLS\r\n$/);
  });

  test.concurrent("octets in clear behind the answer to STARTTLS (D2)", async () => {
    const server = await rig.plainUpstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
      const [tag] = (await connection.readLine()).split(" ");
      await connection.write(`${tag} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR\r\n`);
      await connection.startTls(rig.town.certificate);
      await imapUpstream()(connection);
    });
    await rig.expectFailure({ port: server.port, tls: "starttls" }, { ...PROTOCOL, detail: /STARTTLS/ });
    expect(carriesToken(server.received())).toBe(false);
  });

  test.concurrent("STARTTLS that was honest works, and only what was said inside TLS counts", async () => {
    const logins: UpstreamLogin[] = [];
    const server = await rig.plainUpstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=OAUTHBEARER SASL-IR] ready\r\n");
      const [tag] = (await connection.readLine()).split(" ");
      await connection.write(`${tag} OK begin\r\n`);
      await connection.startTls(rig.town.certificate);
      // Inside TLS the greeting is not repeated (RFC 9051 §6.2.1): the mail program asks.
      const [again] = (await connection.readLine()).split(" ");
      await connection.write(`* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n${again} OK done\r\n`);
      const [third, , mechanism] = (await connection.readLine()).split(" ");
      await connection.write("+ \r\n");
      await connection.readLine();
      logins.push({ mechanism: mechanism ?? "", user: "", accessToken: "", accepted: true });
      await connection.write(`${third} OK [CAPABILITY IMAP4rev1] in\r\n`);
    });
    const login = await rig.town.resident({ imap: { port: server.port, tls: "starttls" } });
    const client = await connectRaw(rig.town.postern.imapPort);
    expect(await logInToImap(client, login)).toBe("OK [CAPABILITY IMAP4rev1] Logged in");
    expect(logins[0]?.mechanism).toBe("XOAUTH2");
    expect(server.connections[0]?.serverName()).toBe("localhost");
    client.socket.destroy();
  });

  test.concurrent("a server without TLS where TLS comes first", async () => {
    const server = await rig.plainUpstream(imapUpstream());
    await rig.expectFailure({ port: server.port }, CERTIFICATE);
    expect(carriesToken(server.received())).toBe(false);
  });

  const DAY = 86_400_000;
  const badCertificates: [string, readonly string[], IssueOptions, RegExp][] = [
    [
      "an expired certificate",
      ["localhost"],
      { notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) },
      /localhost:\d+: CERT_HAS_EXPIRED/,
    ],
    [
      "a certificate that is not valid yet",
      ["localhost"],
      { notBefore: new Date(Date.now() + DAY), notAfter: new Date(Date.now() + 2 * DAY) },
      /localhost:\d+: CERT_NOT_YET_VALID/,
    ],
    ["a certificate for another host", ["imap.example.test"], {}, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ["a certificate for hosts below this one", ["*.localhost"], {}, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ["a self-signed certificate", ["localhost"], { selfSigned: true }, /DEPTH_ZERO_SELF_SIGNED_CERT/],
    ["a certificate that proves clients only", ["localhost"], { keyUsage: "client" }, /INVALID_PURPOSE/],
  ];
  for (const [name, names, options, detail] of badCertificates) {
    test.concurrent(name, async () => {
      const server = await rig.upstream(imapUpstream(), await rig.town.authority.issue(names, options));
      await rig.expectFailure({ port: server.port }, { ...CERTIFICATE, detail });
      expect(server.received()).toHaveLength(0);
    });
  }

  test.concurrent("a certificate of an authority that nobody has named", async () => {
    const stranger = await createTestAuthority();
    const server = await rig.upstream(imapUpstream(), await stranger.issue(["localhost"]));
    await rig.expectFailure({ port: server.port }, { ...CERTIFICATE, detail: /UNABLE_TO_VERIFY/ });
    expect(server.received()).toHaveLength(0);
  });

  test.concurrent("a bad certificate behind STARTTLS", async () => {
    const expired = await rig.town.authority.issue(["localhost"], { notAfter: new Date(Date.now() - DAY) });
    const server = await rig.plainUpstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
      const [tag] = (await connection.readLine()).split(" ");
      await connection.write(`${tag} OK begin\r\n`);
      await connection.startTls(expired);
    });
    await rig.expectFailure(
      { port: server.port, tls: "starttls" },
      { ...CERTIFICATE, detail: /CERT_HAS_EXPIRED/ },
    );
    expect(carriesToken(server.received())).toBe(false);
  });

  const greetings: [string, string][] = [
    ["a PREAUTH greeting (D4)", "* PREAUTH [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi\r\n"],
    ["an SMTP server's greeting", "220 smtp.example.test ESMTP\r\n"],
    ["a greeting of garbage", "\x00\xff\x1b[31mSSH-2.0-OpenSSH\r\n"],
    ["a tagged answer to nothing (E5)", "* OK ready\r\nL OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] in\r\n"],
    ["a server that speaks no IMAP version we know", "* OK [CAPABILITY IMAP2 AUTH=XOAUTH2] ready\r\n"],
    ["a greeting line of 9,000 octets", `* OK ${"x".repeat(9000)}\r\n`],
    ["untagged lines without end", `* OK ready\r\n${"* NO not yet\r\n".repeat(10_000)}`],
  ];
  for (const [name, greeting] of greetings) {
    test.concurrent(name, async () => {
      const server = await rig.upstream(greetOnly(greeting));
      await rig.expectFailure({ port: server.port }, PROTOCOL);
      expect(carriesToken(server.received())).toBe(false);
    });
  }

  test.concurrent("a hundred megabytes without a line's end are not swallowed (E1)", async () => {
    let sent = 0;
    const server = await rig.upstream(async (connection) => {
      const chunk = Buffer.alloc(65_536, "x");
      while (sent < 100_000_000) {
        await connection.write(chunk);
        sent += chunk.length;
      }
    });
    await rig.expectFailure({ port: server.port }, PROTOCOL);
    // What fits into the buffers of two sockets on the way.
    expect(sent).toBeLessThan(20_000_000);
  });

  test.concurrent("a server that takes passwords only (D7)", async () => {
    const server = await rig.upstream(imapUpstream({ capabilities: "IMAP4rev1 AUTH=PLAIN AUTH=LOGIN" }));
    await rig.expectFailure({ port: server.port }, { ...NO_MECHANISM, detail: /PLAIN, LOGIN/ });
    expect(carriesToken(server.received())).toBe(false);
  });
});

describe("a server that is not there, or not for long, is an outage", () => {
  test.concurrent("nobody listens on the port", async () => {
    const expected = { ...UNREACHABLE, detail: /ECONNREFUSED/ };
    await rig.expectFailure({ port: await closedPort() }, expected);
  });

  test.concurrent("the host name does not resolve", async () => {
    await rig.expectFailure({ host: "nowhere.invalid", port: 993 }, { ...UNREACHABLE, within: 20_000 });
  });

  test.concurrent("the connection is reset in the middle of the TLS handshake", async () => {
    const server = await rig.plainUpstream(async (connection) => {
      await connection.readOctets(1);
      connection.reset();
    });
    await rig.expectFailure({ port: server.port }, CLOSED);
  });

  test.concurrent("the connection is closed before the greeting", async () => {
    const server = await rig.upstream(async (connection) => connection.destroy());
    await rig.expectFailure({ port: server.port }, CLOSED);
  });

  test.concurrent("the connection is closed in answer to AUTHENTICATE", async () => {
    const server = await rig.upstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n");
      await connection.readLine();
    });
    await rig.expectFailure({ port: server.port }, CLOSED);
    expect(server.connections).toHaveLength(1);
  });

  test.concurrent("the connection is reset in the middle of the answer to AUTHENTICATE", async () => {
    const server = await rig.upstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n");
      const [tag] = (await connection.readLine()).split(" ");
      await connection.write(`${tag} OK [CAPABILITY IMAP4`);
      connection.reset();
    });
    await rig.expectFailure({ port: server.port }, CLOSED);
  });

  const silent: [string, Script][] = [
    ["a server that never speaks", async (connection) => connection.closed],
    [
      "a server that does not answer AUTHENTICATE",
      async (connection) => {
        await connection.write("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n");
        await connection.closed;
      },
    ],
    [
      "a server that says one octet a second",
      async (connection) => {
        for (const octet of `* OK ${"slowly ".repeat(100)}`) {
          await connection.write(octet);
          await Promise.race([connection.closed, new Promise((resolve) => setTimeout(resolve, 1000))]);
        }
      },
    ],
  ];
  for (const [name, script] of silent) {
    test.concurrent(`${name} is given up after twenty seconds`, async () => {
      const server = await rig.upstream(script);
      await rig.expectFailure(
        { port: server.port },
        {
          ...TIMEOUT,
          within: 25_000,
        },
      );
    });
  }

  test.concurrent("a server that does not finish the TLS handshake is given up after ten seconds", async () => {
    const server = await rig.plainUpstream(async (connection) => connection.closed);
    await rig.expectFailure(
      { port: server.port },
      {
        ...TIMEOUT,
        within: 15_000,
      },
    );
  });

  test.concurrent("the next login after an outage works, without anybody doing anything", async () => {
    let broken = true;
    const server = await rig.upstream(async (connection) => {
      if (broken) connection.destroy();
      else await imapUpstream()(connection);
    });
    const login = await rig.expectFailure({ port: server.port }, CLOSED);
    broken = false;
    expect(await attemptLogin(rig.town.postern.imapPort, login)).toMatch(/^OK /);
    expect(await rig.town.statusOf(login.email)).toEqual({ kind: "working", sentence: "Signed in." });
  });

  test.concurrent("an outage that everybody on the port has, and that lasts, is told at the greeting", async () => {
    const alone = await startTown({ people: 1 });
    try {
      const port = await closedPort();
      const login = await alone.resident({ imap: { port } });
      let greeting = "";
      await eventually(async () => {
        const client = await connectRaw(alone.postern.imapPort);
        greeting = await client.readLine();
        if (greeting.startsWith("* OK ")) {
          await sendImap(client, `LOGIN ${login.email} ${login.password}`);
          client.socket.destroy();
          return false;
        }
        expect(await client.closed()).toBe("fin");
        return true;
      }, 20_000);
      expect(greeting).toBe("* BYE [UNAVAILABLE] The mail server cannot be reached; try again later");
      // Sending is another server's business.
      const smtp = await connectRaw(alone.postern.smtpPort);
      expect(await smtp.readLine()).toMatch(/^220 /);
      smtp.socket.destroy();
    } finally {
      await alone.close();
    }
  });
});
