// Yandex Mail and Yandex 360.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { look, signIn } from "./registration-steps.ts";
import { implicit } from "./server.ts";
import { FIXED_LOOPBACK, ispdb, THUNDERBIRD, words } from "./sources.ts";

const MAIL_OAUTH = "yandex.ru/support/yandex-360/business/mail/ru/web/security/oauth";

export const yandex = deepFreeze<OAuthPreset>({
  id: "yandex",
  name: "Yandex Mail and Yandex 360",
  kind: "oauth",
  match: {
    domains: words("ya.ru narod.ru"),
    families: [{ name: "yandex", suffixes: words("ru com net by kz ua") }],
    mx: [{ suffix: "mx.yandex.net" }, { suffix: "mx.yandex.ru" }],
  },
  oauth: {
    issuer: "https://oauth.yandex.com",
    endpoints: {
      authorization: "https://oauth.yandex.com/authorize",
      token: "https://oauth.yandex.com/token",
      deviceAuthorization: "https://oauth.yandex.com/device/code",
    },
    discovery: "none",
    scopes: { imap: ["mail:imap_full"], pop3: [], smtp: ["mail:smtp"], offline: [], identity: [] },
    scopeSeparator: " ",
    pkce: "accepted",
    clientSecret: "required",
    redirect: { uri: FIXED_LOOPBACK, port: "as-registered" },
    authorizationParameters: {},
    device: { flow: "offered", verificationHosts: ["ya.ru", "yandex.ru", "yandex.com", "oauth.yandex.ru"] },
    behaviours: ["revocation-not-rfc7009"],
  },
  mail: {
    imap: implicit("imap.yandex.com", 993, ["oauth", "app-password"]),
    pop3: implicit("pop.yandex.com", 995, ["app-password"]),
    smtp: implicit("smtp.yandex.com", 465, ["oauth", "app-password"]),
    mechanism: "xoauth2",
    behaviours: ["xoauth2-not-advertised"],
  },
  appPassword: {
    offered: "yes",
    name: "App password",
    page: "https://id.yandex.com/security/app-passwords",
    note: "Yandex deletes all app passwords when the account's password or its two-step verification changes.",
  },
  quirks: {
    "not-advertised": "The IMAP server takes XOAUTH2 although it does not announce it.",
    "separate-scopes": "Reading and sending are permissions of their own; there is none for POP3.",
    "switch-imap-on": "IMAP must be allowed first, in the mail settings under Email clients.",
    "own-revocation":
      "Tokens are withdrawn with a request of Yandex's own kind, which Postern does not send; the account page does it too.",
    "review-warning": "Until Yandex has reviewed the app, people see a warning while they sign in.",
  },
  errors: [
    {
      where: "imap",
      says: "AUTHENTICATIONFAILED",
      sentence: "Yandex does not let this sign-in read mail.",
      action:
        "Switch IMAP on in Yandex Mail under Settings, Email clients. If that is done, sign in again and allow reading.",
    },
  ],
  registration: {
    how: "self-service",
    text: "You make an app at Yandex OAuth with your own account and copy its client id and client secret.",
    shortWay:
      "For your own mailbox an app password is quicker: in Yandex ID, under Security, App passwords, for 'Mail'. Give it to Postern instead of signing in.",
    steps: [
      {
        id: "app",
        title: "Make the app",
        text: "Press 'Create app', name it Postern, and choose the platform 'Web services'.",
        url: "https://oauth.yandex.com/client/new",
        copy: [{ label: "Redirect URI", value: "REDIRECT-URI" }],
      },
      {
        id: "permissions",
        title: "Add the permissions",
        text: "Under 'Data access', add reading and deleting mail over IMAP and sending mail over SMTP.",
        copy: [{ label: "Permissions", value: "SCOPES" }],
      },
      {
        id: "client-id",
        title: "Copy the client id",
        text: "It stands on the app's page as ClientID.",
        check: { kind: "client-id-shape", pattern: "^[0-9a-f]{32}$" },
      },
      {
        id: "client-secret",
        title: "Copy the client secret",
        text: "It stands below. Postern keeps it in the keychain.",
        check: { kind: "client-secret-given" },
      },
      look("See whether Yandex knows it"),
      signIn("Sign in with the mailbox's own account and allow both permissions."),
    ],
  },
  facts: {
    "match.domains": seen(ispdb("yandex.ru")),
    "match.families": seen(ispdb("yandex.ru")),
    "match.mx.0": seen("guides for Yandex 360 domains"),
    "match.mx.1": assumed(),
    "oauth.issuer": seen(ispdb("yandex.ru")),
    "oauth.endpoints.authorization": seen(THUNDERBIRD, ispdb("yandex.ru")),
    "oauth.endpoints.token": seen(THUNDERBIRD, ispdb("yandex.ru")),
    "oauth.endpoints.deviceAuthorization": seen("yandex.ru/dev/id/doc/en/codes/screen-code-oauth"),
    "oauth.discovery": assumed("none seen"),
    "oauth.scopes": seen(THUNDERBIRD, ispdb("yandex.ru"), MAIL_OAUTH),
    "oauth.scopeSeparator": seen(THUNDERBIRD),
    "oauth.pkce": seen("yandex.ru/dev/id/doc/en/codes/code-url"),
    "oauth.clientSecret": seen(THUNDERBIRD),
    "oauth.redirect": assumed("Thunderbird has http://localhost; whether the port is compared is not known"),
    "oauth.device.flow": seen("yandex.ru/dev/id/doc/en/codes/screen-code-oauth"),
    "oauth.device.verificationHosts": assumed(),
    "oauth.behaviours": seen("yandex.com/dev/oauth/doc/dg/concepts/device-token"),
    mail: seen(ispdb("yandex.ru")),
    "mail.imap.accepts": seen(MAIL_OAUTH),
    "mail.smtp.accepts": seen(MAIL_OAUTH),
    "mail.mechanism": seen(MAIL_OAUTH),
    "mail.behaviours": seen("tech.yandex.com/oauth/doc/imap"),
    appPassword: seen("yandex.com/support/passport/authorization/app-passwords"),
    "appPassword.page": assumed(),
    "quirks.not-advertised": seen("tech.yandex.com/oauth/doc/imap"),
    "quirks.separate-scopes": seen(THUNDERBIRD, MAIL_OAUTH),
    "quirks.switch-imap-on": seen(ispdb("yandex.ru")),
    "quirks.own-revocation": seen("yandex.com/dev/oauth/doc/dg/concepts/device-token"),
    "quirks.review-warning": seen("yandex.ru/dev/id/doc/en/register-auth"),
    errors: assumed(),
    registration: seen(MAIL_OAUTH, "yandex.ru/dev/id/doc/en/register-auth"),
    "registration.shortWay": assumed(),
    "registration.steps.2": assumed(),
    "registration.steps.3": assumed(),
  },
  unknown: ["Whether Yandex compares the port of http://localhost", "Limits"],
});
