// Yahoo Mail, and the mailboxes of Cox and Comcast that Yahoo keeps now. Yahoo Japan is another company.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { EMAIL_OAUTH2_PROXY, EVOLUTION, ispdb, THUNDERBIRD, words } from "./sources.ts";
import { ATT_DOMAINS, yahooRegistration, yahooScopes } from "./yahoo-mail.ts";

const IMAP_DOCUMENTATION = "senders.yahooinc.com/developer/documentation";
const ACCOUNT_PAGE = "https://login.yahoo.com/account/security";

export const yahoo = deepFreeze<OAuthPreset>({
  id: "yahoo",
  name: "Yahoo Mail",
  kind: "oauth",
  match: {
    domains: ["ymail.com", "myyahoo.com", "rocketmail.com", "cox.net"],
    families: [
      {
        name: "yahoo",
        suffixes: words("com ca de it fr es se co.in co.uk co.nz com.au com.ar com.br com.mx"),
      },
      {
        name: "yahoo",
        suffixes: words(`
          at be cz dk fi gr hu ie in nl no pl pt ro co.id co.il co.kr co.th co.za com.co com.hk com.my
          com.pe com.ph com.sg com.tr com.tw com.ve com.vn`),
      },
    ],
    mx: [{ suffix: "yahoodns.net", movedDomains: ["comcast.net", "cox.net", ...ATT_DOMAINS] }],
  },
  oauth: {
    issuer: "https://api.login.yahoo.com",
    endpoints: {
      authorization: "https://api.login.yahoo.com/oauth2/request_auth",
      token: "https://api.login.yahoo.com/oauth2/get_token",
      revocation: "https://api.login.yahoo.com/oauth2/revoke",
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
    imap: implicit("imap.mail.yahoo.com", 993, ["oauth", "app-password"], {
      alternatives: [{ host: "export.imap.mail.yahoo.com", port: 993, tls: "implicit" }],
    }),
    pop3: implicit("pop.mail.yahoo.com", 995, ["oauth", "app-password"]),
    smtp: implicit("smtp.mail.yahoo.com", 465, ["oauth", "app-password"]),
    mechanism: "xoauth2",
  },
  limits: { messageMegabytes: 25, messagesPerDay: 500 },
  appPassword: { offered: "yes", name: "App password", page: ACCOUNT_PAGE },
  quirks: {
    "review-first":
      "Yahoo gives client ids the mail permission only after a review and a contract; for one person that is out of reach.",
    "https-redirect":
      "Yahoo sends browsers back to https addresses only. The browser ends at a page that does not load; its address is what Postern needs.",
    "odd-mechanism-names": "The IMAP servers have announced their OAuth mechanism under unusual names.",
    "moved-mailboxes":
      "Mailboxes of Cox, and little by little those of Comcast, are Yahoo's now and keep their addresses.",
  },
  errors: [
    {
      where: "imap",
      says: "Please use app password",
      sentence: "Yahoo does not take the password of the account here.",
      action: `Make an app password at ${ACCOUNT_PAGE} and give Postern that one.`,
    },
    {
      where: "smtp",
      says: "Please use app password",
      sentence: "Yahoo does not take the password of the account here.",
      action: `Make an app password at ${ACCOUNT_PAGE} and give Postern that one.`,
    },
    { where: "imap", says: "[LIMIT]", code: "upstream-throttled" },
  ],
  registration: yahooRegistration(ACCOUNT_PAGE),
  facts: {
    "match.domains": seen(ispdb("yahoo.com")),
    "match.families.0": seen(ispdb("yahoo.com")),
    "match.families.1": assumed(),
    "match.mx": seen(ispdb("yahoo.com"), "tecknexus.com on Comcast, 2025"),
    "oauth.issuer": assumed(),
    "oauth.endpoints.authorization": seen(THUNDERBIRD, EMAIL_OAUTH2_PROXY, ispdb("yahoo.com"), EVOLUTION),
    "oauth.endpoints.token": seen(THUNDERBIRD, EMAIL_OAUTH2_PROXY, ispdb("yahoo.com"), EVOLUTION),
    "oauth.endpoints.revocation": assumed(),
    "oauth.discovery": assumed(),
    "oauth.scopes": seen(THUNDERBIRD, ispdb("yahoo.com")),
    "oauth.scopeSeparator": seen(THUNDERBIRD),
    "oauth.pkce": seen(THUNDERBIRD, "mustang OAuth2URLs.ts"),
    "oauth.clientSecret": seen(THUNDERBIRD, EMAIL_OAUTH2_PROXY),
    "oauth.redirect": seen(THUNDERBIRD, "mustang OAuth2URLs.ts", EVOLUTION),
    "oauth.device": assumed("none seen"),
    mail: seen(ispdb("yahoo.com")),
    "mail.mechanism": seen(IMAP_DOCUMENTATION),
    limits: assumed(),
    appPassword: seen("lifewire.com on Yahoo app passwords", "calyxsoftware.com 8055"),
    "appPassword.page": assumed(),
    "quirks.review-first": seen("senders.yahooinc.com, developer access form", "email-oauth2-proxy README"),
    "quirks.https-redirect": seen(THUNDERBIRD, "mustang OAuth2URLs.ts"),
    "quirks.odd-mechanism-names": seen("node-imap issue 419"),
    "quirks.moved-mailboxes": seen(ispdb("yahoo.com"), "tecknexus.com on Comcast, 2025"),
    errors: assumed(),
    registration: assumed("pages from memory"),
    "registration.how": seen("developer.nylas.com, Authenticating Yahoo accounts", "senders.yahooinc.com"),
  },
  unknown: [
    "Whether a plain http loopback address can be registered",
    "How many IMAP connections are allowed",
  ],
});
