// Accounts at providers that take passwords and no OAuth: the password is asked of a person, kept in the keychain, sent to
// the provider's own servers inside TLS by PLAIN or LOGIN, and nowhere else; mail programs see no difference.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureOf } from "../support/failure-of.ts";
import { attemptLogin, attemptMail } from "../support/mail-attempt.ts";
import {
  type Customer,
  collectEvents,
  type PasswordTown,
  signInWithPassword,
  startPasswordTown,
} from "../support/password-town.ts";
import type { PasswordProvider } from "../support/password-upstream.ts";
import {
  connectRaw,
  type LocalLogin,
  logInToImap,
  logInToSmtp,
  sendImap,
  sendSmtp,
} from "../support/raw-client.ts";
import { filesBelow, tracesIn, watchCommandLines } from "../support/secret-traces.ts";

let place: PasswordTown;
let provider: PasswordProvider;

beforeAll(async () => {
  place = await startPasswordTown();
  provider = await place.provider();
});

afterAll(async () => {
  await place.close();
});

const readMail = (login: LocalLogin): Promise<string> => attemptLogin(place.town.postern.imapPort, login);
const sendMail = (login: LocalLogin): Promise<string> => attemptMail(place.town.postern.smtpPort, login);
const attemptsOf = ({ email }: LocalLogin, at = provider) => at.logins.filter(({ user }) => user === email);
const cli = (...words: string[]) => place.town.postern.cli(...words);

const READ = "OK [CAPABILITY IMAP4rev1 IDLE LITERAL+ UIDPLUS] Logged in";
const SENT = "250 2.0.0 MAIL done";
const SIGNED_OUT = "NO [UNAVAILABLE] Sign in in Postern first";

const ODD = `  "Gänse\\füßchen" %41 & <ключ>'s ${"0123456789 ".repeat(16)} ~  `;

describe("signing in with a password", () => {
  test("takes it from standard input, keeps it in the keychain, and shows it to nobody but the mail servers", async () => {
    const customer = await place.newcomer(provider, ODD);
    const watched = collectEvents(place.control);
    const commandLines = watchCommandLines();
    const login = await place.login(customer.email, `${ODD}\n`);
    expect(login).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("Asking the mail server") });
    expect(login.stdout).toMatch(/^Signed in to customer\d+@example\.test\.\n/);
    expect(await place.kept(customer)).toBe(ODD);

    expect(await readMail(customer)).toBe(READ);
    expect(await sendMail(customer)).toBe(SENT);
    const tested = await cli("account", "test", customer.email);
    expect(tested.stdout).toContain("Everything works.");
    expect(
      attemptsOf(customer).map(({ way, password, accepted }) => [way, password === ODD, accepted]),
    ).toEqual(Array.from({ length: 7 }, () => ["PLAIN", true, true]));

    const shown = await Promise.all([
      cli("status", "--json"),
      cli("account", "show", customer.email),
      cli("password", "list", customer.email, "--json"),
    ]);
    await watched.stop();
    const processes = await commandLines.stop();
    const { postern } = place.town;
    const places = new Map<string, string | Buffer>([
      ...(await filesBelow(postern.folder)),
      ["log", postern.log()],
      ["events", watched.events.map((event) => JSON.stringify(event)).join("\n")],
      ["answers", [login, tested, ...shown].map(({ stdout, stderr }) => stdout + stderr).join("\n")],
      ["processes", processes],
    ]);
    // They are the right places: this is what stands there.
    expect([...places.keys()]).toContain(join(postern.home, "keychain.encrypted"));
    if (process.platform === "linux") expect(processes).toContain(["login", customer.email].join("\0"));
    for (const where of ["log", "events", "answers"]) {
      expect(String(places.get(where))).toMatch(where === "log" ? customer.id : customer.email);
    }
    expect(tracesIn(places, { user: customer.email, password: ODD })).toEqual([]);
    expect(
      tracesIn(new Map([["here", Buffer.from(`\0x\0${ODD}`).toString("base64")]]), {
        user: "x",
        password: ODD,
      }),
    ).not.toEqual([]);
  });

  test.each([
    ["that is wrong", "another one\n", 5, /refused the mailbox's password.*\n.*postern login customer/],
    ["that is empty", "\n", 2, /there is no password on standard input/],
    ["that is too long for anybody", `${"x".repeat(1025)}\n`, 2, /not valid/],
  ])("with one %s keeps nothing", async (_name, input, exitCode, said) => {
    const customer = await place.newcomer(provider);
    const login = await place.login(customer.email, input);
    expect(login).toMatchObject({ exitCode, stdout: "", stderr: expect.stringMatching(said) });
    expect(attemptsOf(customer)).toHaveLength(exitCode === 5 ? 1 : 0);
    expect(await place.kept(customer)).toBeUndefined();
    expect(await place.kept(customer, "trusted-hosts")).toBeUndefined();
    expect(await place.statusOf(customer)).toMatchObject({ kind: "signed-out" });
    expect(await readMail(customer)).toBe(SIGNED_OUT);
    expect(attemptsOf(customer)).toHaveLength(exitCode === 5 ? 1 : 0);
  });

  test("with a wrong one leaves the right one from before", async () => {
    const customer = await place.customer(provider);
    expect((await place.login(customer.email, "wrong\n")).exitCode).toBe(5);
    expect(await place.kept(customer)).toBe(customer.upstreamPassword);
    expect(await readMail(customer)).toBe(READ);
  });

  test.concurrent.each([
    ["spaces around it", "  \t both ends \t "],
    ["quotes and a backslash", `"'\\"\\\\'`],
    ["umlauts, composed and not", "Größe Gro\u0308\u00dfe"],
    ["what is not in the basic plane", "\u{1f511}\u{10ffff}"],
    ["what SASL means something by", "n,a=user,\u0001auth=Bearer x\u0001\u0001"],
    ["an asterisk alone, which would cancel", "*"],
    ["an equals sign alone, which would be empty", "="],
    ["200 characters", "ab ü".repeat(50)],
    ["1,024 characters", "€".repeat(1024)],
  ])("survives on every way with %s", async (_name, password) => {
    const customer = await place.newcomer(provider, password);
    expect((await place.login(customer.email, `${password}\r\n`)).exitCode).toBe(0);
    expect(await place.kept(customer)).toBe(password);
    expect(await readMail(customer)).toBe(READ);
    expect(await sendMail(customer)).toBe(SENT);
    expect(attemptsOf(customer).every((attempt) => attempt.password === password)).toBe(true);
  });

  test("does not send what is meant for OAuth to the mail server as a password", async () => {
    const customer = await place.newcomer(provider);
    const mistaken = await place.login(customer.email, "a refresh token\n", "--import");
    expect(mistaken).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("password") });
    const { email } = customer;
    const asked = place.control.call("sign-in.start", { email, flow: "auto", browserHere: true });
    expect((await failureOf(asked)).code).toBe("flow-not-offered");
    expect(attemptsOf(customer)).toEqual([]);
  });
});

describe("a mailbox that is opened with a password", () => {
  test("is served by a local password as one with OAuth is, line by line", async () => {
    const conversations = [];
    for (const login of [await place.town.resident(), await place.customer(provider)]) {
      const imap = await connectRaw(place.town.postern.imapPort);
      await logInToImap(imap, login);
      await sendImap(imap, "SELECT INBOX");
      await sendImap(imap, "LOGOUT");
      await imap.closed();
      const smtp = await connectRaw(place.town.postern.smtpPort);
      await logInToSmtp(smtp, login);
      for (const line of [
        "MAIL FROM:<a@example.test>",
        "RCPT TO:<b@example.test>",
        "DATA",
        "text\r\n.",
        "QUIT",
      ]) {
        await sendSmtp(smtp, line);
      }
      await smtp.closed();
      conversations.push([imap.transcript().replaceAll(/^t\d+/gm, "t"), smtp.transcript()]);
    }
    expect(conversations[1]).toEqual(conversations[0]);
    expect(conversations[0]?.join("")).toContain("250 2.0.0 taken");
  });

  test("is shown by status, list and watch", async () => {
    const customer = await place.newcomer(provider);
    const watched = collectEvents(place.control);
    await signInWithPassword(place.control, customer.email, customer.upstreamPassword);
    expect(await place.statusOf(customer)).toEqual({ kind: "working", sentence: "Signed in." });
    expect((await cli("account", "list")).stdout).toContain(`● ${customer.email}  Signed in.`);
    const shown = (await cli("status")).stdout;
    expect(shown).toContain("Opened with the mailbox's password, which is in the keychain");
    await watched.stop();
    const kinds = watched.events.flatMap((event) =>
      event.kind === "account" && event.account.email === customer.email ? [event.account.status.kind] : [],
    );
    expect(kinds.at(-1)).toBe("working");
    expect(watched.events).toContainEqual(
      expect.objectContaining({
        activity: expect.objectContaining({ what: "signed-in", account: customer.email }),
      }),
    );
  });

  test("hands out no tokens and has no owner, but may have other user names", async () => {
    const customer = await place.customer(provider);
    const token = await cli("token", customer.email);
    expect(token).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringContaining("no access tokens"),
    });
    for (const [name, value] of [
      ["owner", "somebody@example.test"],
      ["token-access", "on"],
    ] as const) {
      expect(await cli("account", "set", customer.email, name, value)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining("an account with a password has no such setting"),
      });
    }
    provider.people.set("u-4711", customer.upstreamPassword);
    expect((await cli("account", "set", customer.email, "imap-user", "u-4711")).exitCode).toBe(0);
    const before = provider.logins.length;
    expect(await readMail(customer)).toBe(READ);
    expect(await sendMail(customer)).toBe(SENT);
    expect(provider.logins.slice(before).map(({ user }) => user)).toEqual(["u-4711", customer.email]);
  });

  test("is forgotten with logout, and with its account", async () => {
    const customer = await place.customer(provider);
    const open = await connectRaw(place.town.postern.imapPort);
    expect(await logInToImap(open, customer)).toBe(READ);
    expect((await cli("logout", customer.email)).exitCode).toBe(0);
    await open.closed();
    expect(await place.kept(customer)).toBeUndefined();
    const attempts = attemptsOf(customer).length;
    expect(await readMail(customer)).toBe(SIGNED_OUT);
    expect(await sendMail(customer)).toBe("450 4.7.0 Sign in in Postern first");
    expect(attemptsOf(customer)).toHaveLength(attempts);

    expect((await place.login(customer.email, customer.upstreamPassword)).exitCode).toBe(0);
    expect(await readMail(customer)).toBe(READ);
    expect((await cli("account", "remove", customer.email)).exitCode).toBe(0);
    expect(await place.kept(customer)).toBeUndefined();
    expect(await place.kept(customer, "trusted-hosts")).toBeUndefined();
    expect(await readMail(customer)).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
  });
});

const TOKENS_ONLY = "upstream-no-password-mechanism";

describe("the way to the provider", () => {
  describe.each(["implicit", "starttls"] as const)("with TLS that is %s", (tls) => {
    test.each([
      ["PLAIN", ["PLAIN", "LOGIN"]],
      ["PLAIN", ["LOGIN", "XOAUTH2", "plain"]],
      ["LOGIN", ["LOGIN"]],
      ["LOGIN", ["CRAM-MD5", "XOAUTH2", "LOGIN"]],
    ] as const)(
      "is %s where %s are announced, for every login and every leg of the test",
      async (way, mechanisms) => {
        for (const initialResponse of [true, false]) {
          const at = await place.provider({ tls, mechanisms, initialResponse });
          const customer = await place.customer(at, ODD);
          expect(await readMail(customer)).toBe(READ);
          expect(await sendMail(customer)).toBe(SENT);
          const { works, legs } = await place.control.call("account.test", { email: customer.email });
          expect([works, legs.map(({ leg, failure }) => [leg, failure?.detail])]).toEqual([
            true,
            ["sign-in", "imap-direct", "smtp-direct", "imap-local", "smtp-local"].map((leg) => [
              leg,
              undefined,
            ]),
          ]);
          expect(new Set(at.logins.map((attempt) => attempt.way))).toEqual(new Set([way]));
          expect(at.logins.map(({ accepted }) => accepted)).toEqual(Array(7).fill(true));
        }
      },
    );

    test.each([
      ["tokens only", ["XOAUTH2", "OAUTHBEARER"]],
      ["nothing", []],
      ["what we do not speak", ["CRAM-MD5", "SCRAM-SHA-256", "PLAIN-CLIENTTOKEN"]],
    ] as const)(
      "is none where the server takes %s: nothing is sent, nor by the test",
      async (_name, mechanisms) => {
        const at = await place.provider({ tls });
        const customer = await place.customer(at);
        for (const server of [at.imap, at.smtp]) server.behaviour.mechanisms = mechanisms;
        const before = at.logins.length;
        const told = "The mail server does not accept this kind of sign-in";
        expect(await readMail(customer)).toBe(`NO [UNAVAILABLE] ${told}`);
        expect(await sendMail(customer)).toBe(`450 4.7.0 ${told}`);
        expect(await place.statusOf(customer)).toMatchObject({
          kind: "blocked",
          code: TOKENS_ONLY,
        });
        const { legs } = await place.control.call("account.test", { email: customer.email });
        expect(legs.map(({ failure }) => failure?.code)).toEqual([
          undefined,
          TOKENS_ONLY,
          TOKENS_ONLY,
          "test-refused",
          "test-refused",
        ]);
        const again = signInWithPassword(place.control, customer.email, customer.upstreamPassword);
        expect((await failureOf(again)).code).toBe(TOKENS_ONLY);
        expect(at.logins.slice(before)).toEqual([]);
      },
    );
  });

  test("is never without TLS", async () => {
    const honest = await place.provider();
    const customer = await place.newcomer(honest);
    const stripped = await place.provider({ tls: "stripped" });
    const stranger = await place.provider({
      certificate: await place.town.authority.issue(["localhost"], { selfSigned: true }),
    });
    for (const [at, email, said] of [
      [stripped, "stripped@example.test", /does not offer STARTTLS/],
      [stranger, "stranger@example.test", /secure connection to the mail server failed/],
    ] as const) {
      at.people.set(email, "secret password");
      // With a server that is right for the other protocol, so that each is tried.
      await place.addAccount({ ...at.settings(email), smtp: honest.settings(email).smtp });
      const login = await place.login(email, "secret password\n");
      expect(login).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(said) });
      await cli("account", "remove", email);

      honest.people.set(email, "secret password");
      const { id } = await place.addAccount({ ...honest.settings(email), smtp: at.settings(email).smtp });
      await signInWithPassword(place.control, email, "secret password");
      const { password } = await place.control.call("password.create", { email, name: "test" });
      const login2: Customer = { id, email, password, upstreamPassword: "" };
      expect(await sendMail(login2)).toBe("450 4.7.0 Secure connection failed");
      const { legs } = await place.control.call("account.test", { email });
      expect(legs.find(({ leg }) => leg === "smtp-direct")?.works).toBe(false);
      expect(at.logins).toEqual([]);
      for (const server of [at.imap, at.smtp]) {
        expect(server.received().toString("latin1")).not.toMatch(/AUTH(?:ENTICATE)? |LOGIN /i);
      }
    }
    expect(attemptsOf(customer, honest)).toEqual([]);
  });
});
