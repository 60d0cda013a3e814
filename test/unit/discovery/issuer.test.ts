import { describe, expect, test } from "vitest";
import { isIssuer, issuersOf } from "../../../src/discovery/issuer.ts";

describe("the issuer of a metadata address", () => {
  test.each([
    ["https://a.test/.well-known/openid-configuration", ["https://a.test"]],
    [
      "https://a.test/realms/mail/.well-known/openid-configuration",
      ["https://a.test/realms/mail", "https://a.test/realms/mail/"],
    ],
    ["https://a.test:8443/.well-known/openid-configuration", ["https://a.test:8443"]],
    ["https://a.test/.well-known/oauth-authorization-server", ["https://a.test"]],
    [
      "https://a.test/.well-known/oauth-authorization-server/tenant",
      ["https://a.test/tenant", "https://a.test/tenant/"],
    ],
    [
      "https://a.test/.well-known/openid-configuration/tenant",
      ["https://a.test/tenant", "https://a.test/tenant/"],
    ],
  ])("of %s is looked for at %j", (url, issuers) => {
    expect(issuersOf(url)).toEqual(issuers);
  });

  test.each([
    "https://a.test/",
    "https://a.test/metadata.json",
    "https://a.test/.well-known/openid-configuration2",
    "https://a.test/.well-known/openid-configuration?issuer=b",
    "http://a.test/.well-known/openid-configuration",
    "https://a.test/x/../.well-known/openid-configuration",
    "https://a.test/$(id)/.well-known/openid-configuration",
    "nonsense",
  ])("of %s is none", (url) => {
    expect(issuersOf(url)).toEqual([]);
  });
});

describe("an issuer", () => {
  test.each(["https://a.test", "https://a.test/", "https://a.test:8443/realms/x", "https://[::1]:1/x"])(
    "may be %s",
    (text) => {
      expect(isIssuer(text)).toBe(true);
    },
  );

  test.each([
    "http://a.test",
    "https://user@a.test",
    "https://a.test?x",
    "https://a.test#x",
    "https://a.test/a b",
    "https://a.test/`id`",
    "https://a.test/a;b",
    "https://a.test/..",
    "https://",
    "file:///etc/passwd",
    `https://a.test/${"x".repeat(1024)}`,
  ])("is not %s", (text) => {
    expect(isIssuer(text)).toBe(false);
  });
});
