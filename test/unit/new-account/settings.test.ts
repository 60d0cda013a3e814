// The settings of a new account: what comes from the person, what from the provider.
import { describe, expect, test } from "vitest";
import { parseGiven } from "../../../src/cli/account-add-options.ts";
import { needsDiscovery } from "../../../src/new-account/completion.ts";
import { toSettings } from "../../../src/new-account/settings.ts";
import { EMAIL, FOUND, IMAP, SMTP, UNKNOWN } from "../cli/account-add-rig.ts";

describe("with OAuth", () => {
  test("they carry what the provider wants beside the usual", () => {
    const discovery = {
      ...FOUND,
      provider: "google",
      authorizationParameters: { access_type: "offline" },
      verificationHosts: ["google.com"],
      userName: { imap: "local-part", smtp: "local-part" },
    } as const;
    const given = parseGiven(EMAIL, { clientId: "c1", owner: "bob@example.test" });
    expect(toSettings({ ...discovery, verificationHosts: ["google.com"] }, given)).toEqual({
      kind: "oauth",
      provider: "google",
      email: EMAIL,
      owner: "bob@example.test",
      imap: IMAP,
      smtp: SMTP,
      imapUser: "alice",
      smtpUser: "bob",
      issuer: "https://login.example.test",
      clientId: "c1",
      scope: "mail openid",
      redirectUri: "http://127.0.0.1/callback",
      mechanism: "auto",
      authorizationParameters: { access_type: "offline" },
      verificationHosts: ["google.com"],
    });
  });

  test("they leave out what nobody said", () => {
    expect(toSettings(FOUND, parseGiven(EMAIL, {}))).toEqual({
      kind: "oauth",
      email: EMAIL,
      imap: IMAP,
      smtp: SMTP,
      issuer: "https://login.example.test",
      scope: "mail openid",
      redirectUri: "http://127.0.0.1/callback",
      mechanism: "auto",
    });
  });

  test.each([
    ["address", undefined],
    ["preferred_username", undefined],
    ["local-part", "alice"],
    [{ name: "example.test\\alice" }, "example.test\\alice"],
  ] as const)("the user name %j is %s", (imap, imapUser) => {
    const settings = toSettings({ ...FOUND, userName: { imap, smtp: "address" } }, parseGiven(EMAIL, {}));
    expect([settings?.imapUser, settings?.smtpUser]).toEqual([imapUser, undefined]);
    const named = toSettings(
      { ...FOUND, userName: { imap, smtp: "address" } },
      parseGiven(EMAIL, { imapUser: "x" }),
    );
    expect(named?.imapUser).toBe("x");
  });
});

describe("with a password", () => {
  const password = { ...FOUND, kind: "password", issuer: undefined, provider: "icloud" } as const;

  test("they have nothing of a sign-in with OAuth", () => {
    const settings = toSettings(
      { ...password, userName: { imap: "local-part", smtp: "address" } },
      parseGiven(EMAIL, { localUser: "scanner" }),
    );
    expect(settings).toEqual({
      kind: "password",
      provider: "icloud",
      email: EMAIL,
      imap: IMAP,
      smtp: SMTP,
      imapUser: "alice",
      localUser: "scanner",
    });
  });

  test("they are made where a person wants it so, whatever else the provider takes", () => {
    expect(toSettings(FOUND, parseGiven(EMAIL, { password: true }))).toEqual({
      kind: "password",
      email: EMAIL,
      imap: IMAP,
      smtp: SMTP,
    });
  });

  test("they are not made where a person names how to sign in", () => {
    const given = parseGiven(EMAIL, { clientId: "c1", issuer: "https://login.example.test" });
    expect(toSettings(password, given)?.kind).toBe("oauth");
  });
});

test("nothing comes of half a mailbox", () => {
  const { imap: _none, ...half } = FOUND;
  expect(toSettings(half, parseGiven(EMAIL, {}))).toBeUndefined();
  expect(toSettings(UNKNOWN, parseGiven(EMAIL, { password: true }))).toBeUndefined();
  expect(toSettings({ ...FOUND, issuer: undefined }, parseGiven(EMAIL, {}))).toBeUndefined();
});

test("for a password nothing but the servers must be known", () => {
  const servers = { imap: "a.test:993", smtp: "a.test:465" };
  expect(needsDiscovery(parseGiven(EMAIL, { password: true, ...servers }))).toBe(false);
  expect(needsDiscovery(parseGiven(EMAIL, servers))).toBe(true);
  expect(needsDiscovery(parseGiven(EMAIL, { password: true, imap: "a.test:993" }))).toBe(true);
});
