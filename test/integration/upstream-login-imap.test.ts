// What comes of logging in at the provider's IMAP server: a limit, a refusal (protocol.md §7), or a connection that is
// the mail program's own. A refusal is never told as a wrong password.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FailingUpstreams, startFailingUpstreams } from "../support/failing-upstreams.ts";
import { attemptLogin } from "../support/mail-attempt.ts";
import { connectRaw, logInToImap, sendImap } from "../support/raw-client.ts";
import { imapUpstream, type UpstreamLogin, type UpstreamOptions } from "../support/scripted-upstream.ts";
import { imapReply, PROTOCOL, REFUSED, throttled } from "../support/upstream-failure.ts";

let rig: FailingUpstreams;

beforeAll(async () => {
  rig = await startFailingUpstreams("imap");
});

afterAll(async () => {
  await rig.close();
});

describe("a server that limits the account is left alone for a while", () => {
  const limits: [string, UpstreamOptions | string, string][] = [
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
  for (const [name, behaviour, text] of limits) {
    test(name, async () => {
      const before = rig.town.authorizationServer.tokenRequests("refresh_token");
      const server = await rig.upstream(
        typeof behaviour === "string"
          ? async (connection) => connection.write(Buffer.from(behaviour, "latin1"))
          : imapUpstream({ accept: () => false, ...behaviour }),
      );
      const login = await rig.expectFailure({ port: server.port }, throttled(text));
      expect(server.connections).toHaveLength(1);
      expect(await attemptLogin(rig.town.postern.imapPort, login)).toBe(`NO [UNAVAILABLE] ${text}`);
      expect(server.connections).toHaveLength(1);
      // Asking for another token would not help, and would look like an attack.
      expect(rig.town.authorizationServer.tokenRequests("refresh_token")).toBe(before);
      expect((await rig.town.statusOf(login.email)).retryAt).toBeGreaterThan(Date.now());
    });
  }
});

describe("a server that refuses tokens", () => {
  test("is asked twice, the second time with a new token, and then left alone", async () => {
    const before = rig.town.authorizationServer.tokenRequests("refresh_token");
    const logins: UpstreamLogin[] = [];
    const server = await rig.upstream(imapUpstream({ logins, accept: () => false }));
    const login = await rig.expectFailure(
      { port: server.port },
      { ...REFUSED, detail: /status invalid_token/ },
    );
    expect(logins.map(({ user }) => user)).toEqual([login.email, login.email]);
    expect(logins[0]?.accessToken).not.toBe(logins[1]?.accessToken);
    expect(rig.town.authorizationServer.tokenRequests("refresh_token")).toBe(before + 1);

    expect(await attemptLogin(rig.town.postern.imapPort, login)).toBe(imapReply(REFUSED));
    expect(server.connections).toHaveLength(2);
    expect(rig.town.authorizationServer.tokenRequests("refresh_token")).toBe(before + 1);
  });

  test("only the first time, as after a revocation: mail flows and nobody notices", async () => {
    const logins: UpstreamLogin[] = [];
    const server = await rig.upstream(imapUpstream({ logins, accept: ({ attempt }) => attempt > 1 }));
    const login = await rig.town.resident({ imap: { port: server.port } });
    const client = await connectRaw(rig.town.postern.imapPort);
    expect(await logInToImap(client, login)).toMatch(/^OK \[CAPABILITY /);
    expect(await sendImap(client, "NOOP")).toBe("OK NOOP done");
    expect(logins.map(({ accepted }) => accepted)).toEqual([false, true]);
    expect((await rig.town.statusOf(login.email)).kind).toBe("working");
    client.socket.destroy();
  });

  test("until the person signs in again, as status advises: that is tried at once", async () => {
    let good = false;
    const server = await rig.upstream(imapUpstream({ accept: () => good }));
    const login = await rig.expectFailure({ port: server.port }, REFUSED);
    expect((await rig.town.statusOf(login.email)).action).toContain("sign in again");
    good = true;
    const number = /\d+/.exec(login.email)?.[0];
    const person = { email: login.email, password: `secret of resident ${number}` };
    expect((await rig.town.postern.signIn(person)).exitCode).toBe(0);
    expect(await attemptLogin(rig.town.postern.imapPort, login)).toMatch(/^OK /);
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
      const server = await rig.upstream(imapUpstream({ accept: () => false, ...behaviour }));
      const login = await rig.expectFailure({ port: server.port }, REFUSED);
      expect(server.connections).toHaveLength(2);
      const { detail = "" } = await rig.town.statusOf(login.email);
      expect(detail).not.toMatch(/\p{Cc}/u);
    });
  }
});

describe("a server that does not understand the mechanism", () => {
  test("is not asked again with another token, since the token is not what is wrong", async () => {
    const server = await rig.upstream(
      imapUpstream({ accept: () => false, challenge: "", refusal: "BAD what was that" }),
    );
    await rig.expectFailure({ port: server.port }, PROTOCOL);
    expect(server.connections).toHaveLength(1);
  });
});

describe("a server on which IMAP is switched off for the mailbox", () => {
  test("is not asked again with another token, and status says what to do", async () => {
    const server = await rig.upstream(
      imapUpstream({
        accept: () => false,
        refusal: "NO [ALERT] Your account is not enabled for IMAP use. (Failure)",
      }),
    );
    await rig.expectFailure(
      { port: server.port },
      {
        sentence: "IMAP is disabled for this mailbox; ask your administrator",
        smtpStatus: "550 5.7.0",
        kind: "blocked",
        code: "upstream-imap-disabled",
        detail: /not enabled for IMAP use/,
      },
    );
    expect(server.connections).toHaveLength(1);
  });
});

describe("after a good login", () => {
  test("the mail program sees the server's own capabilities, without those that would lead it astray (E4)", async () => {
    const server = await rig.upstream(
      imapUpstream({
        capabilities: "IMAP4rev1 LOGINDISABLED SASL-IR AUTH=XOAUTH2",
        capabilitiesAfter:
          "IMAP4rev1 IDLE AUTH=PLAIN LOGINDISABLED STARTTLS LOGIN-REFERRALS UNAUTHENTICATE COMPRESS=DEFLATE X-GM-EXT-1",
      }),
    );
    const login = await rig.town.resident({ imap: { port: server.port } });
    const client = await connectRaw(rig.town.postern.imapPort);
    expect(await logInToImap(client, login)).toBe(
      "OK [CAPABILITY IMAP4rev1 IDLE COMPRESS=DEFLATE X-GM-EXT-1] Logged in",
    );
    expect(client.transcript()).toContain("\r\n* CAPABILITY IMAP4rev1 IDLE COMPRESS=DEFLATE X-GM-EXT-1\r\n");
    client.socket.destroy();
  });

  test("Exchange's 'authenticated but not connected' reaches the mail program unchanged (E7)", async () => {
    const bye = "* BYE Connection closed. 14\r\n";
    const server = await rig.upstream(
      imapUpstream({
        async afterLogin(connection) {
          const [tag] = (await connection.readLine()).split(" ");
          connection.end(`${tag} BAD User is authenticated but not connected.\r\n${bye}`);
        },
      }),
    );
    const login = await rig.town.resident({ imap: { port: server.port } });
    const client = await connectRaw(rig.town.postern.imapPort);
    expect(await logInToImap(client, login)).toMatch(/^OK /);
    expect(await sendImap(client, "SELECT INBOX")).toBe("BAD User is authenticated but not connected.");
    expect(await client.readLine()).toBe(bye.trimEnd());
    expect(await client.closed()).toBe("fin");
    expect(await rig.town.statusOf(login.email)).toMatchObject({
      kind: "blocked",
      code: "mailbox-not-connected",
    });
    expect(await attemptLogin(rig.town.postern.imapPort, login)).toBe(
      "NO [UNAVAILABLE] The mail server does not open this mailbox; see Postern",
    );
    expect(server.connections).toHaveLength(1);
  });
});
