import { describe, expect, test } from "vitest";
import { encodeBase64 } from "../../../../src/mail/sasl/base64.ts";
import { oauthbearer } from "../../../../src/mail/sasl/oauthbearer.ts";
import { accessToken } from "../../../../src/secret/secret.ts";
import { failureOf } from "../../../support/failure-of.ts";

const token = accessToken("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==");

describe("OAUTHBEARER", () => {
  test("writes the example of RFC 7628 §4.1 octet for octet", () => {
    const message = oauthbearer.format({
      user: "user@example.com",
      accessToken: token,
      host: "server.example.com",
      port: 143,
    });
    expect(encodeBase64(message)).toBe(
      "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB",
    );
  });

  test("names the host and port that were really connected to, as curl's test 845 expects them", () => {
    const message = oauthbearer.format({
      user: "user",
      accessToken: accessToken("mF_9.B5f-4.1JqM"),
      host: "127.0.0.1",
      port: 2587,
    });
    expect(message.toString()).toBe(
      "n,a=user,\x01host=127.0.0.1\x01port=2587\x01auth=Bearer mF_9.B5f-4.1JqM\x01\x01",
    );
  });

  test.each([
    ["a,b@example.com", "a=2Cb@example.com"],
    ["a=b@example.com", "a=3Db@example.com"],
    ["=2C@example.com", "=3D2C@example.com"],
    ["=,=@example.com", "=3D=2C=3D@example.com"],
  ])("escapes the user name %s as %s", (user, saslName) => {
    const message = oauthbearer.format({ user, accessToken: token, host: "h", port: 1 }).toString();
    expect(message.split("\x01")[0]).toBe(`n,a=${saslName},`);
  });

  test("carries a user name that is not ASCII as UTF-8", () => {
    const message = oauthbearer.format({
      user: "jürgen@example.com",
      accessToken: token,
      host: "h",
      port: 1,
    });
    expect(message.includes(Buffer.from("n,a=jürgen@example.com,\x01", "utf8"))).toBe(true);
  });

  test("answers a failure challenge with a lone %x01 (RFC 7628 §3.2.3)", () => {
    expect(Buffer.from(oauthbearer.failureReply, "base64")).toEqual(Buffer.from([1]));
  });

  test.each(["a\x01b", "a\rb", "a\nb", "a\0b", "a\x1fb", "a\x7fb"])(
    "refuses the user name %j",
    async (user) => {
      const failure = await failureOf(() =>
        oauthbearer.format({ user, accessToken: token, host: "h", port: 1 }),
      );
      expect(failure.code).toBe("internal");
    },
  );
});
