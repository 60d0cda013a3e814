// What a mail program is told when the provider's submission server fails (protocol.md §7): 235 at once, since the local
// password was right; then the failure at MAIL, on a connection that stays usable, so that the mail stays with the program.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IssueOptions } from "../support/authority.ts";
import { connectRaw, type LocalLogin, logInToSmtp, plain, sendSmtp } from "../support/raw-client.ts";
import {
  closedPort,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from "../support/scripted-server.ts";
import {
  carriesToken,
  formatEhlo,
  smtpUpstream,
  type UpstreamLogin,
  type UpstreamOptions,
} from "../support/scripted-upstream.ts";
import { eventually, type MailEndpoint, startTown, type Town } from "../support/town.ts";

const AUTHENTICATED = "235 2.7.0 Authentication successful";
/** How long a mail program may have to wait for 235, in milliseconds: at 2 s Thunderbird begins to hang. */
const AT_ONCE = 1500;

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

/** A scripted server that is closed at the end; inside TLS unless told otherwise. */
async function upstream(script: Script, options: { tls?: typeof town.certificate | "none" } = {}) {
  const { tls = town.certificate } = options;
  const server = await startScriptedServer({ script, ...(tls === "none" ? {} : { tls }) });
  servers.push(server);
  return server;
}

interface Expected {
  /** The whole reply to MAIL. */
  readonly reply: string;
  readonly kind: "offline" | "blocked" | "needs-you";
  readonly code: string;
  readonly detail?: RegExp;
  /** Milliseconds. */
  readonly within?: number;
}

/** 235 at once, the failure at MAIL, a connection that goes on; the neighbour's mail is sent. */
async function expectFailure(smtp: MailEndpoint, expected: Expected): Promise<LocalLogin> {
  const login = await town.resident({ smtp });
  const client = await connectRaw(town.postern.smtpPort);
  await client.readUntil(/^220 .*\r\n/);
  await sendSmtp(client, "EHLO [127.0.0.1]");
  const asked = performance.now();
  expect(await sendSmtp(client, `AUTH PLAIN ${plain(login)}`)).toBe(AUTHENTICATED);
  expect(performance.now() - asked).toBeLessThan(AT_ONCE);

  const from = `MAIL FROM:<${login.email}>`;
  expect(await sendSmtp(client, from, expected.within)).toBe(expected.reply);
  expect(await sendSmtp(client, "RCPT TO:<a@example.test>")).toMatch(/^503 5\.5\.1 /);
  expect(await sendSmtp(client, "RSET")).toMatch(/^250 /);
  expect(await sendSmtp(client, "NOOP")).toMatch(/^250 /);
  expect(await sendSmtp(client, `AUTH PLAIN ${plain(login)}`)).toMatch(/^503 5\.5\.1 /);
  expect(await sendSmtp(client, from)).toBe(expected.reply);
  expect(await sendSmtp(client, "QUIT")).toMatch(/^221 /);
  expect(await client.closed()).toBe("fin");

  const status = await town.statusOf(login.email);
  expect(status).toMatchObject({ kind: expected.kind, code: expected.code });
  if (expected.detail !== undefined) expect(status.detail).toMatch(expected.detail);
  await expectNeighbourServed();
  return login;
}

/** MAIL of one more login, with whatever it is answered. */
async function mailAgain(login: LocalLogin): Promise<string> {
  const client = await connectRaw(town.postern.smtpPort);
  expect(await logInToSmtp(client, login)).toBe(AUTHENTICATED);
  const reply = await sendSmtp(client, `MAIL FROM:<${login.email}>`);
  client.socket.destroy();
  return reply;
}

async function expectNeighbourServed(): Promise<void> {
  const client = await connectRaw(town.postern.smtpPort);
  expect(await logInToSmtp(client, neighbour)).toBe(AUTHENTICATED);
  expect(await sendSmtp(client, `MAIL FROM:<${neighbour.email}>`)).toBe("250 2.0.0 MAIL done");
  expect(await sendSmtp(client, "QUIT")).toBe("221 2.0.0 bye");
}

const CERTIFICATE = {
  reply: "450 4.7.0 Secure connection failed",
  kind: "blocked",
  code: "upstream-certificate",
} as const;
const WITHOUT_TLS = { ...CERTIFICATE, code: "upstream-without-tls" } as const;
const PROTOCOL = {
  reply: "450 4.7.0 The mail server gave an answer that Postern does not accept",
  kind: "blocked",
  code: "upstream-protocol",
} as const;
const CLOSED = {
  reply: "450 4.4.1 The mail server closed the connection; try again later",
  kind: "offline",
  code: "upstream-closed",
} as const;
const UNREACHABLE = {
  reply: "450 4.4.1 The mail server cannot be reached; try again later",
  kind: "offline",
  code: "upstream-unreachable",
} as const;
const TIMEOUT = {
  reply: "450 4.4.1 The mail server did not answer in time; try again later",
  kind: "offline",
  code: "upstream-timeout",
} as const;
const REFUSED = {
  reply: "450 4.7.0 The mail server refused the sign-in; see Postern",
  kind: "blocked",
  code: "upstream-refused",
} as const;

describe("without a connection that can be trusted, no token is sent", () => {
  test.concurrent("a server that does not offer STARTTLS", async () => {
    const server = await upstream(smtpUpstream(), { tls: "none" });
    await expectFailure({ port: server.port, tls: "starttls" }, WITHOUT_TLS);
    expect(server.received().toString()).toBe("EHLO [127.0.0.1]\r\n");
  });

  test.concurrent("a server that refuses STARTTLS after offering it", async () => {
    const server = await upstream(smtpUpstream({ capabilities: "STARTTLS\nAUTH XOAUTH2" }), { tls: "none" });
    await expectFailure({ port: server.port, tls: "starttls" }, WITHOUT_TLS);
    expect(server.received().toString()).toBe("EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
  });

  test.concurrent("octets in clear behind the answer to STARTTLS (D2)", async () => {
    const injecting: Script = async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write(formatEhlo("STARTTLS"));
      await connection.readLine();
      await connection.write(`220 begin\r\n${formatEhlo("AUTH XOAUTH2")}`);
      await connection.startTls(town.certificate);
      await smtpUpstream()(connection);
    };
    const server = await upstream(injecting, { tls: "none" });
    await expectFailure({ port: server.port, tls: "starttls" }, { ...PROTOCOL, detail: /STARTTLS/ });
    expect(carriesToken(server.received())).toBe(false);
  });

  test.concurrent("STARTTLS that was honest works, and only what was said inside TLS counts", async () => {
    const honest: Script = async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write(formatEhlo("STARTTLS\nAUTH OAUTHBEARER"));
      await connection.readLine();
      await connection.write("220 begin\r\n");
      await connection.startTls(town.certificate);
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
    const server = await upstream(honest, { tls: "none" });
    const login = await town.resident({ smtp: { port: server.port, tls: "starttls" } });
    expect(await mailAgain(login)).toBe("250 from upstream");
    // The token has a line of its own, however short it is (RFC 4954 §4).
    expect(server.received().toString()).toMatch(
      /^EHLO \[127\.0\.0\.1\]\r\nSTARTTLS\r\nEHLO \[127\.0\.0\.1\]\r\nAUTH XOAUTH2\r\n[A-Za-z0-9+/=]+\r\nMAIL /,
    );
    expect(server.connections[0]?.serverName()).toBe("localhost");
  });

  test.concurrent("a server without TLS where TLS comes first", async () => {
    const server = await upstream(smtpUpstream(), { tls: "none" });
    await expectFailure({ port: server.port }, CERTIFICATE);
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
      const server = await upstream(smtpUpstream(), { tls: await town.authority.issue(names, options) });
      await expectFailure({ port: server.port }, { ...CERTIFICATE, detail });
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
      const server = await upstream(async (connection) => {
        await connection.write(Buffer.from(greeting, "latin1"));
        for (;;) await connection.readLine();
      });
      await expectFailure({ port: server.port }, PROTOCOL);
      expect(server.received()).toHaveLength(0);
    });
  }

  test.concurrent("a server that knows no EHLO", async () => {
    const server = await upstream(async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write("502 5.5.1 EHLO, what is that\r\n");
      await connection.readLine();
    });
    await expectFailure({ port: server.port }, PROTOCOL);
    expect(server.received().toString()).toBe("EHLO [127.0.0.1]\r\n");
  });

  test.concurrent("a server that takes passwords only (D7)", async () => {
    const server = await upstream(smtpUpstream({ capabilities: "AUTH PLAIN LOGIN" }));
    await expectFailure(
      { port: server.port },
      {
        reply: "450 4.7.0 The mail server does not accept this kind of sign-in",
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
    await expectFailure({ port: await closedPort() }, { ...UNREACHABLE, detail: /ECONNREFUSED/ });
  });

  test.concurrent("the host name does not resolve", async () => {
    await expectFailure({ host: "nowhere.invalid", port: 465 }, { ...UNREACHABLE, within: 20_000 });
  });

  test.concurrent("the connection is reset in the middle of the TLS handshake", async () => {
    const resetting: Script = async (connection) => {
      await connection.readOctets(1);
      connection.reset();
    };
    const server = await upstream(resetting, { tls: "none" });
    await expectFailure({ port: server.port }, CLOSED);
  });

  test.concurrent("the connection is closed in answer to AUTH", async () => {
    const server = await upstream(async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write(formatEhlo("AUTH XOAUTH2"));
      await connection.readLine();
    });
    await expectFailure({ port: server.port }, CLOSED);
  });

  test.concurrent("the connection is closed instead of an answer to the token", async () => {
    const server = await upstream(async (connection) => {
      await connection.write("220 ready\r\n");
      await connection.readLine();
      await connection.write(formatEhlo("AUTH XOAUTH2"));
      await connection.readLine();
      await connection.write("334 \r\n");
      await connection.readLine();
      connection.reset();
    });
    await expectFailure({ port: server.port }, CLOSED);
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
      const server = await upstream(script);
      await expectFailure({ port: server.port }, { ...TIMEOUT, within: 25_000 });
    });
  }

  test.concurrent("what a mail program sends ahead is answered in order when the server turns out to be gone", async () => {
    const login = await town.resident({ smtp: { port: await closedPort() } });
    const client = await connectRaw(town.postern.smtpPort);
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
    const login = await town.resident({ smtp: { port: await closedPort() } });
    const client = await connectRaw(town.postern.smtpPort);
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
    const server = await upstream(async (connection) => {
      if (broken) connection.destroy();
      else await smtpUpstream()(connection);
    });
    const login = await expectFailure({ port: server.port }, CLOSED);
    broken = false;
    expect(await mailAgain(login)).toBe("250 2.0.0 MAIL done");
    expect(await town.statusOf(login.email)).toEqual({ kind: "working", sentence: "Signed in." });
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

describe("a server that limits the account is left alone for a while", () => {
  const throttled: [string, UpstreamOptions | string, string][] = [
    [
      "421 at the greeting",
      "421 4.3.2 Too many connections, try later\r\n",
      "Too many connections, try later",
    ],
    [
      "454 at AUTH",
      { challenge: "", refusal: "454 4.7.0 Temporary authentication failure" },
      "Temporary authentication failure",
    ],
    ["432 at AUTH", { challenge: "", refusal: "432 4.7.12 Transition needed" }, "Transition needed"],
  ];
  for (const [name, behaviour, text] of throttled) {
    test(name, async () => {
      const before = town.authorizationServer.tokenRequests("refresh_token");
      const server = await upstream(
        typeof behaviour === "string"
          ? async (connection) => connection.write(behaviour)
          : smtpUpstream({ accept: () => false, ...behaviour }),
      );
      const login = await expectFailure(
        { port: server.port },
        { reply: `450 4.7.0 ${text}`, kind: "offline", code: "upstream-throttled" },
      );
      expect(server.connections).toHaveLength(1);
      expect(await mailAgain(login)).toBe(`450 4.7.0 ${text}`);
      expect(server.connections).toHaveLength(1);
      expect(town.authorizationServer.tokenRequests("refresh_token")).toBe(before);
    });
  }
});

describe("a server that refuses tokens", () => {
  test("is asked twice, the second time with a new token, and then left alone", async () => {
    const before = town.authorizationServer.tokenRequests("refresh_token");
    const logins: UpstreamLogin[] = [];
    const server = await upstream(smtpUpstream({ logins, accept: () => false }));
    const login = await expectFailure({ port: server.port }, { ...REFUSED, detail: /status invalid_token/ });
    expect(logins.map(({ user }) => user)).toEqual([login.email, login.email]);
    expect(logins[0]?.accessToken).not.toBe(logins[1]?.accessToken);
    expect(await mailAgain(login)).toBe(REFUSED.reply);
    expect(server.connections).toHaveLength(2);
    expect(town.authorizationServer.tokenRequests("refresh_token")).toBe(before + 1);
  });

  test("only the first time, as after a revocation: mail flows and nobody notices", async () => {
    const logins: UpstreamLogin[] = [];
    const server = await upstream(smtpUpstream({ logins, accept: ({ attempt }) => attempt > 1 }));
    const login = await town.resident({ smtp: { port: server.port } });
    expect(await mailAgain(login)).toBe("250 2.0.0 MAIL done");
    expect(logins.map(({ accepted }) => accepted)).toEqual([false, true]);
    expect((await town.statusOf(login.email)).kind).toBe("working");
  });

  test("without a challenge, as Microsoft's", async () => {
    const refusal = "535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.example]";
    const server = await upstream(smtpUpstream({ accept: () => false, challenge: "", refusal }));
    await expectFailure({ port: server.port }, REFUSED);
    expect(server.connections).toHaveLength(2);
  });

  test("because sending is switched off for the mailbox: a permanent reply, and no new token", async () => {
    const before = town.authorizationServer.tokenRequests("refresh_token");
    const refusal =
      "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.";
    const server = await upstream(smtpUpstream({ accept: () => false, challenge: "", refusal }));
    await expectFailure(
      { port: server.port },
      {
        reply: "550 5.7.0 SMTP AUTH is disabled for this mailbox; ask your administrator",
        kind: "blocked",
        code: "upstream-smtp-auth-disabled",
        detail: /5\.7\.139/,
      },
    );
    expect(server.connections).toHaveLength(1);
    expect(town.authorizationServer.tokenRequests("refresh_token")).toBe(before);
  });
});

describe("with failure-style strict", () => {
  test("the failure is told at AUTH, by the book", async () => {
    const alone = await startTown({ people: 2 });
    try {
      const broken = await alone.resident({ smtp: { port: await closedPort() } });
      const working = await alone.resident();
      await alone.postern.json("settings", "set", "failure-style", "strict");
      const strict = await alone.postern.restart();
      const client = await connectRaw(strict.smtpPort);
      expect(await logInToSmtp(client, broken)).toBe(
        "454 4.7.0 The mail server cannot be reached; try again later",
      );
      expect(await sendSmtp(client, `AUTH PLAIN ${plain(working)}`)).toBe(AUTHENTICATED);
      expect(await sendSmtp(client, "NOOP")).toBe("250 2.0.0 NOOP done");
      client.socket.destroy();
      await strict.stop();
    } finally {
      await alone.close();
    }
  });
});
