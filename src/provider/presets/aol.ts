// AOL Mail, with the brands that belong to it and Verizon's former mailboxes.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { ispdb, THUNDERBIRD, words } from "./sources.ts";
import { yahooRegistration, yahooScopes } from "./yahoo-mail.ts";

const ACCOUNT_PAGE = "https://login.aol.com/account/security";

export const aol = deepFreeze<OAuthPreset>({
  id: "aol",
  name: "AOL Mail",
  kind: "oauth",
  match: {
    domains: words("aim.com netscape.net netscape.com compuserve.com cs.com wmconnect.com verizon.net"),
    families: [
      { name: "aol", suffixes: words("com de it fr es se co.uk co.nz com.au com.ar com.br com.mx") },
    ],
    mx: [{ suffix: "mail.gm0.yahoodns.net" }],
  },
  oauth: {
    issuer: "https://api.login.aol.com",
    endpoints: {
      authorization: "https://api.login.aol.com/oauth2/request_auth",
      token: "https://api.login.aol.com/oauth2/get_token",
    },
    discovery: "unknown",
    scopes: yahooScopes,
    scopeSeparator: " ",
    pkce: "accepted",
    clientSecret: "optional",
    redirect: { uri: "https://127.0.0.1/", port: "not-listened" },
    authorizationParameters: {},
    device: { flow: "none", verificationHosts: [] },
  },
  mail: {
    imap: implicit("imap.aol.com", 993, ["oauth", "app-password"]),
    pop3: implicit("pop.aol.com", 995, ["oauth", "app-password"]),
    smtp: implicit("smtp.aol.com", 465, ["oauth", "app-password"]),
    mechanism: "xoauth2",
  },
  appPassword: { offered: "yes", name: "App password", page: ACCOUNT_PAGE },
  quirks: {
    "review-first": "Client ids with the mail permission are given only after a review and a contract.",
    "own-client-ids": "AOL uses Yahoo's sign-in system, but a client id for Yahoo does not work for AOL.",
    "https-redirect":
      "AOL sends browsers back to https addresses only. The browser ends at a page that does not load; its address is what Postern needs.",
  },
  errors: [
    {
      where: "imap",
      says: "Please use app password",
      sentence: "AOL does not take the password of the account here.",
      action: `Make an app password at ${ACCOUNT_PAGE} and give Postern that one.`,
    },
  ],
  registration: yahooRegistration(ACCOUNT_PAGE),
  facts: {
    match: seen(ispdb("aol.com"), ispdb("verizon.net")),
    "oauth.issuer": assumed("Yahoo's form"),
    "oauth.endpoints": seen(THUNDERBIRD, ispdb("aol.com")),
    "oauth.discovery": assumed("not known"),
    "oauth.scopes": seen(THUNDERBIRD, ispdb("aol.com")),
    "oauth.scopeSeparator": seen(THUNDERBIRD),
    "oauth.pkce": seen(THUNDERBIRD),
    "oauth.clientSecret": assumed("as Yahoo"),
    "oauth.redirect": seen(THUNDERBIRD),
    "oauth.device": assumed("none seen"),
    mail: seen(ispdb("aol.com"), ispdb("verizon.net")),
    "mail.mechanism": seen("senders.yahooinc.com/developer/documentation"),
    appPassword: assumed(),
    "quirks.review-first": seen("email-oauth2-proxy README"),
    "quirks.own-client-ids": seen("senders.yahooinc.com/developer/documentation"),
    "quirks.https-redirect": seen(THUNDERBIRD),
    errors: assumed(),
    registration: assumed("pages from memory"),
    "registration.how": seen("senders.yahooinc.com"),
  },
  unknown: ["Metadata and revocation of AOL's sign-in", "Limits"],
});
