// What was granted against what was asked for, in the spellings that providers really use.
import { describe, expect, it } from "vitest";
import { describeMissing, grantsNoMail, missingScopes } from "../../../../src/oauth/client/granted-scope.ts";

const OUTLOOK_IMAP = "https://outlook.office.com/IMAP.AccessAsUser.All";
const OUTLOOK_SMTP = "https://outlook.office.com/SMTP.Send";
const OUTLOOK = `${OUTLOOK_IMAP} ${OUTLOOK_SMTP} offline_access`;
const GMAIL = "https://mail.google.com/";

describe("the scopes that are missing", () => {
  it("are none where the server says nothing, since then it granted what was asked for (RFC 6749 §5.1)", () => {
    expect(missingScopes(OUTLOOK, undefined)).toEqual([]);
  });

  it("are those that were asked for and not granted, as they were asked for", () => {
    expect(missingScopes(OUTLOOK, OUTLOOK_IMAP)).toEqual([OUTLOOK_SMTP]);
    expect(missingScopes("mail:imap_full mail:smtp", "mail:smtp")).toEqual(["mail:imap_full"]);
  });

  it.each([
    ["without offline_access, as Microsoft does", OUTLOOK, `${OUTLOOK_IMAP} ${OUTLOOK_SMTP}`],
    [
      "under Microsoft's other host",
      OUTLOOK,
      "https://outlook.office365.com/IMAP.AccessAsUser.All https://outlook.office365.com/SMTP.Send",
    ],
    [
      "in other letters, and with more than was asked for",
      OUTLOOK,
      "openid https://outlook.office.com/imap.accessasuser.all https://outlook.office.com/smtp.send https://outlook.office.com/User.Read",
    ],
    ["with a slash too many", OUTLOOK_IMAP, "https://outlook.office.com//IMAP.AccessAsUser.All"],
    [
      "under Google's names for OpenID Connect's scopes",
      `openid email profile ${GMAIL}`,
      `${GMAIL} https://www.googleapis.com/auth/userinfo.email openid`,
    ],
    [
      "under OpenID Connect's names for Google's scopes",
      `https://www.googleapis.com/auth/userinfo.email ${GMAIL}`,
      `email ${GMAIL}`,
    ],
    ["without the last slash", GMAIL, "https://mail.google.com"],
    ["with Zoho's commas", "ZohoMail.imap ZohoMail.smtp", "ZohoMail.imap,ZohoMail.smtp"],
    ["with Zoho's commas on both sides", "ZohoMail.imap,ZohoMail.smtp", "ZohoMail.smtp, ZohoMail.imap"],
    ["without those that only say who it is", "openid profile email offline_access mail", "mail"],
    ["under the names that .default stands for", "https://outlook.office365.com/.default", OUTLOOK_IMAP],
  ])("are none when all was granted %s", (_how, asked, granted) => {
    expect(missingScopes(asked, granted)).toEqual([]);
    expect(grantsNoMail(asked, granted)).toBe(false);
  });

  it("are all of them where nothing was granted", () => {
    expect(missingScopes("mail-w sdct-w", "")).toEqual(["mail-w", "sdct-w"]);
  });

  it("are not taken for granted on another server's resource", () => {
    const graph = "https://graph.microsoft.com/IMAP.AccessAsUser.All";
    expect(missingScopes(OUTLOOK_IMAP, graph)).toEqual([OUTLOOK_IMAP]);
    expect(missingScopes("https://a.test/imap", "https://b.test/imap")).toEqual(["https://a.test/imap"]);
  });
});

describe("a grant without mail", () => {
  it("is one where a person unticked everything that is mail", () => {
    expect(grantsNoMail(`openid email ${GMAIL}`, "openid email")).toBe(true);
    expect(grantsNoMail(`${OUTLOOK} calendar`, "calendar")).toBe(true);
  });

  it("is not one that lacks a single protocol", () => {
    expect(grantsNoMail(OUTLOOK, OUTLOOK_SMTP)).toBe(false);
  });

  it("is not one of a server that has no scopes for mail", () => {
    expect(grantsNoMail("openid profile email offline_access", "openid")).toBe(false);
  });

  it("is one of a server with unusual names that granted none of them", () => {
    expect(grantsNoMail("openid post.everything", "openid")).toBe(true);
    expect(grantsNoMail("openid post.everything", "openid post.everything")).toBe(false);
  });
});

describe("what is said about missing scopes", () => {
  it.each([
    [OUTLOOK_SMTP, "Sending (SMTP) was not granted"],
    [OUTLOOK_IMAP, "Reading (IMAP) was not granted"],
    ["https://outlook.office.com/POP.AccessAsUser.All", "Fetching (POP3) was not granted"],
    ["https://www.fastmail.com/dev/protocol-smtp", "Sending (SMTP) was not granted"],
    ["mail:imap_full", "Reading (IMAP) was not granted"],
    [GMAIL, "Mail (IMAP and SMTP) was not granted"],
    ["mail-w", "Mail (IMAP and SMTP) was not granted"],
    ["urn:ietf:params:oauth:scope:mail", "Mail (IMAP and SMTP) was not granted"],
    ["https://email.comcast.net/", "Mail (IMAP and SMTP) was not granted"],
    // The provider's name says nothing about what the scope is for.
    [
      "https://www.fastmail.com/dev/contacts",
      "The permission https://www.fastmail.com/dev/contacts was not granted",
    ],
    ["ycal-w", "The permission ycal-w was not granted"],
  ])("names the protocol of %s, and what to do", (scope, words) => {
    const [sentence, ...more] = describeMissing([scope]);
    expect(sentence).toContain(words);
    expect(sentence).toContain("sign in again");
    expect(more).toEqual([]);
  });

  it("is one sentence for each protocol", () => {
    expect(describeMissing([OUTLOOK_IMAP, "mail:imap_full", OUTLOOK_SMTP])).toHaveLength(2);
  });

  it("is nothing where nothing is missing", () => {
    expect(describeMissing([])).toEqual([]);
  });
});
