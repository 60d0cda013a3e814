import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../../../../src/errors/catalogue.ts";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { runSmtpSession } from "../../../../src/mail/smtp/session.ts";
import { createWire } from "../../../../src/mail/wire/wire.ts";
import { createConversation, drain } from "../../../support/conversation.ts";
import { createFakeClock, settle } from "../../../support/fake-clock.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");
const AUTH = `AUTH PLAIN ${encode("\0alice\0right")}`;

interface Options {
  strict?: boolean;
  openUpstream?: () => Promise<string>;
}

/** A session that lets in alice with the password "right". */
function start({ strict = false, openUpstream = async () => "the mailbox" }: Options = {}) {
  const mua = createConversation();
  const wire = createWire(mua.near, createFakeClock());
  const over = runSmtpSession({
    wire,
    strict,
    keywords: async () => ["SIZE 1000"],
    async checkLocalPassword({ authcid, localPassword }) {
      if (authcid === "alice" && localPassword.reveal() === "right") return authcid;
      throw new PosternError("wrong-local-password");
    },
    openUpstream,
  });
  return { mua, wire, over };
}

/** Sends lines one after another; the answer to each, without its last CRLF. */
async function converse(lines: readonly string[], options?: Options) {
  const session = start(options);
  await session.mua.heard();
  const answers: string[] = [];
  for (const line of lines) {
    session.mua.send(`${line}\r\n`);
    answers.push((await session.mua.heard()).replace(/\r\n$/, ""));
  }
  return { ...session, answers };
}

/** The last answer's code and enhanced code. */
const codes = (answer: string | undefined): string | undefined => /^\d{3} \d\.\d\.\d/.exec(answer ?? "")?.[0];

describe("before AUTH", () => {
  test("the server speaks first", async () => {
    expect(await start().mua.heard()).toMatch(/^220 localhost [\x20-\x7e]+\r\n$/);
  });

  test.each<[string, string[], string]>([
    ["AUTH before EHLO", [AUTH], "503 5.5.1"],
    ["AUTH after HELO", ["HELO me", AUTH], "503 5.5.1"],
    ["MAIL before AUTH", ["EHLO me", "MAIL FROM:<a@example.com>"], "530 5.7.0"],
    ["MAIL after HELO", ["HELO me", "MAIL FROM:<a@example.com>"], "530 5.7.0"],
    ["MAIL before anything", ["MAIL FROM:<a@example.com>"], "530 5.7.0"],
    ["RCPT before AUTH", ["EHLO me", "RCPT TO:<a@example.com>"], "530 5.7.0"],
    ["DATA before AUTH", ["EHLO me", "DATA"], "530 5.7.0"],
    ["EHLO without a domain", ["EHLO"], "501 5.5.4"],
    ["an unknown command", ["STARTTLS"], "500 5.5.2"],
    ["an empty line", [""], "500 5.5.2"],
    ["an unknown mechanism", ["EHLO me", "AUTH XOAUTH2 x"], "504 5.5.4"],
    ["no mechanism", ["EHLO me", "AUTH"], "501 5.5.4"],
    ["a cancelled exchange", ["EHLO me", "AUTH PLAIN", "*"], "501 5.7.0"],
    ["bad base64", ["EHLO me", "AUTH PLAIN !!!!"], "501 5.5.2"],
    ["bad base64 behind the prompt", ["EHLO me", "AUTH PLAIN", "AGFsaWNl!!AHB3*"], "501 5.5.2"],
    ["two responses", ["EHLO me", `${AUTH} x`], "501 5.5.2"],
    ["a zero-length response", ["EHLO me", "AUTH PLAIN ="], "501 5.5.2"],
    ["a PLAIN message without a password", ["EHLO me", `AUTH PLAIN ${encode("\0alice")}`], "501 5.5.2"],
    ["somebody else's authzid", ["EHLO me", `AUTH PLAIN ${encode("bob\0alice\0right")}`], "535 5.7.8"],
    ["a wrong password", ["EHLO me", `AUTH PLAIN ${encode("\0alice\0wrong")}`], "535 5.7.8"],
    ["a line of 12,289 octets", ["EHLO me", `NOOP ${"x".repeat(12_284)}`], "500 5.5.6"],
    ["an AUTH response of 12,289 octets", ["EHLO me", "AUTH PLAIN", "A".repeat(12_289)], "500 5.5.6"],
    ["RSET", ["RSET"], "250 2.0.0"],
    ["NOOP of 12,288 octets", [`NOOP ${"x".repeat(12_283)}`], "250 2.0.0"],
  ])("%s", async (_what, lines, expected) => {
    const { answers, mua } = await converse(lines);
    expect(codes(answers.at(-1))).toBe(expected);
    mua.send("NOOP\r\n");
    expect(await mua.heard()).toBe("250 2.0.0 OK\r\n");
  });

  test("EHLO announces what it was told to, and AUTH; HELO nothing", async () => {
    const { answers } = await converse(["ehlo me", "helo me"]);
    expect(answers).toEqual(["250-localhost\r\n250-SIZE 1000\r\n250 AUTH PLAIN LOGIN", "250 localhost"]);
  });

  test("EHLO after HELO makes AUTH possible", async () => {
    const { answers, over } = await converse(["HELO me", "EHLO me", AUTH]);
    expect(codes(answers.at(-1))).toBe("235 2.7.0");
    expect(await over).toBe("the mailbox");
  });

  test("the octets of BDAT never become commands", async () => {
    const { answers } = await converse(["EHLO me", "BDAT 20 LAST\r\nQUIT\r\nAUTH x\r\nQUIT\r\nNOOP"]);
    expect(answers[1]).toBe("530 5.7.0 Authentication required\r\n250 2.0.0 OK");
  });

  test("the third unknown command closes the connection", async () => {
    const { answers, over, mua } = await converse(["FOO", "NOOP", "BAR", "BAZ", "EHLO me"]);
    expect(answers.slice(0, 3).map(codes)).toEqual(["500 5.5.2", "250 2.0.0", "500 5.5.2"]);
    expect(answers[3]).toMatch(/^500 5\.5\.2 .*\r\n421 4\.7\.0 /);
    expect(answers[4]).toBe("");
    expect(await over).toBeUndefined();
    expect(mua.hasEnded()).toBe(true);
  });

  test("the third wrong password closes the connection", async () => {
    const wrong = `AUTH PLAIN ${encode("\0alice\0wrong")}`;
    const { answers, over } = await converse(["EHLO me", wrong, wrong, wrong]);
    expect(answers[3]).toMatch(/^535 5\.7\.8 .*\r\n421 4\.7\.0 /);
    expect(await over).toBeUndefined();
  });

  test("QUIT says goodbye and closes", async () => {
    const { answers, over, mua } = await converse(["QUIT"]);
    expect(answers).toEqual(["221 2.0.0 Bye"]);
    expect(await over).toBeUndefined();
    expect(mua.hasEnded()).toBe(true);
  });

  test.each(["POST / HTTP/1.1", "Host: 127.0.0.1:2587"])(
    "a browser is sent away at its first line, whatever follows: %s",
    async (line) => {
      const { mua, over } = start();
      mua.send(`${line}\r\n\r\nEHLO x\r\n${AUTH}\r\n`);
      expect(await over).toBeUndefined();
      expect(await mua.heard()).toMatch(/^220 .*\r\n421 .*\r\n$/);
      expect(mua.hasEnded()).toBe(true);
    },
  );

  test.each(["EHLO me\r\n", "EHLO me\r\nAUTH PLAIN\r\n", "BDAT 10\r\nhalf", "EHL"])(
    "the end of the connection behind %j ends the session",
    async (sent) => {
      const { mua, over } = start();
      mua.far.end(sent);
      expect(await over).toBeUndefined();
    },
  );

  test("nothing that a mail program sends is echoed", async () => {
    const { answers } = await converse(["EHLO <script>", "<script>", "AUTH <script>"]);
    expect(answers.join()).not.toContain("script");
  });
});

describe("AUTH LOGIN", () => {
  test("prompts with exactly the two lines that Thunderbird compares", async () => {
    const { answers } = await converse(["EHLO me", "AUTH LOGIN", encode("alice"), encode("right")]);
    expect(answers.slice(1)).toEqual([
      "334 VXNlcm5hbWU6",
      "334 UGFzc3dvcmQ6",
      "235 2.7.0 Authentication successful",
    ]);
  });

  test("takes the user name inline", async () => {
    const { answers } = await converse(["EHLO me", `AUTH LOGIN ${encode("alice")}`, encode("right")]);
    expect(answers.slice(1)).toEqual(["334 UGFzc3dvcmQ6", "235 2.7.0 Authentication successful"]);
  });
});

test("AUTH PLAIN without initial response prompts with `334 `, space included", async () => {
  const { mua } = await converse(["EHLO me"]);
  mua.send("AUTH PLAIN\r\n");
  expect(await mua.heard()).toBe("334 \r\n");
});

describe("after the right password", () => {
  test("235 is said while the login at the provider still goes on", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { answers, over } = await converse(["EHLO me", AUTH], { openUpstream: () => promise });
    expect(codes(answers[1])).toBe("235 2.7.0");
    resolve("the mailbox");
    expect(await over).toBe("the mailbox");
  });

  test("what the mail program sends in the meantime is neither answered nor read", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { mua, wire, over } = await converse(["EHLO me", AUTH], { openUpstream: () => promise });
    mua.send("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@exam");
    expect(await mua.heard()).toBe("");
    resolve("the mailbox");
    await over;
    const released = wire.release();
    mua.send("ple.com>\r\n");
    expect((await drain(released)).toString()).toBe(
      "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n",
    );
  });

  test("what is pipelined behind AUTH is left untouched, wherever it was split", async () => {
    const behind = Buffer.from("MAIL FROM:<\xfc@example.com>\r\n\0.\r\nQUI", "latin1");
    const sent = Buffer.concat([Buffer.from(`EHLO me\r\n${AUTH}\r\n`), behind]);
    for (let offset = 1; offset < sent.length; offset++) {
      const { mua, wire, over } = start();
      await mua.sendSplit(sent, offset);
      expect(await over).toBe("the mailbox");
      expect((await drain(wire.release())).toString("latin1"), `split at ${offset}`).toBe(
        behind.toString("latin1"),
      );
    }
  });

  test("it is left untouched even when the mail program has ended its half by then", async () => {
    const { mua, wire, over } = start();
    mua.far.end(`EHLO me\r\n${AUTH}\r\nMAIL FROM:<a@example.com>\r\nQUIT\r\n`);
    await over;
    await settle();
    expect((await drain(wire.release())).toString()).toBe("MAIL FROM:<a@example.com>\r\nQUIT\r\n");
  });
});

describe("when the login at the provider fails behind our 235", () => {
  const fail = (code: ErrorCode, upstreamText?: string) => async (): Promise<string> => {
    throw new PosternError(code, upstreamText === undefined ? {} : { upstreamText });
  };

  test.each<[ErrorCode, string | undefined, string]>([
    ["upstream-unreachable", undefined, "450 4.4.1 The mail server cannot be reached; try again later"],
    ["sign-in-ended", undefined, "450 4.7.0 Sign in again in Postern"],
    ["upstream-throttled", "Daily limit exceeded", "450 4.7.0 Daily limit exceeded"],
    ["upstream-certificate", undefined, "450 4.7.0 Secure connection failed"],
    ["internal", undefined, "450 4.3.5 Postern cannot serve this now"],
    [
      "upstream-smtp-auth-disabled",
      undefined,
      "550 5.7.0 SMTP AUTH is disabled for this mailbox; ask your administrator",
    ],
  ])("%s is told at MAIL", async (code, upstreamText, answer) => {
    const { answers } = await converse(["EHLO me", AUTH, "MAIL FROM:<a@example.com>"], {
      openUpstream: fail(code, upstreamText),
    });
    expect(codes(answers[1])).toBe("235 2.7.0");
    expect(answers[2]).toBe(answer);
  });

  test("the connection stays open, and every command is answered", async () => {
    const { answers, over, mua } = await converse(
      [
        "EHLO me",
        AUTH,
        "MAIL FROM:<a@x>",
        "RCPT TO:<b@x>",
        "DATA",
        "RSET",
        "NOOP",
        "EHLO me",
        "MAIL FROM:<a@x>",
      ],
      { openUpstream: fail("upstream-timeout") },
    );
    expect(answers.slice(2).map((answer) => answer.slice(0, 3))).toEqual([
      "450",
      "503",
      "503",
      "250",
      "250",
      "250",
      "450",
    ]);
    mua.send("QUIT\r\n");
    expect(await mua.heard()).toBe("221 2.0.0 Bye\r\n");
    expect(await over).toBeUndefined();
  });

  test("a pipelined transaction is refused at each of its commands", async () => {
    const { answers } = await converse(
      ["EHLO me", `${AUTH}\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP`],
      { openUpstream: fail("upstream-timeout") },
    );
    expect(answers[1]?.split("\r\n").map((line) => line.slice(0, 3))).toEqual([
      "235",
      "450",
      "503",
      "503",
      "250",
    ]);
  });

  test("a second AUTH is out of sequence", async () => {
    const { answers } = await converse(["EHLO me", AUTH, AUTH], { openUpstream: fail("upstream-timeout") });
    expect(codes(answers[2])).toBe("503 5.5.1");
  });

  test("a bug of ours is told in general words", async () => {
    const { answers } = await converse(["EHLO me", AUTH, "MAIL FROM:<a@x>"], {
      openUpstream: () => Promise.reject(new TypeError("oops")),
    });
    expect(answers[2]).toMatch(/^450 4\.3\.5 (?!.*oops)/);
  });
});

describe("in the strict style", () => {
  test("AUTH is answered when the login at the provider has ended", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { answers, mua, over } = await converse(["EHLO me", AUTH], {
      strict: true,
      openUpstream: () => promise,
    });
    expect(answers[1]).toBe("");
    resolve("the mailbox");
    expect(await over).toBe("the mailbox");
    expect(await mua.heard()).toBe("235 2.7.0 Authentication successful\r\n");
  });

  test("its failure is told at AUTH, and AUTH may be tried again", async () => {
    let tries = 0;
    const { answers, over } = await converse(["EHLO me", AUTH, AUTH], {
      strict: true,
      async openUpstream() {
        tries += 1;
        if (tries === 1) throw new PosternError("upstream-timeout");
        return "the mailbox";
      },
    });
    expect(answers.slice(1).map(codes)).toEqual(["454 4.7.0", "235 2.7.0"]);
    expect(await over).toBe("the mailbox");
  });

  test("a wrong password is still a wrong password", async () => {
    const { answers } = await converse(["EHLO me", `AUTH PLAIN ${encode("\0alice\0wrong")}`], {
      strict: true,
    });
    expect(codes(answers[1])).toBe("535 5.7.8");
  });
});
