import { describe, expect, it, test } from "vitest";
import { impliedMail, impliedOAuth, scopeFor } from "../../../src/provider/implied-settings.ts";
import type { OAuthPreset, ProviderPreset, SelfHostedPreset } from "../../../src/provider/preset.ts";
import { findPreset } from "../../../src/provider/table.ts";
import { isTenant } from "../../../src/provider/tenant.ts";

function preset(id: string): ProviderPreset {
  const found = findPreset(id);
  if (found === undefined) throw new Error(id);
  return found;
}

function oauthPreset(id: string): OAuthPreset | SelfHostedPreset {
  const found = preset(id);
  if (found.kind === "password") throw new Error(id);
  return found;
}

describe("signing in", () => {
  it("asks Microsoft for full addresses, for a refresh token, and for who signed in", () => {
    expect(impliedOAuth(oauthPreset("microsoft-365"))).toEqual({
      addresses: {
        issuer: "https://login.microsoftonline.com/organizations/v2.0",
        endpoints: {
          authorization: "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize",
          token: "https://login.microsoftonline.com/organizations/oauth2/v2.0/token",
          deviceAuthorization: "https://login.microsoftonline.com/organizations/oauth2/v2.0/devicecode",
        },
      },
      scope:
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile email",
      redirectUri: "http://localhost/callback",
      clientSecret: "none",
      authorizationParameters: {},
      mechanism: "xoauth2",
    });
  });

  it("takes an organisation's own tenant", () => {
    const { addresses } = impliedOAuth(oauthPreset("microsoft-365"), { tenant: "Contoso.onmicrosoft.com" });
    expect(addresses?.issuer).toBe("https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0");
    expect(JSON.stringify(addresses)).not.toContain("organizations");
  });

  it("sends personal mailboxes to the tenant of consumers", () => {
    expect(impliedOAuth(oauthPreset("outlook-com")).addresses?.issuer).toBe(
      "https://login.microsoftonline.com/consumers/v2.0",
    );
  });

  it("adds POP3 only where it is wanted, and says a permission once that serves for all", () => {
    const microsoft = oauthPreset("microsoft-365").oauth;
    expect(scopeFor(microsoft, ["pop3"])).toBe(
      "https://outlook.office.com/POP.AccessAsUser.All offline_access openid profile email",
    );
    expect(scopeFor(oauthPreset("google").oauth, ["imap", "pop3", "smtp"])).toBe(
      "https://mail.google.com/ openid email",
    );
    expect(scopeFor(oauthPreset("yandex").oauth, ["imap", "pop3", "smtp"])).toBe("mail:imap_full mail:smtp");
  });

  it("separates Zoho's permissions by commas", () => {
    expect(impliedOAuth(oauthPreset("zoho")).scope).toBe("ZohoMail.IMAP,ZohoMail.SMTP");
  });

  it("leaves the addresses of one's own server to discovery", () => {
    expect(impliedOAuth(oauthPreset("stalwart"))).toMatchObject({
      addresses: undefined,
      scope: "urn:ietf:params:oauth:scope:mail offline_access",
    });
  });
});

test.each([
  ["../evil", false],
  ["a/b", false],
  ["a@evil.example", false],
  ["evil.example#", false],
  ["evil.example?x=", false],
  ["..", false],
  ["a..b", false],
  ["", false],
  ["{tenant}", false],
  ["a".repeat(254), false],
  ["organizations", true],
  ["contoso.onmicrosoft.com", true],
  ["00000000-0000-4000-8000-000000000000", true],
])("%j is a tenant: %s", (text, expected) => {
  expect(isTenant(text)).toBe(expected);
  if (expected) return;
  expect(() => impliedOAuth(oauthPreset("microsoft-365"), { tenant: text })).toThrow(RangeError);
});

test("a provider without tenants does not mind one", () => {
  const addresses = impliedOAuth(oauthPreset("google"), { tenant: "../evil" }).addresses;
  expect(addresses?.issuer).toBe("https://accounts.google.com");
});

describe("where the mailbox is", () => {
  it("gives the hosts, and no user names where the address is the name", () => {
    expect(impliedMail(preset("google"), "alice@gmail.com")).toEqual({
      imap: { host: "imap.gmail.com", port: 993, tls: "implicit" },
      smtp: { host: "smtp.gmail.com", port: 465, tls: "implicit" },
      imapUser: undefined,
      smtpUser: undefined,
    });
  });

  it("names iCloud's mailbox by its local part for IMAP and by its address for SMTP", () => {
    expect(impliedMail(preset("icloud"), "alice@icloud.com")).toMatchObject({
      imapUser: "alice",
      smtpUser: undefined,
    });
  });

  it("leaves a name that only the sign-in can tell to the sign-in", () => {
    expect(impliedMail(preset("outlook-com"), "alias@outlook.com")).toMatchObject({ imapUser: undefined });
  });

  it.each(["proton", "stalwart", "generic"])("does not know it for %s", (id) => {
    expect(impliedMail(preset(id), "alice@example.org")).toBeUndefined();
  });
});
