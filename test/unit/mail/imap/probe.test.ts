import { describe, expect, test } from "vitest";
import { probeImapServer } from "../../../../src/mail/imap/probe.ts";
import { createWire } from "../../../../src/mail/wire/wire.ts";
import { createConversation } from "../../../support/conversation.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");
const decode = (line: string | undefined): string =>
  Buffer.from((line ?? "").split(" ").at(-1) ?? "", "base64").toString();
const EMPTY = "n,,\x01host=imap.example.test\x01port=993\x01auth=Bearer \x01\x01";
const URL_OF_ISSUER = "https://login.example.test/.well-known/openid-configuration";
const NAMING = encode(
  JSON.stringify({ status: "invalid_token", scope: "mail", "openid-configuration": URL_OF_ISSUER }),
);

/** Starts a probe whose server the test plays. */
function start({ startTls = false } = {}) {
  const clock = createFakeClock();
  const server = createConversation();
  const inTls = createConversation();
  const probing = probeImapServer(
    {
      wire: createWire(server.near, clock),
      startTls: startTls ? async () => createWire(inTls.near, clock) : undefined,
    },
    clock,
  );
  probing.catch(() => {});
  const sayIn = (conversation: typeof server, ...lines: string[]): void =>
    conversation.send(lines.map((line) => `${line}\r\n`).join(""));
  const say = (...lines: string[]): void => sayIn(server, ...lines);
  return { server, inTls, probing, say, sayIn, clock };
}

/** Up to an open connection with these capabilities. */
async function connected(capabilities: string) {
  const started = start();
  started.say("* OK ready", `* CAPABILITY ${capabilities}`, "P1 OK done");
  const probed = await started.probing;
  expect(await started.server.line()).toBe("P1 CAPABILITY");
  return { ...started, probed, asking: probed.askForChallenge("imap.example.test", 993) };
}

describe("a probe of an IMAP server", () => {
  test("takes what greets and has IMAP4rev1, and says goodbye", async () => {
    const { server, say, probing } = start();
    say("* OK ready", "* CAPABILITY IMAP4rev1 AUTH=PLAIN", "P1 OK done");
    const probed = await probing;
    expect(probed.capabilities).toEqual(["IMAP4rev1", "AUTH=PLAIN"]);
    probed.logOut();
    expect(await server.heard()).toBe("P1 CAPABILITY\r\nP2 LOGOUT\r\n");
    expect(server.hasEnded()).toBe(true);
  });

  test.each([
    ["an SMTP server", "220 mail.example.test ESMTP"],
    ["a web server", "HTTP/1.1 400 Bad Request"],
    ["one that lets everybody in", "* PREAUTH welcome"],
  ])("refuses %s", async (_what, greeting) => {
    const { say, probing } = start();
    say(greeting);
    expect((await failureOf(probing)).code).toBe("upstream-protocol");
  });

  test("refuses an IMAP2 server", async () => {
    const { say, probing } = start();
    say("* OK ready", "* CAPABILITY IMAP2bis", "P1 OK done");
    expect((await failureOf(probing)).detail).toContain("neither IMAP4rev1 nor IMAP4rev2");
  });

  test("a silent server is given up", async () => {
    const { clock, probing } = start();
    await clock.advance(30_000);
    expect((await failureOf(probing)).code).toBe("upstream-timeout");
  });
});

describe("STARTTLS", () => {
  test("comes before everything else, and what was said before it is forgotten", async () => {
    const { server, inTls, say, sayIn, probing } = start({ startTls: true });
    say("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=OAUTHBEARER] ready", "P1 OK go on");
    expect(await server.line()).toBe("P1 STARTTLS");
    sayIn(inTls, "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2", "P2 OK done");
    expect((await probing).capabilities).toEqual(["IMAP4rev1", "AUTH=XOAUTH2"]);
    expect(await inTls.line()).toBe("P2 CAPABILITY");
  });

  test("refused is the end: nothing is asked in clear", async () => {
    const { server, say, probing } = start({ startTls: true });
    say("* OK ready", "P1 NO not today");
    expect((await failureOf(probing)).code).toBe("upstream-without-tls");
    expect(await server.heard()).toBe("P1 STARTTLS\r\n");
  });

  test("with octets behind its answer is refused (D2)", async () => {
    const { inTls, say, probing } = start({ startTls: true });
    say("* OK ready", "P1 OK go on", "* CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER");
    expect((await failureOf(probing)).code).toBe("upstream-protocol");
    expect(await inTls.heard()).toBe("");
  });
});

describe("a login without a token", () => {
  test("gets the server to name its authorization server, with neither user nor token in it", async () => {
    const { server, say, asking } = await connected("IMAP4rev1 SASL-IR AUTH=OAUTHBEARER AUTH=XOAUTH2");
    const line = await server.line();
    expect(line).toMatch(/^P2 AUTHENTICATE OAUTHBEARER \S+$/);
    expect(decode(line)).toBe(EMPTY);
    say(`+ ${NAMING}`);
    // RFC 7628 §3.2.3: or the server waits for ever.
    expect(await server.line()).toBe("AQ==");
    say("P2 NO [AUTHENTICATIONFAILED] of course");
    expect(await asking).toEqual({
      status: "invalid_token",
      scope: "mail",
      openidConfiguration: URL_OF_ISSUER,
    });
    expect(await server.heard()).toBe("");
  });

  test("waits for the continuation request where SASL-IR is not announced", async () => {
    const { server, say, asking } = await connected("IMAP4rev1 AUTH=OAUTHBEARER");
    expect(await server.line()).toBe("P2 AUTHENTICATE OAUTHBEARER");
    say("+");
    expect(decode(await server.line())).toBe(EMPTY);
    say(`+ ${NAMING}`);
    expect(await server.line()).toBe("AQ==");
    say("P2 NO no");
    expect((await asking)?.openidConfiguration).toBe(URL_OF_ISSUER);
  });

  test("tries the form of a real one, about nobody, where the empty one is refused without a challenge", async () => {
    const { server, say, asking } = await connected("IMAP4rev1 SASL-IR AUTH=OAUTHBEARER");
    await server.line();
    say("P2 NO [AUTHENTICATIONFAILED] no");
    expect(decode(await server.line())).toBe(
      "n,a=nobody@postern.invalid,\x01host=imap.example.test\x01port=993\x01auth=Bearer none\x01\x01",
    );
    say(`+ ${NAMING}`);
    expect(await server.line()).toBe("AQ==");
    say("P3 NO no");
    expect((await asking)?.openidConfiguration).toBe(URL_OF_ISSUER);
  });

  test("asks by XOAUTH2 where there is nothing else", async () => {
    const { server, say, asking } = await connected("IMAP4rev1 SASL-IR AUTH=XOAUTH2");
    expect(decode(await server.line())).toBe("user=nobody@postern.invalid\x01auth=Bearer none\x01\x01");
    say(`+ ${NAMING}`);
    expect(await server.line()).toBe("");
    say("P2 NO no");
    expect((await asking)?.openidConfiguration).toBe(URL_OF_ISSUER);
  });

  test("is not tried where only passwords are taken", async () => {
    const { server, asking } = await connected("IMAP4rev1 SASL-IR AUTH=PLAIN");
    expect(await asking).toBeUndefined();
    expect(await server.heard()).toBe("");
  });

  test("gives what was said last where nothing names an authorization server", async () => {
    const { server, say, asking } = await connected("IMAP4rev1 SASL-IR AUTH=OAUTHBEARER");
    for (const tag of ["P2", "P3"]) {
      await server.line();
      say(`+ ${encode('{"status":"401"}')}`);
      expect(await server.line()).toBe("AQ==");
      say(`${tag} NO no`);
    }
    expect(await asking).toEqual({ status: "401", scope: undefined, openidConfiguration: undefined });
  });

  test("that is let in shows a server that is none", async () => {
    const { server, say, asking } = await connected("IMAP4rev1 SASL-IR AUTH=OAUTHBEARER");
    await server.line();
    say("P2 OK welcome");
    expect((await failureOf(asking)).detail).toBe("it lets somebody in without a token");
  });

  test("is given up when the challenges do not end", async () => {
    const { server, say, asking } = await connected("IMAP4rev1 SASL-IR AUTH=OAUTHBEARER");
    await server.line();
    say(...Array.from({ length: 100 }, () => `+ ${encode("{}")}`));
    expect((await failureOf(asking)).detail).toBe("too many continuation requests");
    expect(await server.heard()).toBe("AQ==\r\nAQ==\r\n");
  });

  test("is given up when a challenge has no end", async () => {
    const { server, asking } = await connected("IMAP4rev1 SASL-IR AUTH=OAUTHBEARER");
    await server.line();
    server.send(`+ ${"A".repeat(100_000)}`);
    expect((await failureOf(asking)).code).toBe("upstream-protocol");
  });
});
