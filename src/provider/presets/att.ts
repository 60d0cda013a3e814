// AT&T Mail: AT&T's addresses and host names, Yahoo's mailboxes and sign-in.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { ispdb, THUNDERBIRD } from "./sources.ts";
import { ATT_DOMAINS, yahooRegistration, yahooScopes } from "./yahoo-mail.ts";

const ACCOUNT_PAGE = "https://www.att.com/acctmgmt/login";

export const att = deepFreeze<OAuthPreset>({
  id: "att",
  name: "AT&T Mail",
  kind: "oauth",
  match: {
    domains: ATT_DOMAINS,
    mx: [{ suffix: "prodigy.net" }],
  },
  oauth: {
    issuer: "https://api.login.yahoo.com",
    endpoints: {
      authorization: "https://api.login.yahoo.com/oauth2/request_auth",
      token: "https://api.login.yahoo.com/oauth2/get_token",
    },
    discovery: "openid",
    scopes: yahooScopes,
    scopeSeparator: " ",
    pkce: "accepted",
    clientSecret: "optional",
    redirect: { uri: "https://127.0.0.1/", port: "not-listened" },
    authorizationParameters: {},
    device: { flow: "none", verificationHosts: [] },
  },
  mail: {
    imap: implicit("imap.mail.att.net", 993, ["oauth", "app-password"]),
    pop3: implicit("inbound.att.net", 995, ["oauth", "app-password"]),
    smtp: implicit("smtp.mail.att.net", 465, ["oauth", "app-password"], {
      alternatives: [{ host: "outbound.att.net", port: 465, tls: "implicit" }],
    }),
    mechanism: "xoauth2",
  },
  appPassword: {
    offered: "yes",
    name: "Secure mail key",
    page: ACCOUNT_PAGE,
    note: "In AT&T's account, under Profile, Sign-in info.",
  },
  quirks: {
    "yahoo-sign-in": "The sign-in is Yahoo's, and so are its rules for client ids.",
    "https-redirect":
      "The sign-in sends browsers back to https addresses only. The browser ends at a page that does not load; its address is what Postern needs.",
  },
  errors: [],
  registration: yahooRegistration(ACCOUNT_PAGE),
  facts: {
    "match.domains": seen(ispdb("att.net")),
    "match.mx": seen("facts/demands.md, provider quirks"),
    "oauth.issuer": assumed("Yahoo's"),
    "oauth.endpoints": seen(THUNDERBIRD),
    "oauth.discovery": assumed("Yahoo's"),
    "oauth.scopes": seen(THUNDERBIRD),
    "oauth.scopeSeparator": seen(THUNDERBIRD),
    "oauth.pkce": assumed("as Yahoo"),
    "oauth.clientSecret": assumed("as Yahoo"),
    "oauth.redirect": assumed("as Yahoo"),
    "oauth.device": assumed("none seen"),
    mail: seen(ispdb("att.net")),
    "mail.mechanism": assumed("as Yahoo"),
    appPassword: assumed(),
    "quirks.yahoo-sign-in": seen(THUNDERBIRD),
    "quirks.https-redirect": assumed("as Yahoo"),
    registration: assumed("as Yahoo"),
  },
  unknown: ["Whether a client id for Yahoo works for AT&T", "Limits"],
});
