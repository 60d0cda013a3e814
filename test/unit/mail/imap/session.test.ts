import { describe, expect, test } from "vitest";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { runImapSession } from "../../../../src/mail/imap/session.ts";
import type { LocalCredentials } from "../../../../src/mail/sasl/plain.ts";
import { createWire } from "../../../../src/mail/wire/wire.ts";
import { createConversation, drain } from "../../../support/conversation.ts";
import { createFakeClock, settle } from "../../../support/fake-clock.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");

/** A session that lets in alice with the password "right", and fails for her as `failure` says. */
function start(failure?: PosternError) {
  const mua = createConversation();
  const wire = createWire(mua.near, createFakeClock());
  const tried: string[] = [];
  const over = runImapSession({
    wire,
    async logIn({ authcid, localPassword }: LocalCredentials) {
      tried.push(`${authcid}:${localPassword.reveal()}`);
      if (authcid !== "alice" || localPassword.reveal() !== "right") {
        throw new PosternError("wrong-local-password");
      }
      if (failure !== undefined) throw failure;
      return {
        upstream: "the mailbox",
        capabilities: ["IMAP4rev1", "IDLE", "AUTH=XOAUTH2", "UNAUTHENTICATE"],
      };
    },
  });
  return { mua, wire, over, tried };
}

/** The last line of each answer to each command, without the greeting. */
async function converse(...commands: string[]) {
  const session = start();
  await session.mua.heard();
  const answers: string[] = [];
  for (const command of commands) {
    session.mua.send(`${command}\r\n`);
    answers.push((await session.mua.heard()).trimEnd());
  }
  return { ...session, answers };
}

const LOGGED_IN = "* CAPABILITY IMAP4rev1 IDLE\r\na OK [CAPABILITY IMAP4rev1 IDLE] Logged in\r\n";

describe("before the login", () => {
  test("the greeting names what the listener can do", async () => {
    const { mua } = start();
    expect(await mua.heard()).toBe(
      "* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN AUTH=LOGIN] Postern ready\r\n",
    );
  });

  test("CAPABILITY, NOOP and ID are answered, as often as anybody likes", async () => {
    const { answers } = await converse(
      ...["a CAPABILITY", 'a ID ("name" "Thunderbird")', "a id nil", "a NOOP", "a NOOP", "a NOOP", "a NOOP"],
    );
    expect(answers).toEqual([
      "* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN AUTH=LOGIN\r\na OK Capability completed",
      "* ID NIL\r\na OK ID completed",
      "* ID NIL\r\na OK ID completed",
      ...Array.from({ length: 4 }, () => "a OK Noop completed"),
    ]);
  });

  test("LOGOUT says goodbye and closes", async () => {
    const { answers, mua, over } = await converse("a LOGOUT");
    expect(answers).toEqual(["* BYE Logging out\r\na OK Logout completed"]);
    expect(await over).toBeUndefined();
    expect(mua.hasEnded()).toBe(true);
  });

  test("the third command that is not for now closes the connection", async () => {
    const { answers, mua, over } = await converse(
      "a SELECT INBOX",
      "b <script>alert(1)</script>",
      "c STARTTLS",
    );
    expect(answers[0]).toBe("a BAD Log in first");
    expect(answers.join()).not.toContain("script");
    expect(answers[2]).toMatch(/^c BAD .*\r\n\* BYE \[UNAVAILABLE\]/);
    expect(await over).toBeUndefined();
    expect(mua.hasEnded()).toBe(true);
  });

  test("a browser is sent away at its first line, even with the right password behind it", async () => {
    const { mua, over, tried } = start();
    mua.send("POST / HTTP/1.1\r\nHost: 127.0.0.1:2143\r\n\r\na LOGIN alice right\r\n");
    expect(await over).toBeUndefined();
    expect(tried).toEqual([]);
    expect(await mua.heard()).toMatch(/\r\n\* BYE [^\r\n]*\r\n$/);
    expect(mua.hasEnded()).toBe(true);
  });

  test("the end of the connection ends the session", async () => {
    const { mua, over } = start();
    mua.far.end();
    expect(await over).toBeUndefined();
  });
});

describe("logging in", () => {
  test.each<[string, string[]]>([
    ["LOGIN", ["a LOGIN alice right"]],
    ["LOGIN in lower case with quotes", ['a login "alice" "right"']],
    ["AUTHENTICATE PLAIN with initial response", [`a AUTHENTICATE PLAIN ${encode("\0alice\0right")}`]],
    ["AUTHENTICATE PLAIN without", ["a AUTHENTICATE PLAIN", encode("\0alice\0right")]],
    ["AUTHENTICATE LOGIN", ["a authenticate login", encode("alice"), encode("right")]],
  ])("works by %s", async (_how, lines) => {
    const { mua, over, tried } = await converse(...lines.slice(0, -1));
    mua.send(`${lines.at(-1)}\r\n`);
    expect(await over).toBe("the mailbox");
    expect(tried).toEqual(["alice:right"]);
    expect(await mua.heard()).toBe(LOGGED_IN);
  });

  test("prompts with `+ ` and the space, which is mandatory even before nothing", async () => {
    const { answers } = await converse("a AUTHENTICATE PLAIN");
    expect(answers).toEqual(["+"]);
    const { mua } = start();
    await mua.heard();
    mua.send("a AUTHENTICATE PLAIN\r\n");
    expect(await mua.heard()).toBe("+ \r\n");
  });

  test("tells the mail program nothing of the server that must not reach it", async () => {
    const { mua, over } = await converse();
    mua.send("a LOGIN alice right\r\n");
    await over;
    expect(await mua.heard()).not.toMatch(/AUTH=|UNAUTHENTICATE/);
  });

  test.each([
    ["an empty password", 'a LOGIN alice ""', /^a NO \[AUTHENTICATIONFAILED\] /],
    ["a wrong password", "a LOGIN alice wrong", /^a NO \[AUTHENTICATIONFAILED\] /],
    ["no password", "a LOGIN alice", /^a BAD /],
    ["three arguments", "a LOGIN alice right x", /^a BAD /],
    ["a forged field in the user name", 'a LOGIN "a\x01auth=Bearer evil\x01" right', /^a NO \[AUTH/],
    ["an unknown mechanism", "a AUTHENTICATE XOAUTH2 x", /^a NO \[CANNOT\] /],
    ["no mechanism", "a AUTHENTICATE", /^a BAD /],
    ["a zero-length response", "a AUTHENTICATE PLAIN =", /^a BAD /],
    ["bad base64", "a AUTHENTICATE PLAIN !!!!", /^a BAD Invalid base64$/],
    ["two responses", `a AUTHENTICATE PLAIN ${encode("\0alice\0right")} x`, /^a BAD /],
    ["a literal where none belongs", "a AUTHENTICATE PLAIN {1+}\r\nx", /^a BAD /],
    [
      "an authzid of somebody else",
      `a AUTHENTICATE PLAIN ${encode("bob\0alice\0right")}`,
      /^a NO \[AUTHORIZATIONFAILED\] /,
    ],
  ])("is refused with %s, and a second try works", async (_what, command, answer) => {
    const { answers, mua, over } = await converse(command);
    expect(answers[0]).toMatch(answer);
    mua.send("a LOGIN alice right\r\n");
    expect(await over).toBe("the mailbox");
  });

  test("can be cancelled (RFC 9051 §6.2.2)", async () => {
    const { answers, tried } = await converse("a AUTHENTICATE PLAIN", "*", "a NOOP");
    expect(answers).toEqual(["+", "a BAD AUTHENTICATE cancelled", "a OK Noop completed"]);
    expect(tried).toEqual([]);
  });

  test("a third wrong password closes the connection", async () => {
    const { answers, over, tried } = await converse(
      ...["1", "2", "3", "4"].map((word) => `a LOGIN alice ${word}`),
    );
    expect(answers[2]).toMatch(/^a NO \[AUTHENTICATIONFAILED\] .*\r\n\* BYE /);
    expect(await over).toBeUndefined();
    expect(tried).toHaveLength(3);
  });

  test("an outage brings no password prompt, and no word of ours but the sentence", async () => {
    const { mua } = start(new PosternError("sign-in-ended", { detail: "invalid_grant: AADSTS700082" }));
    await mua.heard();
    mua.send("a LOGIN alice right\r\n");
    expect(await mua.heard()).toBe("a NO [UNAVAILABLE] Sign in again in Postern\r\n");
  });

  test("a bug of ours is told as unavailable, not as a wrong password", async () => {
    const mua = createConversation();
    void runImapSession({
      wire: createWire(mua.near, createFakeClock()),
      logIn: () => Promise.reject(new TypeError("oops")),
    });
    await mua.heard();
    mua.send("a LOGIN alice right\r\n");
    expect(await mua.heard()).toMatch(/^a NO \[UNAVAILABLE\] (?!.*oops)/);
  });
});

describe("what is pipelined behind the login", () => {
  const behind = Buffer.from('a2 NOOP\r\na3 APPEND "x" {3+}\r\n\0\xff\n\r\na4 CAPABI', "latin1");

  test.each([
    ["LOGIN", "a LOGIN alice right\r\n"],
    ["LOGIN with literals", "a LOGIN {5+}\r\nalice {5+}\r\nright\r\n"],
    ["AUTHENTICATE", `a AUTHENTICATE PLAIN ${encode("\0alice\0right")}\r\n`],
  ])("%s is left unread octet for octet, wherever it was split", async (_how, login) => {
    const sent = Buffer.concat([Buffer.from(login), behind]);
    for (let offset = 1; offset < sent.length; offset++) {
      const { mua, wire, over } = start();
      await mua.sendSplit(sent, offset);
      expect(await over).toBe("the mailbox");
      const released = wire.release();
      mua.send("LITY\r\n");
      const rest = await drain(released);
      expect(rest.toString("latin1"), `split at ${offset}`).toBe(`${behind.toString("latin1")}LITY\r\n`);
    }
  });

  test("is left unread even when the mail program has ended its half by then", async () => {
    const { mua, wire, over } = start();
    mua.far.end("a LOGIN alice right\r\nb NOOP\r\n");
    await over;
    await settle();
    expect((await drain(wire.release())).toString()).toBe("b NOOP\r\n");
  });

  test("is a command of the listener's when the login fails", async () => {
    const { mua } = start();
    await mua.heard();
    mua.send("a LOGIN alice wrong\r\nb NOOP\r\n");
    expect(await mua.heard()).toMatch(/^a NO .*\r\nb OK Noop completed\r\n$/);
  });
});
