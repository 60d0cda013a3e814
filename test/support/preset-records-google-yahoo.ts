// The recorded rows of Gmail, and of Yahoo with AOL and AT&T.
import type { ImapRecord, OAuthRecord, SmtpRecord } from "./preset-record.ts";

const GMAIL_CHALLENGE = '{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}';

export const google: OAuthRecord = {
  id: "google",
  source:
    "providers.md §1 and §4; protocol.md §2; capability lines as captured in email-oauth2-proxy issue 26 and many logs",
  email: "alice@gmail.com",
  clientId: "123456789012-abc0def1ghi2jkl3.apps.googleusercontent.com",
  secretRule: "required",
  clientSecret: "the-desktop-secret-that-is-none",
  issuer: "https://accounts.google.com",
  authorization: "https://accounts.google.com/o/oauth2/v2/auth",
  scope: "https://mail.google.com/ openid email",
  redirectUri: "http://127.0.0.1:{port}/callback",
  parameters: { access_type: "offline", prompt: "consent", nonce: "{nonce}" },
  redirectExtras: {
    iss: "https://accounts.google.com",
    scope: "email https://mail.google.com/ https://www.googleapis.com/auth/userinfo.email openid",
    authuser: "0",
    prompt: "consent",
  },
  token: "https://oauth2.googleapis.com/token",
  issued: {
    access_token: "ya29.a0AfB_first",
    expires_in: 3599,
    refresh_token: "1//09-google",
    scope: "https://www.googleapis.com/auth/userinfo.email openid https://mail.google.com/",
    token_type: "Bearer",
  },
  renewed: {
    access_token: "ya29.a0AfB_second",
    expires_in: 3599,
    scope: "https://www.googleapis.com/auth/userinfo.email openid https://mail.google.com/",
    token_type: "Bearer",
  },
  idToken: { iss: "https://accounts.google.com", email: "alice@gmail.com", email_verified: true },
  understood: { lifetime: 3599, identity: "alice@gmail.com", kept: [] },
  revocation: "https://oauth2.googleapis.com/revoke",
  device: {
    flow: "not-for-mail",
    endpoint: "https://oauth2.googleapis.com/device/code",
    refusal: {
      error: "invalid_scope",
      error_description: "Invalid device flow scope: https://mail.google.com/",
    },
  },
  imap: {
    place: "imap.gmail.com:993",
    accepts: ["oauth", "app-password"],
    greeting: "* OK Gimap ready for requests from 203.0.113.77 a1mb123456qtw",
    capability:
      "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER",
    success: [
      "* CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584",
      "{tag} OK alice@gmail.com authenticated (Success)",
    ],
    challenge: GMAIL_CHALLENGE,
    refusal: "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
    says: ["T1 CAPABILITY", "T2 AUTHENTICATE XOAUTH2 {message}"],
    message: "user=alice@gmail.com^Aauth=Bearer {token}^A^A",
    failureReply: "",
    told: "XOAUTH2: status 400, scope https://mail.google.com/; it said NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
  },
  smtp: {
    place: "smtp.gmail.com:465",
    tls: "implicit",
    accepts: ["oauth", "app-password"],
    greeting: "220 smtp.gmail.com ESMTP a1-20020a0cf850000000b006a0d781b105sm3427171qvo.93 - gsmtp",
    ehlo: [
      "smtp.gmail.com at your service, [203.0.113.77]",
      "SIZE 35882577",
      "8BITMIME",
      "AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
      "ENHANCEDSTATUSCODES",
      "PIPELINING",
      "CHUNKING",
      "SMTPUTF8",
    ],
    success: "235 2.7.0 Accepted",
    challenge: GMAIL_CHALLENGE,
    refusal: "535 5.7.8 Username and Password not accepted",
    says: ["EHLO [127.0.0.1]", "AUTH XOAUTH2", "{message}"],
    message: "user=alice@gmail.com^Aauth=Bearer {token}^A^A",
    failureReply: "",
    told: "XOAUTH2: status 400, scope https://mail.google.com/; it said 535 5.7.8 Username and Password not accepted",
  },
};

/** Yahoo's mail servers stand under three brands' names. */
function yahooImap(host: string, email: string): ImapRecord {
  return {
    place: `${host}:993`,
    accepts: ["oauth", "app-password"],
    greeting:
      "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER ID MOVE NAMESPACE XYMHIGHESTMODSEQ UIDPLUS LITERAL+ CHILDREN X-MSG-EXT OBJECTID] IMAP4rev1 Hello",
    capability: "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER ID MOVE NAMESPACE",
    success: ["{tag} OK AUTHENTICATE completed"],
    refusal: "NO [AUTHENTICATIONFAILED] AUTHENTICATE Invalid credentials",
    says: ["T1 AUTHENTICATE XOAUTH2 {message}", "T2 CAPABILITY"],
    message: `user=${email}^Aauth=Bearer {token}^A^A`,
    told: "XOAUTH2: no reason given; it said NO [AUTHENTICATIONFAILED] AUTHENTICATE Invalid credentials",
  };
}

function yahooSmtp(host: string, email: string): SmtpRecord {
  return {
    place: `${host}:465`,
    tls: "implicit",
    accepts: ["oauth", "app-password"],
    greeting: `220 ${host} ESMTP ready`,
    ehlo: [
      `${host} Hello [203.0.113.77])`,
      "PIPELINING",
      "ENHANCEDSTATUSCODES",
      "8BITMIME",
      "SIZE 41697280",
      "AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER",
    ],
    success: "235 2.0.0 OK",
    refusal: "535 5.7.0 (#MBR1212) Incorrect username or password",
    says: ["EHLO [127.0.0.1]", "AUTH XOAUTH2", "{message}"],
    message: `user=${email}^Aauth=Bearer {token}^A^A`,
    told: "XOAUTH2: no reason given; it said 535 5.7.0 (#MBR1212) Incorrect username or password",
  };
}

const yahooAnswers: Pick<OAuthRecord, "issued" | "renewed" | "understood"> = {
  issued: {
    access_token: "yahoo.first",
    refresh_token: "yahoo-refresh",
    expires_in: 3600,
    token_type: "bearer",
    xoauth_yahoo_guid: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  },
  renewed: {
    access_token: "yahoo.second",
    refresh_token: "yahoo-refresh",
    expires_in: 3600,
    token_type: "bearer",
    xoauth_yahoo_guid: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  },
  understood: { lifetime: 3600, identity: undefined, kept: ["yahoo-refresh"] },
};

const YAHOO_CLIENT = "dj0yJmk9NoSuchClientAtAnyProviderAnywhere--";

export const yahoo: OAuthRecord = {
  id: "yahoo",
  source: "providers.md §1; the greeting as in the tests of Yahoo's own IMAP client, imapnio",
  email: "alice@yahoo.com",
  clientId: YAHOO_CLIENT,
  secretRule: "optional",
  issuer: "https://api.login.yahoo.com",
  authorization: "https://api.login.yahoo.com/oauth2/request_auth",
  scope: "mail-w",
  redirectUri: "https://127.0.0.1/",
  parameters: {},
  redirectExtras: {},
  token: "https://api.login.yahoo.com/oauth2/get_token",
  ...yahooAnswers,
  revocation: "https://api.login.yahoo.com/oauth2/revoke",
  device: { flow: "none" },
  imap: yahooImap("imap.mail.yahoo.com", "alice@yahoo.com"),
  smtp: yahooSmtp("smtp.mail.yahoo.com", "alice@yahoo.com"),
};

export const aol: OAuthRecord = {
  id: "aol",
  source: "providers.md §1: Thunderbird, and Mozilla's database; the servers are Yahoo's",
  email: "alice@aol.com",
  clientId: YAHOO_CLIENT,
  secretRule: "optional",
  issuer: "https://api.login.aol.com",
  authorization: "https://api.login.aol.com/oauth2/request_auth",
  scope: "mail-w",
  redirectUri: "https://127.0.0.1/",
  parameters: {},
  redirectExtras: {},
  token: "https://api.login.aol.com/oauth2/get_token",
  ...yahooAnswers,
  device: { flow: "none" },
  imap: yahooImap("imap.aol.com", "alice@aol.com"),
  smtp: yahooSmtp("smtp.aol.com", "alice@aol.com"),
};

export const att: OAuthRecord = {
  id: "att",
  source: "providers.md §1: Thunderbird sends att.net to Yahoo's sign-in; §3",
  email: "alice@att.net",
  clientId: YAHOO_CLIENT,
  secretRule: "optional",
  issuer: "https://api.login.yahoo.com",
  authorization: "https://api.login.yahoo.com/oauth2/request_auth",
  scope: "mail-w",
  redirectUri: "https://127.0.0.1/",
  parameters: {},
  redirectExtras: {},
  token: "https://api.login.yahoo.com/oauth2/get_token",
  ...yahooAnswers,
  device: { flow: "none" },
  imap: yahooImap("imap.mail.att.net", "alice@att.net"),
  smtp: yahooSmtp("smtp.mail.att.net", "alice@att.net"),
};
