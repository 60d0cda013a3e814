// Seznam.cz and its other mail domains.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { look, signIn } from "./registration-steps.ts";
import { implicit } from "./server.ts";
import { ispdb, THUNDERBIRD, words } from "./sources.ts";

const DEVELOPERS = "vyvojari.seznam.cz/oauth/doc";

export const seznam = deepFreeze<OAuthPreset>({
  id: "seznam",
  name: "Seznam Email",
  kind: "oauth",
  match: {
    domains: words("seznam.cz email.cz post.cz spoluzaci.cz"),
    mx: [{ suffix: "mx1.seznam.cz" }, { suffix: "mx2.seznam.cz" }],
  },
  oauth: {
    issuer: "https://login.seznam.cz",
    endpoints: {
      authorization: "https://login.seznam.cz/api/v1/oauth/auth",
      token: "https://login.seznam.cz/api/v1/oauth/token",
    },
    discovery: "unknown",
    scopes: {
      imap: ["email"],
      pop3: ["email"],
      smtp: ["email"],
      offline: [],
      identity: ["identity"],
    },
    scopeSeparator: " ",
    pkce: "accepted",
    clientSecret: "optional",
    redirect: { uri: "http://localhost/seznam", port: "any" },
    authorizationParameters: {},
    responseIssuer: "https://login.seznam.cz",
    device: { flow: "none", verificationHosts: [] },
  },
  mail: {
    imap: implicit("imap.seznam.cz", 993, ["oauth", "password"]),
    pop3: implicit("pop3.seznam.cz", 995, ["oauth", "password"]),
    smtp: implicit("smtp.seznam.cz", 465, ["oauth", "password"]),
    mechanism: "auto",
  },
  appPassword: {
    offered: "with-two-step",
    name: "App password (heslo pro aplikaci)",
    note: "Without two-step verification the account's own password works.",
  },
  quirks: {
    "mail-scope-not-documented":
      "Seznam's pages for developers name no permission for mail. Thunderbird has one by agreement; whether others get it is not known.",
    "localhost-only":
      "Seznam turns every http address into https, except for the host name localhost. Thunderbird's http://127.0.0.1 is its own registration.",
    "password-works": "Mozilla's database lists the password for all protocols.",
  },
  errors: [],
  registration: {
    how: "by-request",
    text: "Anybody can register an app at Seznam, but its pages name no permission for mail. Ask Seznam whether it will open it for yours.",
    shortWay:
      "Use the account's password, or, with two-step verification, a password for apps. Give it to Postern instead of signing in.",
    steps: [
      {
        id: "app",
        title: "Register the app",
        text: "Sign in, press the button for a new service, and enter the redirect address.",
        url: "https://vyvojari.seznam.cz/oauth/admin",
        copy: [
          { label: "Redirect URI", value: "REDIRECT-URI" },
          { label: "Scopes", value: "SCOPES" },
        ],
      },
      { id: "client-id", title: "Copy the client id", text: "If there is a secret, give it to Postern too." },
      look("See whether Seznam takes it"),
      signIn(),
    ],
  },
  facts: {
    "match.domains": seen(ispdb("seznam.cz")),
    "match.mx": assumed(),
    "oauth.issuer": seen(THUNDERBIRD),
    "oauth.endpoints": seen(THUNDERBIRD),
    "oauth.discovery": assumed("not known"),
    "oauth.scopes": seen(THUNDERBIRD),
    "oauth.scopeSeparator": seen(`${THUNDERBIRD}; ${DEVELOPERS} says commas`),
    "oauth.pkce": seen(THUNDERBIRD),
    "oauth.clientSecret": assumed(`none in Thunderbird; ${DEVELOPERS} has one`),
    "oauth.redirect.uri": seen(DEVELOPERS),
    "oauth.redirect.port": assumed("Thunderbird takes any port"),
    "oauth.responseIssuer": seen(THUNDERBIRD),
    "oauth.device": assumed("none seen"),
    mail: seen(ispdb("seznam.cz")),
    "mail.imap.accepts": seen(THUNDERBIRD, ispdb("seznam.cz")),
    "mail.pop3.accepts": seen(THUNDERBIRD, ispdb("seznam.cz")),
    "mail.smtp.accepts": seen(THUNDERBIRD, ispdb("seznam.cz")),
    "mail.mechanism": assumed("XOAUTH2 is said to work"),
    appPassword: assumed(),
    "quirks.mail-scope-not-documented": seen("vyvojari.seznam.cz/oauth/scopes"),
    "quirks.localhost-only": seen(DEVELOPERS),
    "quirks.password-works": seen(ispdb("seznam.cz")),
    registration: seen(DEVELOPERS),
    "registration.steps.2": assumed("own wording"),
    "registration.steps.3": assumed("own wording"),
  },
  unknown: ["Whether ordinary apps get the mail permission", "Limits"],
});
