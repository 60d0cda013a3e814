import { describe, expect, test } from "vitest";
import { chooseScope, type KnownScopes } from "../../../src/discovery/scope.ts";

const choose = (known: Partial<KnownScopes>) =>
  chooseScope({ demanded: undefined, resource: [], supported: undefined, ...known });
const PROFILE = "urn:ietf:params:oauth:scope:mail";
const ALL = ["openid", "email", "profile", "offline_access"];

describe("the scope to ask for", () => {
  test("is what the mail server demands, whatever else there is", () => {
    expect(choose({ demanded: "mail imap", supported: [PROFILE, ...ALL] })).toBe(
      "mail imap openid email offline_access",
    );
  });

  test("is the profile's, where the authorization server has it", () => {
    expect(choose({ supported: ["mail", PROFILE, ...ALL] })).toBe(`${PROFILE} openid email offline_access`);
  });

  test("is the profile's, where only the resource has it", () => {
    expect(choose({ resource: [PROFILE], supported: ALL })).toBe(`${PROFILE} openid email offline_access`);
  });

  test.each([
    [["https://mail.google.com/", "openid"], "https://mail.google.com/ openid"],
    [
      [
        "https://outlook.office.com/SMTP.Send",
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "offline_access",
      ],
      "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
    ],
    [["mail:imap_full", "mail:smtp"], "mail:imap_full mail:smtp"],
    [["mail", "openid"], "mail openid"],
  ])("is a provider's own, where it is known: %j", (supported, scope) => {
    expect(choose({ supported })).toBe(scope);
  });

  test("is not half of what a provider has for mail", () => {
    expect(choose({ supported: ["https://outlook.office.com/IMAP.AccessAsUser.All", "openid"] })).toBe(
      "openid",
    );
  });

  test("names who signs in and lasts, where the authorization server does not say what it has", () => {
    expect(choose({})).toBe("openid email offline_access");
  });

  test("is nothing, where the authorization server has nothing that is known", () => {
    expect(choose({ supported: ["calendar"] })).toBeUndefined();
    expect(choose({ supported: [] })).toBeUndefined();
  });

  test("has each word once, and none that RFC 6749 does not know", () => {
    expect(choose({ demanded: 'openid openid a"b c\\d', supported: ["openid"] })).toBe("openid");
  });

  test("is nothing where it would be too long", () => {
    expect(choose({ demanded: "x".repeat(2050) })).toBeUndefined();
  });
});
