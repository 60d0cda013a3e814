import { describe, expect, test } from "vitest";
import {
  formatFailureChallenge,
  parseFailureChallenge,
} from "../../../../src/mail/sasl/failure-challenge.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");
const parse = (json: unknown) => parseFailureChallenge(encode(JSON.stringify(json)));

describe("a failure challenge", () => {
  test.each([
    [
      "Google's",
      { status: "401", schemes: "bearer mac", scope: "https://mail.google.com/" },
      "status 401, scope https://mail.google.com/",
    ],
    ["RFC 7628's", { status: "invalid_token", scope: "mail imap" }, "status invalid_token, scope mail imap"],
    ["one with a number", { status: 400 }, "status 400"],
    ["one with the scope alone", { scope: "mail" }, "scope mail"],
  ])("is told in a few words: %s", (_whose, json, words) => {
    expect(formatFailureChallenge(parse(json))).toBe(words);
  });

  test.each([
    ["a status with a line end", { status: "401\r\na1 OK" }],
    ["a status with a line end at its end", { status: "401\n" }],
    ["a status with an escape sequence", { status: "\x1b[31m" }],
    ["a status of 41 characters", { status: "x".repeat(41) }],
    ["a status that is an object", { status: { toString: "401" } }],
    ["a scope with a line end", { scope: "mail\r\nX" }],
    ["a scope of 201 characters", { scope: "s".repeat(201) }],
    ["an array", ["401"]],
    ["null", null],
    ["a string", "401"],
    ["a number", 401],
    ["a truth", true],
    ["an empty object", {}],
  ])("gives nothing away from %s", (_what, json) => {
    expect(formatFailureChallenge(parse(json))).toBe("no reason given");
  });

  test("keeps a good field beside a bad one", () => {
    expect(parse({ status: "invalid_token", scope: "a\x07b" })).toEqual({
      status: "invalid_token",
      scope: undefined,
    });
  });

  test.each([
    ["5 KB of it", encode(JSON.stringify({ status: "401", filler: "x".repeat(5000) }))],
    ["bad base64", "eyJzdGF0dXMiOiI0MDEifQ"],
    ["base64 with garbage in it", "!eyJzdGF0dXMiOiI0MDEifQ=="],
    ["something that is not JSON", encode("<html>")],
    ["nothing at all", ""],
  ])("is never an error: %s", (_what, base64) => {
    expect(parseFailureChallenge(base64)).toEqual({ status: undefined, scope: undefined });
  });
});

describe("the authorization server that a challenge names", () => {
  test("is an https URL", () => {
    const url = "https://login.example.test/realms/mail/.well-known/openid-configuration";
    expect(parse({ status: "invalid_token", "openid-configuration": url }).openidConfiguration).toBe(url);
  });

  test.each([
    ["http", "http://login.example.test/.well-known/openid-configuration"],
    ["a file", "file:///etc/passwd"],
    ["a script", "javascript:alert(1)"],
    ["no URL", "login.example.test"],
    ["one with a user in it", "https://login.example.test@evil.example/"],
    ["one with a line end", "https://login.example.test/\r\nX: y"],
    ["one with a space", "https://login.example.test/ x"],
    ["one with a fragment", "https://login.example.test/#x"],
    ["one of 1,025 characters", `https://login.example.test/${"x".repeat(998)}`],
    ["a number", 7],
    ["a list", ["https://login.example.test/"]],
  ])("is not believed when it is %s", (_what, value) => {
    expect(parse({ "openid-configuration": value }).openidConfiguration).toBeUndefined();
  });
});
