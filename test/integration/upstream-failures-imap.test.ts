// What a mail program is told when the provider's IMAP server fails in every way we could think of (protocol.md §7):
// never that the password is wrong, never a token on a wire that has not earned it, and mail of others goes on.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestAuthority, type IssueOptions } from "../support/authority.ts";
import { connectRaw, type LocalLogin, logInToImap, sendImap } from "../support/raw-client.ts";
import {
  closedPort,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from "../support/scripted-server.ts";
import {
  carriesToken,
  imapUpstream,
  type UpstreamLogin,
  type UpstreamOptions,
} from "../support/scripted-upstream.ts";
import { eventually, type MailEndpoint, startTown, type Town } from "../support/town.ts";

let town: Town;
let neighbour: LocalLogin;
const servers: ScriptedServer[] = [];

beforeAll(async () => {
  town = await startTown({ people: 60 });
  neighbour = await town.resident();
});

afterAll(async () => {
  await town.close();
  await Promise.all(servers.map((server) => server.close()));
});

/** A scripted server that is closed at the end; inside TLS of the town unless told otherwise. */
async function upstream(script: Script, tls: typeof town.certificate | undefined = town.certificate) {
  const server = await startScriptedServer({ script, ...(tls === undefined ? {} : { tls }) });
  servers.push(server);
  return server;
}

async function plainUpstream(script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer({ script });
  servers.push(server);
  return server;
}

interface Expected {
  /** The tagged answer without its tag. */
  readonly reply: string;
  readonly kind: "offline" | "blocked" | "needs-you";
  readonly code: string;
  readonly detail?: RegExp;
  /** Milliseconds. */
  readonly within?: number;
}

/** One login that must fail as expected, on a connection that stays usable; the neighbour's must work. */
async function expectFailure(imap: MailEndpoint, expected: Expected): Promise<LocalLogin> {
  const login = await town.resident({ imap });
  const client = await connectRaw(town.postern.imapPort);
  expect(await logInToImap(client, login, expected.within)).toBe(expected.reply);
  expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
  client.socket.destroy();

  const status = await town.statusOf(login.email);
  expect(status).toMatchObject({ kind: expected.kind, code: expected.code });
  if (expected.detail !== undefined) expect(status.detail).toMatch(expected.detail);
  await expectNeighbourServed();
  return login;
}

async function expectNeighbourServed(): Promise<void> {
  const client = await connectRaw(town.postern.imapPort);
  expect(await logInToImap(client, neighbour)).toMatch(/^OK /);
  expect(await sendImap(client, "LOGOUT")).toMatch(/^OK /);
}

const CERTIFICATE = {
  reply: "NO [UNAVAILABLE] Secure connection failed",
  kind: "blocked",
  code: "upstream-certificate",
} as const;
const WITHOUT_TLS = { ...CERTIFICATE, code: "upstream-without-tls" } as const;
const PROTOCOL = {
  reply: "NO [UNAVAILABLE] The mail server gave an answer that Postern does not accept",
  kind: "blocked",
  code: "upstream-protocol",
} as const;
const CLOSED = {
  reply: "NO [UNAVAILABLE] The mail server closed the connection; try again later",
  kind: "offline",
  code: "upstream-closed",
} as const;
const UNREACHABLE = {
  reply: "NO [UNAVAILABLE] The mail server cannot be reached; try again later",
  kind: "offline",
  code: "upstream-unreachable",
} as const;
const REFUSED = {
  reply: "NO [UNAVAILABLE] The mail server refused the sign-in; see Postern",
  kind: "blocked",
  code: "upstream-refused",
} as const;

describe("without a connection that can be trusted, no token is sent", () => {
  test.concurrent("a server that does not offer STARTTLS", async () => {
    const server = await plainUpstream(imapUpstream());
    await expectFailure({ port: server.port, tls: "starttls" }, WITHOUT_TLS);
    expect(server.received().toString()).toBe("");
  });

  test.concurrent("a server that refuses STARTTLS after offering it", async () => {
    const server = await plainUpstream(imapUpstream({ capabilities: "IMAP4rev1 STARTTLS AUTH=XOAUTH2" }));
    await expectFailure({ port: server.port, tls: "starttls" }, WITHOUT_TLS);
    expect(server.received().toString()).toMatch(/^\S+ STARTTLS\r\n$/);
  });

  test.concurrent("octets in clear behind the answer to STARTTLS (D2)", async () => {
    const server = await plainUpstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
      const [tag] = (await connection.readLine()).split(" ");
      await connection.write(`${tag} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR\r\n`);
      await connection.startTls(town.certificate);
      await imapUpstream()(connection);
    });
    await expectFailure({ port: server.port, tls: "starttls" }, { ...PROTOCOL, detail: /STARTTLS/ });
    expect(carriesToken(server.received())).toBe(false);
  });

  test.concurrent("STARTTLS that was honest works, and only what was said inside TLS counts", async () => {
    const logins: UpstreamLogin[] = [];
    const server = await plainUpstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=OAUTHBEARER SASL-IR] ready\r\n");
      const [tag] = (await connection.readLine()).split(" ");
      await connection.write(`${tag} OK begin\r\n`);
      await connection.startTls(town.certificate);
      // Inside TLS the greeting is not repeated (RFC 9051 §6.2.1): the mail program asks.
      const [again] = (await connection.readLine()).split(" ");
      await connection.write(`* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n${again} OK done\r\n`);
      const [third, , mechanism] = (await connection.readLine()).split(" ");
      await connection.write("+ \r\n");
      await connection.readLine();
      logins.push({ mechanism: mechanism ?? "", user: "", accessToken: "", accepted: true });
      await connection.write(`${third} OK [CAPABILITY IMAP4rev1] in\r\n`);
    });
    const login = await town.resident({ imap: { port: server.port, tls: "starttls" } });
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, login)).toBe("OK [CAPABILITY IMAP4rev1] Logged in");
    expect(logins[0]?.mechanism).toBe("XOAUTH2");
    expect(server.connections[0]?.serverName()).toBe("localhost");
    client.socket.destroy();
  });

  test.concurrent("a server without TLS where TLS comes first", async () => {
    const server = await plainUpstream(imapUpstream());
    await expectFailure({ port: server.port }, CERTIFICATE);
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
      const server = await upstream(imapUpstream(), await town.authority.issue(names, options));
      await expectFailure({ port: server.port }, { ...CERTIFICATE, detail });
      expect(server.received()).toHaveLength(0);
    });
  }

  test.concurrent("a certificate of an authority that nobody has named", async () => {
    const stranger = await createTestAuthority();
    const server = await upstream(imapUpstream(), await stranger.issue(["localhost"]));
    await expectFailure({ port: server.port }, { ...CERTIFICATE, detail: /UNABLE_TO_VERIFY/ });
    expect(server.received()).toHaveLength(0);
  });

  test.concurrent("a bad certificate behind STARTTLS", async () => {
    const expired = await town.authority.issue(["localhost"], { notAfter: new Date(Date.now() - DAY) });
    const server = await plainUpstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
      const [tag] = (await connection.readLine()).split(" ");
      await connection.write(`${tag} OK begin\r\n`);
      await connection.startTls(expired);
    });
    await expectFailure(
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
      const server = await upstream(async (connection) => {
        await connection.write(Buffer.from(greeting, "latin1"));
        for (;;) await connection.readLine();
      });
      await expectFailure({ port: server.port }, PROTOCOL);
      expect(carriesToken(server.received())).toBe(false);
    });
  }

  test.concurrent("a hundred megabytes without a line's end are not swallowed (E1)", async () => {
    let sent = 0;
    const server = await upstream(async (connection) => {
      const chunk = Buffer.alloc(65_536, "x");
      while (sent < 100_000_000) {
        await connection.write(chunk);
        sent += chunk.length;
      }
    });
    await expectFailure({ port: server.port }, PROTOCOL);
    // What fits into the buffers of two sockets on the way.
    expect(sent).toBeLessThan(20_000_000);
  });

  test.concurrent("a server that takes passwords only (D7)", async () => {
    const server = await upstream(imapUpstream({ capabilities: "IMAP4rev1 AUTH=PLAIN AUTH=LOGIN" }));
    await expectFailure(
      { port: server.port },
      {
        reply: "NO [UNAVAILABLE] The mail server does not accept this kind of sign-in",
        kind: "blocked",
        code: "upstream-no-mechanism",
        detail: /PLAIN, LOGIN/,
      },
    );
    expect(carriesToken(server.received())).toBe(false);
  });
});

describe("a server that is not there, or not for long, is an outage", () => {
  test.concurrent("nobody listens on the port", async () => {
    const expected = { ...UNREACHABLE, detail: /ECONNREFUSED/ };
    await expectFailure({ port: await closedPort() }, expected);
  });

  test.concurrent("the host name does not resolve", async () => {
    await expectFailure({ host: "nowhere.invalid", port: 993 }, { ...UNREACHABLE, within: 20_000 });
  });

  test.concurrent("the connection is reset in the middle of the TLS handshake", async () => {
    const server = await plainUpstream(async (connection) => {
      await connection.readOctets(1);
      connection.reset();
    });
    await expectFailure({ port: server.port }, CLOSED);
  });

  test.concurrent("the connection is closed before the greeting", async () => {
    const server = await upstream(async (connection) => connection.destroy());
    await expectFailure({ port: server.port }, CLOSED);
  });

  test.concurrent("the connection is closed in answer to AUTHENTICATE", async () => {
    const server = await upstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n");
      await connection.readLine();
    });
    await expectFailure({ port: server.port }, CLOSED);
    expect(server.connections).toHaveLength(1);
  });

  test.concurrent("the connection is reset in the middle of the answer to AUTHENTICATE", async () => {
    const server = await upstream(async (connection) => {
      await connection.write("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n");
      const [tag] = (await connection.readLine()).split(" ");
      await connection.write(`${tag} OK [CAPABILITY IMAP4`);
      connection.reset();
    });
    await expectFailure({ port: server.port }, CLOSED);
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
      const server = await upstream(script);
      await expectFailure(
        { port: server.port },
        {
          reply: "NO [UNAVAILABLE] The mail server did not answer in time; try again later",
          kind: "offline",
          code: "upstream-timeout",
          within: 25_000,
        },
      );
    });
  }

  test.concurrent("a server that does not finish the TLS handshake is given up after ten seconds", async () => {
    const server = await plainUpstream(async (connection) => connection.closed);
    await expectFailure(
      { port: server.port },
      {
        reply: "NO [UNAVAILABLE] The mail server did not answer in time; try again later",
        kind: "offline",
        code: "upstream-timeout",
        within: 15_000,
      },
    );
  });

  test.concurrent("the next login after an outage works, without anybody doing anything", async () => {
    let broken = true;
    const server = await upstream(async (connection) => {
      if (broken) connection.destroy();
      else await imapUpstream()(connection);
    });
    const login = await expectFailure({ port: server.port }, CLOSED);
    broken = false;
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, login)).toMatch(/^OK /);
    expect(await town.statusOf(login.email)).toEqual({ kind: "working", sentence: "Signed in." });
    client.socket.destroy();
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

describe("a server that limits the account is left alone for a while", () => {
  const throttled: [string, UpstreamOptions | string, string][] = [
    [
      "a refusal with [LIMIT]",
      { challenge: "", refusal: "NO [LIMIT] Too many logins, wait a minute" },
      "Too many logins, wait a minute",
    ],
    [
      "Gmail's limit of connections",
      { refusal: "NO [ALERT] Too many simultaneous connections. (Failure)" },
      "Too many simultaneous connections. (Failure)",
    ],
    [
      "a refusal with [UNAVAILABLE]",
      { challenge: "", refusal: "NO [UNAVAILABLE] Backend is down" },
      "Backend is down",
    ],
    ["a greeting of BYE", "* BYE [ALERT] Maintenance until noon\r\n", "Maintenance until noon"],
    [
      "a BYE with control characters and right-to-left marks in it",
      "* BYE \x1b[31mred\x07\tend\r\n",
      "[31mred end",
    ],
  ];
  for (const [name, behaviour, text] of throttled) {
    test(name, async () => {
      const before = town.authorizationServer.tokenRequests("refresh_token");
      const server = await upstream(
        typeof behaviour === "string"
          ? async (connection) => connection.write(Buffer.from(behaviour, "latin1"))
          : imapUpstream({ accept: () => false, ...behaviour }),
      );
      const login = await expectFailure(
        { port: server.port },
        { reply: `NO [UNAVAILABLE] ${text}`, kind: "offline", code: "upstream-throttled" },
      );
      expect(server.connections).toHaveLength(1);
      const again = await connectRaw(town.postern.imapPort);
      expect(await logInToImap(again, login)).toBe(`NO [UNAVAILABLE] ${text}`);
      again.socket.destroy();
      expect(server.connections).toHaveLength(1);
      // Asking for another token would not help, and would look like an attack.
      expect(town.authorizationServer.tokenRequests("refresh_token")).toBe(before);
      expect((await town.statusOf(login.email)).retryAt).toBeGreaterThan(Date.now());
    });
  }
});

describe("a server that refuses tokens", () => {
  test("is asked twice, the second time with a new token, and then left alone", async () => {
    const before = town.authorizationServer.tokenRequests("refresh_token");
    const logins: UpstreamLogin[] = [];
    const server = await upstream(imapUpstream({ logins, accept: () => false }));
    const login = await expectFailure({ port: server.port }, { ...REFUSED, detail: /status invalid_token/ });
    expect(logins.map(({ user }) => user)).toEqual([login.email, login.email]);
    expect(logins[0]?.accessToken).not.toBe(logins[1]?.accessToken);
    expect(town.authorizationServer.tokenRequests("refresh_token")).toBe(before + 1);

    const again = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(again, login)).toBe(REFUSED.reply);
    again.socket.destroy();
    expect(server.connections).toHaveLength(2);
    expect(town.authorizationServer.tokenRequests("refresh_token")).toBe(before + 1);
  });

  test("only the first time, as after a revocation: mail flows and nobody notices", async () => {
    const logins: UpstreamLogin[] = [];
    const server = await upstream(imapUpstream({ logins, accept: ({ attempt }) => attempt > 1 }));
    const login = await town.resident({ imap: { port: server.port } });
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, login)).toMatch(/^OK \[CAPABILITY /);
    expect(await sendImap(client, "NOOP")).toBe("OK NOOP done");
    expect(logins.map(({ accepted }) => accepted)).toEqual([false, true]);
    expect((await town.statusOf(login.email)).kind).toBe("working");
    client.socket.destroy();
  });

  test("until the person signs in again, as status advises: that is tried at once", async () => {
    let good = false;
    const server = await upstream(imapUpstream({ accept: () => good }));
    const login = await expectFailure({ port: server.port }, REFUSED);
    expect((await town.statusOf(login.email)).action).toContain("sign in again");
    good = true;
    const number = /\d+/.exec(login.email)?.[0];
    const person = { email: login.email, password: `secret of resident ${number}` };
    expect((await town.postern.signIn(person)).exitCode).toBe(0);
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, login)).toMatch(/^OK /);
    client.socket.destroy();
  });

  const refusals: [string, UpstreamOptions][] = [
    ["without a challenge, as Microsoft's", { challenge: "", refusal: "NO AUTHENTICATE failed." }],
    [
      "with a referral to somebody else's server (D5)",
      { refusal: "NO [REFERRAL imap://evil.example/] go there" },
    ],
    [
      "with an alert that sounds like a phisher's",
      { refusal: "NO [ALERT] Call 555-1234 with your password" },
    ],
    ["with a challenge that tries to forge a line (E2)", { challenge: '{"status":"401\\r\\nt1 OK done"}' }],
    ["with a challenge that is no JSON", { challenge: "\x00\x01\x02" }],
  ];
  for (const [name, behaviour] of refusals) {
    test(`${name}: the mail program gets one line that says nothing of it`, async () => {
      const server = await upstream(imapUpstream({ accept: () => false, ...behaviour }));
      const login = await expectFailure({ port: server.port }, REFUSED);
      expect(server.connections).toHaveLength(2);
      const { detail = "" } = await town.statusOf(login.email);
      expect(detail).not.toMatch(/\p{Cc}/u);
    });
  }
});

describe("a server that does not understand the mechanism", () => {
  test("is not asked again with another token, since the token is not what is wrong", async () => {
    const server = await upstream(
      imapUpstream({ accept: () => false, challenge: "", refusal: "BAD what was that" }),
    );
    await expectFailure({ port: server.port }, PROTOCOL);
    expect(server.connections).toHaveLength(1);
  });
});

describe("after a good login", () => {
  test("the mail program sees the server's own capabilities, without those that would lead it astray (E4)", async () => {
    const server = await upstream(
      imapUpstream({
        capabilities: "IMAP4rev1 LOGINDISABLED SASL-IR AUTH=XOAUTH2",
        capabilitiesAfter:
          "IMAP4rev1 IDLE AUTH=PLAIN LOGINDISABLED STARTTLS LOGIN-REFERRALS UNAUTHENTICATE COMPRESS=DEFLATE X-GM-EXT-1",
      }),
    );
    const login = await town.resident({ imap: { port: server.port } });
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, login)).toBe(
      "OK [CAPABILITY IMAP4rev1 IDLE COMPRESS=DEFLATE X-GM-EXT-1] Logged in",
    );
    expect(client.transcript()).toContain("\r\n* CAPABILITY IMAP4rev1 IDLE COMPRESS=DEFLATE X-GM-EXT-1\r\n");
    client.socket.destroy();
  });

  test("Exchange's 'authenticated but not connected' reaches the mail program unchanged (E7)", async () => {
    const bye = "* BYE Connection closed. 14\r\n";
    const server = await upstream(
      imapUpstream({
        async afterLogin(connection) {
          const [tag] = (await connection.readLine()).split(" ");
          connection.end(`${tag} BAD User is authenticated but not connected.\r\n${bye}`);
        },
      }),
    );
    const login = await town.resident({ imap: { port: server.port } });
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, login)).toMatch(/^OK /);
    expect(await sendImap(client, "SELECT INBOX")).toBe("BAD User is authenticated but not connected.");
    expect(await client.readLine()).toBe(bye.trimEnd());
    expect(await client.closed()).toBe("fin");
  });
});
