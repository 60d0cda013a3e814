import { describe, expect, test } from "vitest";
import { logInAtImapUpstream } from "../../../../src/mail/imap/upstream.ts";
import type { MechanismChoice } from "../../../../src/mail/sasl/mechanism.ts";
import { bearerExchange } from "../../../../src/mail/sasl/upstream-exchange.ts";
import { createWire } from "../../../../src/mail/wire/wire.ts";
import { accessToken } from "../../../../src/secret/secret.ts";
import { createConversation, drain } from "../../../support/conversation.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");
const XOAUTH2 = encode("user=alice@example.com\x01auth=Bearer the-token\x01\x01");
const OAUTHBEARER = encode(
  "n,a=alice@example.com,\x01host=imap.example.com\x01port=993\x01auth=Bearer the-token\x01\x01",
);
const GREETING = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready";

interface Options {
  mechanism?: MechanismChoice;
  token?: string;
  /** The server offers STARTTLS on the first connection, and goes on on a second one. */
  startTls?: boolean;
}

/** Starts a login whose server the test plays. */
function start({ mechanism = "auto", token = "the-token", startTls = false }: Options = {}) {
  const clock = createFakeClock();
  const server = createConversation();
  const inTls = createConversation();
  const login = logInAtImapUpstream({
    transport: {
      wire: createWire(server.near, clock),
      startTls: startTls ? async () => createWire(inTls.near, clock) : undefined,
    },
    exchange: bearerExchange(
      { user: "alice@example.com", accessToken: accessToken(token), host: "imap.example.com", port: 993 },
      mechanism,
    ),
    clock,
    tagPrefix: "P",
  });
  login.catch(() => {});
  const say = (...lines: string[]): void => server.send(lines.map((line) => `${line}\r\n`).join(""));
  return { server, inTls, login, say, clock, failure: () => failureOf(login) };
}

describe("the initial response", () => {
  test("goes with the command where SASL-IR is announced", async () => {
    const { server, say, login } = start();
    say(GREETING);
    expect(await server.line()).toBe(`P1 AUTHENTICATE XOAUTH2 ${XOAUTH2}`);
    say("P1 OK [CAPABILITY IMAP4rev1 IDLE] done");
    expect((await login).capabilities).toEqual(["IMAP4rev1", "IDLE"]);
  });

  test("waits for the continuation request where it is not", async () => {
    const { server, say, login } = start();
    say("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready");
    expect(await server.line()).toBe("P1 AUTHENTICATE XOAUTH2");
    expect(await server.heard()).toBe("");
    say("+ ");
    expect(await server.line()).toBe(XOAUTH2);
    say("P1 OK [CAPABILITY IMAP4rev1] done");
    await login;
  });

  test("waits for it at a server that leaves out the space", async () => {
    const { server, say, login } = start();
    say("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready");
    await server.line();
    say("+");
    expect(await server.line()).toBe(XOAUTH2);
    say("P1 OK [CAPABILITY IMAP4rev1] done");
    await login;
  });

  test.each([
    // "P1 AUTHENTICATE XOAUTH2 " and CRLF are 26 octets, so 7,974 of base64 fit; base64 comes in fours: 7,972 or 7,976.
    ["stays in the command up to 8,000 octets", 5979, true],
    ["waits when the command would be longer", 5980, false],
  ])("%s", async (_what, messageLength, inline) => {
    const token = "t".repeat(messageLength - "user=alice@example.com\x01auth=Bearer \x01\x01".length);
    const { server, say } = start({ token });
    say(GREETING);
    const line = (await server.line()) ?? "";
    expect(line.startsWith("P1 AUTHENTICATE XOAUTH2 ")).toBe(inline);
    expect(line.length + 2).toBeLessThanOrEqual(8000);
    if (!inline) {
      say("+ ");
      expect((await server.line())?.length).toBeGreaterThan(7974);
    }
  });
});

describe("the mechanism", () => {
  test("is OAUTHBEARER with the real host and port where it is announced", async () => {
    const { server, say } = start();
    say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER] ready");
    expect(await server.line()).toBe(`P1 AUTHENTICATE OAUTHBEARER ${OAUTHBEARER}`);
  });

  test("is none where only passwords are announced: nothing is sent", async () => {
    const { server, say, failure } = start();
    say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN] ready");
    expect((await failure()).code).toBe("upstream-no-mechanism");
    expect(await server.heard()).toBe("");
  });
});

describe("capabilities", () => {
  test("are asked for where the greeting names none", async () => {
    const { server, say } = start();
    say("* OK ready");
    expect(await server.line()).toBe("P1 CAPABILITY");
    say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2", "P1 OK done");
    expect(await server.line()).toBe("P2 AUTHENTICATE XOAUTH2");
  });

  test("are asked for after the login where its answer names none", async () => {
    const { server, say, login } = start();
    say(GREETING);
    await server.line();
    say("P1 OK done");
    expect(await server.line()).toBe("P2 CAPABILITY");
    say("* CAPABILITY IMAP4rev1 IDLE", "P2 OK done");
    expect((await login).capabilities).toEqual(["IMAP4rev1", "IDLE"]);
  });

  test("are taken from the untagged line before the answer", async () => {
    const { server, say, login } = start();
    say(GREETING);
    await server.line();
    say("* CAPABILITY IMAP4rev1 MOVE", "* OK [ALERT] Visit https://evil.example", "P1 OK done");
    expect((await login).capabilities).toEqual(["IMAP4rev1", "MOVE"]);
    expect(await server.heard()).toBe("");
  });

  test("must have an IMAP that we know", async () => {
    const { say, failure } = start();
    say("* OK [CAPABILITY IMAP2 AUTH=XOAUTH2] ready");
    expect((await failure()).code).toBe("upstream-protocol");
  });
});

describe("after the login", () => {
  test("not an octet behind the answer has been read", async () => {
    const { server, say, login } = start();
    say(GREETING);
    await server.line();
    say("P1 OK [CAPABILITY IMAP4rev1] done", "* BYE Connection closed. 14");
    expect((await drain((await login).wire.release())).toString()).toBe("* BYE Connection closed. 14\r\n");
  });
});

describe("a command after the login", () => {
  test("has a tag of its own, and its answer is given as it was said", async () => {
    const { server, say, login } = start();
    say(GREETING);
    await server.line();
    say("P1 OK [CAPABILITY IMAP4rev1] done");
    const { command } = await login;
    const answered = command("NOOP");
    expect(await server.line()).toBe("P2 NOOP");
    say("* 3 EXISTS", "P2 BAD User is authenticated but not connected.");
    expect(await answered).toMatchObject({
      status: "BAD",
      text: "User is authenticated but not connected.",
    });
  });
});

describe("a refused token", () => {
  const challenge = encode('{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}');

  test.each<[MechanismChoice, string]>([
    ["xoauth2", ""],
    ["oauthbearer", "AQ=="],
  ])("has its challenge answered, as %s wants it, before the answer comes", async (mechanism, reply) => {
    const { server, say, failure } = start({ mechanism });
    say(GREETING);
    await server.line();
    say(`+ ${challenge}`);
    expect(await server.line()).toBe(reply);
    say("P1 NO [AUTHENTICATIONFAILED] Invalid credentials");
    const error = await failure();
    expect(error.code).toBe("upstream-refused");
    expect(error.detail).toContain("status 401");
    expect(error.upstreamText).toBeUndefined();
  });

  test("is refused without any challenge by Microsoft", async () => {
    const { server, say, failure } = start();
    say(GREETING);
    await server.line();
    say("P1 NO AUTHENTICATE failed.");
    expect((await failure()).code).toBe("upstream-refused");
  });

  test("is challenged after a continuation as well", async () => {
    const { server, say, failure } = start();
    say("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready");
    await server.line();
    say("+ ");
    await server.line();
    say(`+ ${challenge}`);
    expect(await server.line()).toBe("");
    say("P1 NO no");
    expect((await failure()).code).toBe("upstream-refused");
  });

  test("does not carry a hostile challenge or a referral anywhere", async () => {
    const { server, say, failure } = start();
    say(GREETING);
    await server.line();
    say(`+ ${encode('{"status":"401\\r\\na1 OK"}')}`);
    await server.line();
    say("P1 NO [REFERRAL imap://evil.example/] x");
    const error = await failure();
    expect(error.code).toBe("upstream-refused");
    expect(error.wireText).not.toContain("evil");
    expect(error.message).not.toMatch(/a1 OK/);
  });

  test("never stands in the error, though the server repeats the whole message", async () => {
    const { server, say, failure } = start();
    say(GREETING);
    await server.line();
    say(`P1 NO I do not like ${XOAUTH2} at all`);
    const error = await failure();
    expect(`${error.message} ${error.detail}`).not.toContain(XOAUTH2.slice(-20));
  });
});

describe("a server on which IMAP is switched off for the mailbox", () => {
  test.each([
    "[ALERT] Your account is not enabled for IMAP use. Please visit your account settings page and enable it. (Failure)",
    "[ALERT] IMAP access is disabled for your domain. Please contact your domain administrator. (Failure)",
    "[ALERT] You are yet to enable IMAP for your account. Please contact your administrator (Failure)",
    "[AUTHENTICATIONFAILED] IMAP is disabled",
    "imap has been disabled for this user",
    "IMAP service is turned off",
  ])("says so: %s", async (text) => {
    const { server, say, failure } = start();
    say(GREETING);
    await server.line();
    say(`P1 NO ${text}`);
    const error = await failure();
    expect(error.code).toBe("upstream-imap-disabled");
    expect(error.upstreamText).toBeUndefined();
  });

  test.each([
    ["is not told from others that refuse", "AUTHENTICATE failed."],
    [
      "is not told by Yandex, which names two causes",
      "[AUTHENTICATIONFAILED] AUTHENTICATE invalid credentials or IMAP is disabled sc=abc",
    ],
    ["may be the other way round", "IMAP is disabled or the password is wrong"],
    ["is not one with basic authentication off", "Basic authentication for IMAP clients: disabled"],
  ])("%s: %s", async (_what, text) => {
    const { server, say, failure } = start();
    say(GREETING);
    await server.line();
    say(`P1 NO ${text}`);
    expect((await failure()).code).toBe("upstream-refused");
  });
});

describe("a server that limits the account", () => {
  test.each([
    ["P1 NO [LIMIT] Too many connections", "Too many connections"],
    ["P1 NO [UNAVAILABLE] Temporary authentication failure", "Temporary authentication failure"],
    [
      "P1 NO [ALERT] Too many simultaneous connections. (Failure)",
      "Too many simultaneous connections. (Failure)",
    ],
    ["P1 NO [INUSE] busy", "busy"],
    ["* BYE [ALERT] Too many logins", "Too many logins"],
  ])("%j is no refusal of the token, and its text goes on without its code", async (line, upstreamText) => {
    const { server, say, failure } = start();
    say(GREETING);
    await server.line();
    say(line);
    expect(await failure()).toMatchObject({ code: "upstream-throttled", upstreamText });
  });

  test("may say so in its greeting", async () => {
    const { say, failure } = start();
    say("* BYE [UNAVAILABLE] Server busy");
    expect(await failure()).toMatchObject({ code: "upstream-throttled", upstreamText: "Server busy" });
  });
});

describe("a greeting that is none", () => {
  test.each([
    "* PREAUTH hi",
    "220 smtp.example.com ESMTP",
    "P1 OK",
    "+OK POP3",
    "",
    "* CAPABILITY IMAP4rev1",
  ])("%j: nothing is sent", async (greeting) => {
    const { server, say, failure } = start();
    say(greeting);
    expect((await failure()).code).toBe("upstream-protocol");
    expect(await server.heard()).toBe("");
  });

  test("does not come for 30 seconds", async () => {
    const { clock, failure } = start();
    const failed = failure();
    await clock.advance(30_000);
    expect((await failed).code).toBe("upstream-timeout");
  });
});

describe("a server that does not follow the protocol", () => {
  test.each([
    ["answers with a foreign tag", "a1 OK done"],
    ["answers with the tag in another case", "p1 OK done"],
    ["answers with something else than OK, NO or BAD", "P1 PREAUTH done"],
    ["answers BAD", "P1 BAD what?"],
    ["asks for more than there is", "+ \r\n+ \r\n+ "],
    ["writes a line without end", "x".repeat(9000)],
    ["says nothing, at length", "* OK still working\r\n".repeat(4000)],
  ])("%s", async (_what, lines) => {
    const { server, say, failure } = start();
    say(GREETING);
    await server.line();
    say(lines);
    expect((await failure()).code).toBe("upstream-protocol");
  });

  test("asks a continuation of a command that has none", async () => {
    const { server, say, failure } = start();
    say("* OK ready");
    await server.line();
    say("+ go on");
    expect((await failure()).code).toBe("upstream-protocol");
  });

  test("refuses to tell its capabilities", async () => {
    const { server, say, failure } = start();
    say("* OK ready");
    await server.line();
    say("P1 OK done");
    expect((await failure()).code).toBe("upstream-protocol");
  });

  test("hangs up in the middle", async () => {
    const { server, say, failure } = start();
    say(GREETING);
    await server.line();
    server.far.end();
    expect((await failure()).code).toBe("upstream-closed");
  });
});

describe("STARTTLS", () => {
  const PLAIN_GREETING = "* OK [CAPABILITY IMAP4rev1 STARTTLS SASL-IR AUTH=XOAUTH2] ready";

  test("comes before everything else, and nothing said before it is believed", async () => {
    const { server, inTls, say, login } = start({ startTls: true });
    say(PLAIN_GREETING);
    expect(await server.line()).toBe("P1 STARTTLS");
    say("P1 OK go");
    expect(await inTls.line()).toBe("P2 CAPABILITY");
    inTls.send("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\nP2 OK done\r\n");
    expect(await inTls.line()).toBe("P3 AUTHENTICATE XOAUTH2");
    inTls.send("+ \r\n");
    expect(await inTls.line()).toBe(XOAUTH2);
    inTls.send("P3 OK [CAPABILITY IMAP4rev1] done\r\n");
    await login;
    expect(await server.heard()).toBe("");
  });

  test.each([
    ["is not announced", "* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready", ""],
    ["is refused", PLAIN_GREETING, "P1 NO not now\r\n"],
  ])("is mandatory: the login ends where it %s", async (_what, greeting, answer) => {
    const { server, say, failure } = start({ startTls: true });
    say(greeting);
    server.send(answer);
    expect((await failure()).code).toBe("upstream-without-tls");
    expect(await server.heard()).not.toContain("AUTHENTICATE");
  });

  test("with anything behind its answer is refused: somebody put it there", async () => {
    const { server, inTls, say, failure } = start({ startTls: true });
    say(PLAIN_GREETING);
    await server.line();
    say("P1 OK go", "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2");
    expect((await failure()).code).toBe("upstream-protocol");
    expect(await inTls.heard()).toBe("");
  });
});
