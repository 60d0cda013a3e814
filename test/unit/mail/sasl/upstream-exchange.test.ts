import { describe, expect, test } from "vitest";
import { bearerExchange, passwordExchange } from "../../../../src/mail/sasl/upstream-exchange.ts";
import { accessToken, upstreamPassword } from "../../../../src/secret/secret.ts";
import { failureOf } from "../../../support/failure-of.ts";

const decode = (message: string): string => Buffer.from(message, "base64").toString("utf8");
const exchange = (announced: readonly string[], user = "alice@example.com", password = "päss wörd") =>
  passwordExchange(user, upstreamPassword(password))(announced);

describe("a password for a mail server", () => {
  test("goes by PLAIN where that is announced, in one message", () => {
    const { mechanism, messages, beginsInCommand } = exchange(["LOGIN", "plain"]);
    expect([mechanism, beginsInCommand]).toEqual(["PLAIN", true]);
    expect(messages.map(decode)).toEqual(["\0alice@example.com\0päss wörd"]);
  });

  test("goes by LOGIN where there is nothing else, in two, and never in the command", () => {
    const { mechanism, messages, beginsInCommand } = exchange(["LOGIN", "XOAUTH2"]);
    expect([mechanism, beginsInCommand]).toEqual(["LOGIN", false]);
    expect(messages.map(decode)).toEqual(["alice@example.com", "päss wörd"]);
  });

  test.each([[["XOAUTH2", "OAUTHBEARER"]], [["CRAM-MD5"]], [[]]])(
    "goes nowhere when %j is announced",
    async (announced) => {
      expect((await failureOf(() => exchange(announced))).code).toBe("upstream-no-password-mechanism");
    },
  );

  test("cannot break out of its field", async () => {
    expect((await failureOf(() => exchange(["PLAIN"], "a", "x\0y"))).code).toBe("upstream-password-refused");
    expect((await failureOf(() => exchange(["PLAIN"], "a\0b"))).code).toBe("internal");
  });
});

test("a token never goes by a password's mechanism, nor is a password's server given one", async () => {
  const credentials = { user: "a", accessToken: accessToken("t"), host: "h", port: 993 };
  const failure = await failureOf(() => bearerExchange(credentials, "auto")(["PLAIN", "LOGIN"]));
  expect(failure.code).toBe("upstream-no-mechanism");
});
