import { describe, expect, test } from "vitest";
import { revealBearerToken } from "../../../../src/mail/sasl/bearer-token.ts";
import { accessToken } from "../../../../src/secret/secret.ts";
import { failureOf } from "../../../support/failure-of.ts";

describe("an access token for the wire", () => {
  test("may have 9,000 characters", () => {
    expect(revealBearerToken(accessToken("x".repeat(9000)))).toHaveLength(9000);
  });

  test("may not have 9,001 characters, and the error tells their number only", async () => {
    const failure = await failureOf(() => revealBearerToken(accessToken("x".repeat(9001))));
    expect(failure.code).toBe("access-token-unusable");
    expect(failure.message).toContain("9001");
    expect(failure.message).not.toContain("xx");
  });

  test("may have every visible ASCII character: servers issue more than RFC 6750's b64token", () => {
    const visible = Array.from({ length: 0x7e - 0x21 + 1 }, (_, place) => String.fromCharCode(0x21 + place));
    expect(revealBearerToken(accessToken(visible.join("")))).toBe(visible.join(""));
  });

  test.each([
    ["nothing", ""],
    ["a line end at its end", "token\n"],
    ["CR LF and another header", "a\r\nX: Y"],
    ["%x01", "a\x01b"],
    ["a space", "a b"],
    ["a NUL", "a\0"],
    ["a character beyond ASCII", "tokén"],
  ])("may not consist of, or have, %s", async (_what, text) => {
    expect((await failureOf(() => revealBearerToken(accessToken(text)))).code).toBe("access-token-unusable");
  });
});
