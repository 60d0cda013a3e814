// The recorded rows of Zoho's regions. None of its mail servers is known to take a token: they announce PLAIN.
import type { OAuthRecord } from "./preset-record.ts";

interface Region {
  readonly id: string;
  readonly email: string;
  readonly accounts: string;
  readonly imapHost: string;
  readonly smtpHost: string;
}

function zoho({ id, email, accounts, imapHost, smtpHost }: Region): OAuthRecord {
  return {
    id,
    source:
      "providers.md §1, §3 and §4; zoho.com/accounts/protocol/oauth; the scopes and the servers' words are assumed",
    email,
    clientId: "1000.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123",
    secretRule: "required",
    clientSecret: "0123456789abcdef0123456789abcdef0123456789",
    issuer: `https://${accounts}`,
    authorization: `https://${accounts}/oauth/v2/auth`,
    scope: "ZohoMail.IMAP,ZohoMail.SMTP",
    redirectUri: "https://localhost/callback",
    parameters: { access_type: "offline", prompt: "consent" },
    redirectExtras: { location: "us", "accounts-server": `https://${accounts}` },
    token: `https://${accounts}/oauth/v2/token`,
    issued: {
      access_token: "1000.first.token",
      refresh_token: "1000.refresh.token",
      // Asked for with commas, answered with spaces.
      scope: "ZohoMail.IMAP ZohoMail.SMTP",
      api_domain: "https://www.zohoapis.com",
      token_type: "Bearer",
      expires_in: 3600,
    },
    renewed: {
      access_token: "1000.second.token",
      scope: "ZohoMail.IMAP ZohoMail.SMTP",
      api_domain: "https://www.zohoapis.com",
      token_type: "Bearer",
      expires_in: 3600,
    },
    understood: { lifetime: 3600, identity: undefined, kept: [] },
    revocation: `https://${accounts}/oauth/v2/token/revoke`,
    device: { flow: "none" },
    imap: {
      place: `${imapHost}:993`,
      accepts: ["app-password", "password"],
      greeting: `* OK ${imapHost} Zoho Mail IMAP4rev1 Server version 1.0`,
      capability:
        "IMAP4rev1 UNSELECT CHILDREN XLIST NAMESPACE IDLE MOVE ID AUTH=PLAIN SASL-IR UIDPLUS ESEARCH LIST-EXTENDED LIST-STATUS WITHIN LITERAL+ APPENDLIMIT=42000000",
      success: ["{tag} OK Success"],
      refusal: "NO [AUTHENTICATIONFAILED] Invalid credentials(Failure)",
      says: ["T1 CAPABILITY", "T2 AUTHENTICATE PLAIN {message}", "T3 CAPABILITY"],
      message: "",
      told: "it announces PLAIN",
    },
    smtp: {
      place: `${smtpHost}:465`,
      tls: "implicit",
      accepts: ["app-password", "password"],
      greeting: `220 mx.zohomail.com SMTP Server ready November 21, 2026 12:00:00 PM PST`,
      ehlo: ["mx.zohomail.com Hello [127.0.0.1] (203.0.113.77)", "AUTH LOGIN PLAIN", "SIZE 53477376"],
      success: "235 Authentication Successful",
      refusal: "535 Authentication Failed",
      says: ["EHLO [127.0.0.1]", "AUTH PLAIN", "{message}"],
      message: "",
      told: "it announces LOGIN, PLAIN",
    },
  };
}

export const zohoRecords: readonly OAuthRecord[] = [
  zoho({
    id: "zoho",
    email: "alice@zohomail.com",
    accounts: "accounts.zoho.com",
    imapHost: "imap.zoho.com",
    smtpHost: "smtp.zoho.com",
  }),
  zoho({
    id: "zoho-eu",
    email: "alice@zohomail.eu",
    accounts: "accounts.zoho.eu",
    imapHost: "imap.zoho.eu",
    smtpHost: "smtp.zoho.eu",
  }),
  zoho({
    id: "zoho-in",
    email: "alice@zohomail.in",
    accounts: "accounts.zoho.in",
    imapHost: "imap.zoho.in",
    smtpHost: "smtp.zoho.in",
  }),
  zoho({
    id: "zoho-au",
    email: "alice@zohomail.com.au",
    accounts: "accounts.zoho.com.au",
    imapHost: "imap.zoho.com.au",
    smtpHost: "smtp.zoho.com.au",
  }),
  zoho({
    id: "zoho-jp",
    email: "alice@zohomail.jp",
    accounts: "accounts.zoho.jp",
    imapHost: "imap.zoho.jp",
    smtpHost: "smtp.zoho.jp",
  }),
  zoho({
    id: "zoho-ca",
    email: "alice@zohomailcloud.ca",
    accounts: "accounts.zohocloud.ca",
    imapHost: "imap.zohocloud.ca",
    smtpHost: "smtp.zohocloud.ca",
  }),
  zoho({
    id: "zoho-cn",
    email: "alice@zohomail.com.cn",
    accounts: "accounts.zoho.com.cn",
    imapHost: "imap.zoho.com.cn",
    smtpHost: "smtp.zoho.com.cn",
  }),
];
