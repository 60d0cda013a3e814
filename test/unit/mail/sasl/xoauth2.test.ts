import { describe, expect, test } from "vitest";
import { encodeBase64 } from "../../../../src/mail/sasl/base64.ts";
import { xoauth2 } from "../../../../src/mail/sasl/xoauth2.ts";
import { accessToken } from "../../../../src/secret/secret.ts";
import { failureOf } from "../../../support/failure-of.ts";

const server = { host: "imap.example.com", port: 993 };

describe("XOAUTH2", () => {
  test("writes Google's published example octet for octet", () => {
    const message = xoauth2.format({
      ...server,
      user: "someuser@example.com",
      accessToken: accessToken("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"),
    });
    expect(encodeBase64(message)).toBe(
      "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==",
    );
  });

  test("leaves `,` and `=` in a user name alone, since it knows no escaping", () => {
    const message = xoauth2.format({ ...server, user: "a,b=c@example.com", accessToken: accessToken("t") });
    expect(message.toString()).toBe("user=a,b=c@example.com\x01auth=Bearer t\x01\x01");
  });

  test("answers a failure challenge with the empty line", () => {
    expect(xoauth2.failureReply).toBe("");
  });

  test.each([
    ["a forged field", "a\x01auth=Bearer evil\x01@example.com"],
    ["a line end", "a\r\n@example.com"],
    ["a NUL", "a\0@example.com"],
    ["a DEL", "a\x7f@example.com"],
  ])("refuses a user name with %s", async (_what, user) => {
    const failure = await failureOf(() =>
      xoauth2.format({ ...server, user, accessToken: accessToken("token") }),
    );
    expect(failure.code).toBe("internal");
  });

  test("refuses a token that would break out of its field", async () => {
    const failure = await failureOf(() =>
      xoauth2.format({ ...server, user: "a@example.com", accessToken: accessToken("x\x01\x01") }),
    );
    expect(failure.code).toBe("access-token-unusable");
  });
});
