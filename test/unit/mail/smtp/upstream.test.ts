import { describe, expect, test } from "vitest";
import type { MechanismChoice } from "../../../../src/mail/sasl/mechanism.ts";
import { bearerExchange } from "../../../../src/mail/sasl/upstream-exchange.ts";
import { greetSmtpUpstream } from "../../../../src/mail/smtp/upstream.ts";
import { createWire } from "../../../../src/mail/wire/wire.ts";
import { accessToken } from "../../../../src/secret/secret.ts";
import { createConversation, drain } from "../../../support/conversation.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");
const XOAUTH2 = encode("user=alice@example.com\x01auth=Bearer the-token\x01\x01");
const EHLO = "EHLO [127.0.0.1]";

function start(startTls = false) {
  const clock = createFakeClock();
  const server = createConversation();
  const inTls = createConversation();
  const ready = greetSmtpUpstream(
    {
      wire: createWire(server.near, clock),
      startTls: startTls ? async () => createWire(inTls.near, clock) : undefined,
    },
    clock,
  );
  ready.catch(() => {});
  const say = (...lines: string[]): void => server.send(lines.map((line) => `${line}\r\n`).join(""));
  return { clock, server, inTls, ready, say };
}

/** A login that has got as far as the server's answer to AUTH. */
async function startLogin(
  options: { mechanism?: MechanismChoice; keywords?: string[]; token?: string } = {},
) {
  const { mechanism = "auto", keywords = ["SIZE 1000", "AUTH PLAIN XOAUTH2"], token = "the-token" } = options;
  const { server, ready, say } = start();
  say("220 ready");
  await server.line();
  say(
    "250-smtp.example.com",
    ...keywords.slice(0, -1).map((word) => `250-${word}`),
    `250 ${keywords.at(-1)}`,
  );
  const upstream = await ready;
  const login = upstream.logIn(
    bearerExchange(
      { user: "alice@example.com", accessToken: accessToken(token), host: "smtp.example.com", port: 465 },
      mechanism,
    ),
  );
  login.catch(() => {});
  return { server, say, login, upstream, failure: () => failureOf(login) };
}

describe("greeting a submission server", () => {
  test("says an address literal, not this machine's name, and learns the keywords without the server's name", async () => {
    const { server, ready, say } = start();
    say("220-first", "220 second");
    expect(await server.line()).toBe(EHLO);
    say("250-smtp.example.com hello", "250-SIZE 1000", "250-8BITMIME", "250 AUTH XOAUTH2");
    expect((await ready).keywords).toEqual(["SIZE 1000", "8BITMIME", "AUTH XOAUTH2"]);
  });

  test("leaves out keywords that are not printable", async () => {
    const { server, ready, say } = start();
    say("220 ready");
    await server.line();
    say("250-smtp.example.com", "250-SIZE 1000", "250-\x1b[31m", "250 DSN");
    expect((await ready).keywords).toEqual(["SIZE 1000", "DSN"]);
  });

  test.each([
    ["421 4.3.2 busy", "upstream-throttled"],
    ["450 4.7.0 slow down", "upstream-throttled"],
    ["554 5.7.1 no", "upstream-protocol"],
    ["* OK IMAP4rev1", "upstream-protocol"],
    ["HTTP/1.1 400 Bad Request", "upstream-protocol"],
    ["22 short", "upstream-protocol"],
    ["220x", "upstream-protocol"],
    ["", "upstream-protocol"],
    // RFC 5321 §4.2.1: every line of a reply begins with the same code.
    ["554-no\r\n220 yes\r\n250 x", "upstream-protocol"],
  ])("ends with the greeting %j: %s", async (greeting, code) => {
    const { server, ready, say } = start();
    say(greeting);
    expect((await failureOf(ready)).code).toBe(code);
    expect(await server.heard()).toBe("");
  });

  test("that Microsoft refuses with 5.7.3 is told from the switch of 5.7.139, which asks for no new token", async () => {
    const refused = async (line: string) => {
      const { server, say, failure } = await startLogin();
      await server.line();
      say("334 ");
      await server.line();
      say(line);
      return failure();
    };
    const token = await refused("535 5.7.3 Authentication unsuccessful [X.PROD.OUTLOOK.COM]");
    expect(token.detail).toMatch(/^5\.7\.3 is about this user name and token, .*it said 535 5\.7\.3 /);
    const off = await refused(
      "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled",
    );
    expect(off).toMatchObject({ code: "upstream-smtp-auth-disabled" });
    expect(off.detail).not.toContain("about this user name");
    expect((await refused("535 5.7.30 something else")).detail).not.toContain("about this user name");
  });

  test("that is throttled passes on what the server said, without the codes of any line", async () => {
    const { ready, say } = start();
    say("421-4.7.0 Too many connections,", "421 4.7.0 try again later");
    expect((await failureOf(ready)).upstreamText).toBe("Too many connections, try again later");
  });

  test("takes a reply of 128 lines, and not one of 129", async () => {
    const lines = (count: number): string[] =>
      Array.from({ length: count }, (_, place) => `220${place === count - 1 ? " " : "-"}x`);
    const good = start();
    good.say(...lines(128));
    expect(await good.server.line()).toBe(EHLO);
    const bad = start();
    bad.say(...lines(129));
    expect((await failureOf(bad.ready)).code).toBe("upstream-protocol");
  });

  test.each([
    ["a flood of replies", `${"220-".padEnd(1000, "x")}\r\n`.repeat(80)],
    ["a line without end", `220 ${"x".repeat(9000)}`],
  ])("does not listen to %s", async (_what, octets) => {
    const { server, ready } = start();
    server.send(octets);
    expect((await failureOf(ready)).code).toBe("upstream-protocol");
  });

  test("ends after 30 seconds of silence, and when the server hangs up", async () => {
    const silent = start();
    const failure = failureOf(silent.ready);
    await silent.clock.advance(30_000);
    expect((await failure).code).toBe("upstream-timeout");
    const gone = start();
    gone.server.far.end("220-");
    expect((await failureOf(gone.ready)).code).toBe("upstream-closed");
  });
});

describe("STARTTLS", () => {
  test("comes first, EHLO is said again inside, and nothing said before it is believed", async () => {
    const { server, inTls, ready, say } = start(true);
    say("220 ready");
    await server.line();
    say("250-smtp.example.com", "250-CHUNKING", "250 STARTTLS");
    expect(await server.line()).toBe("STARTTLS");
    say("220 go");
    expect(await inTls.line()).toBe(EHLO);
    inTls.send("250-smtp.example.com\r\n250 AUTH XOAUTH2\r\n");
    expect((await ready).keywords).toEqual(["AUTH XOAUTH2"]);
  });

  test.each([
    ["is not announced", "250 AUTH XOAUTH2", undefined],
    ["is refused", "250 STARTTLS", "454 4.7.0 TLS not available"],
  ])("is mandatory: the login ends where it %s", async (_what, keyword, answer) => {
    const { server, ready, say } = start(true);
    say("220 ready");
    await server.line();
    say("250-smtp.example.com", keyword);
    if (answer !== undefined) say(answer);
    expect((await failureOf(ready)).code).toBe("upstream-without-tls");
    expect(await server.heard()).not.toContain("AUTH");
  });

  test("with anything behind its answer is refused", async () => {
    const { server, inTls, ready, say } = start(true);
    say("220 ready");
    await server.line();
    say("250-smtp.example.com", "250 STARTTLS");
    await server.line();
    say("220 go", "250 AUTH XOAUTH2");
    expect((await failureOf(ready)).code).toBe("upstream-protocol");
    expect(await inTls.heard()).toBe("");
  });
});

describe("AUTH", () => {
  test.each(["the-token", "t".repeat(4000)])(
    "is always said in two lines, since a token breaks the 512-octet limit of a command",
    async (token) => {
      const { server, say, login } = await startLogin({ token });
      expect(await server.line()).toBe("AUTH XOAUTH2");
      expect(await server.heard()).toBe("");
      say("334 ");
      expect(Buffer.from((await server.line()) ?? "", "base64").toString()).toContain(
        `Bearer ${token}\x01\x01`,
      );
      say("235 2.7.0 Accepted");
      await login;
    },
  );

  test.each(["334", "334 ", "334 Go on"])("goes on at the prompt %j", async (prompt) => {
    const { server, say, login } = await startLogin();
    await server.line();
    say(prompt);
    expect(await server.line()).toBe(XOAUTH2);
    say("235 ok");
    await login;
  });

  test("leaves every octet behind 235 unread", async () => {
    const { server, say, login, upstream } = await startLogin();
    await server.line();
    say("334 ");
    await server.line();
    say("235 ok", "421 4.4.2 timeout");
    await login;
    expect((await drain(upstream.wire.release())).toString()).toBe("421 4.4.2 timeout\r\n");
  });

  test("is not said where only passwords are announced", async () => {
    const { server, failure } = await startLogin({ keywords: ["AUTH PLAIN LOGIN"] });
    expect((await failure()).code).toBe("upstream-no-mechanism");
    expect(await server.heard()).toBe("");
  });

  test.each<[MechanismChoice, string]>([
    ["xoauth2", ""],
    ["oauthbearer", "AQ=="],
  ])("that fails has its challenge answered as %s wants it", async (mechanism, reply) => {
    const { server, say, failure } = await startLogin({ mechanism });
    await server.line();
    say("334 ");
    await server.line();
    say(`334 ${encode('{"status":"invalid_token"}')}`);
    expect(await server.line()).toBe(reply);
    say("535 5.7.8 Username and Password not accepted");
    const error = await failure();
    expect(error.code).toBe("upstream-refused");
    expect(error.detail).toContain("status invalid_token");
  });

  test.each([
    ["535 5.7.3 Authentication unsuccessful [X.PROD.OUTLOOK.COM]", "upstream-refused"],
    ["534 5.7.9 Application-specific password required", "upstream-refused"],
    [
      "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled",
      "upstream-smtp-auth-disabled",
    ],
    ["454 4.7.0 Temporary authentication failure", "upstream-throttled"],
    ["421 4.3.2 Service not active", "upstream-throttled"],
    ["432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", "upstream-throttled"],
    ["500 5.5.2 Syntax error", "upstream-protocol"],
    ["504 5.5.4 Unrecognized authentication type", "upstream-protocol"],
    ["250 2.0.0 OK", "upstream-protocol"],
  ])("that ends with %j is %s", async (line, code) => {
    const { server, say, failure } = await startLogin();
    await server.line();
    say("334 ");
    await server.line();
    say(line);
    expect((await failure()).code).toBe(code);
  });

  test("that is throttled passes on what the server said, without codes", async () => {
    const { server, say, failure } = await startLogin();
    await server.line();
    say("454-4.7.0 Too many login attempts,", "454 4.7.0 please try again later");
    expect((await failure()).upstreamText).toBe("Too many login attempts, please try again later");
  });

  test("that is refused never tells the token, though the server repeats it", async () => {
    const { server, say, failure } = await startLogin();
    await server.line();
    say("334 ");
    await server.line();
    say(`535 5.7.8 ${XOAUTH2} is bad`);
    const error = await failure();
    expect(`${error.message} ${error.detail}`).not.toContain(XOAUTH2.slice(-20));
  });

  test("that is challenged again and again ends", async () => {
    const { server, say, failure } = await startLogin();
    await server.line();
    say("334 ", "334 ", "334 ");
    expect((await failure()).code).toBe("upstream-protocol");
  });
});
