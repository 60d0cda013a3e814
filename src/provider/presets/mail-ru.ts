// Mail.ru, now part of VK.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { look, signIn } from "./registration-steps.ts";
import { implicit } from "./server.ts";
import { EMAILENGINE, FIXED_LOOPBACK, ispdb, THUNDERBIRD, words } from "./sources.ts";

const VK_DOCUMENTATION = "id.vk.ru, OAuth Mail documentation";

export const mailRu = deepFreeze<OAuthPreset>({
  id: "mail-ru",
  name: "Mail.ru",
  kind: "oauth",
  match: {
    domains: words("mail.ru inbox.ru list.ru bk.ru corp.mail.ru"),
    mx: [{ suffix: "mxs.mail.ru" }, { suffix: "emx.mail.ru" }],
  },
  oauth: {
    issuer: "https://oauth.mail.ru",
    endpoints: {
      authorization: "https://oauth.mail.ru/login",
      token: "https://oauth.mail.ru/token",
    },
    discovery: "none",
    scopes: {
      imap: ["mail.imap"],
      pop3: ["mail.imap"],
      smtp: ["mail.imap"],
      offline: [],
      identity: ["userinfo"],
    },
    scopeSeparator: " ",
    pkce: "accepted",
    clientSecret: "required",
    redirect: { uri: FIXED_LOOPBACK, port: "as-registered" },
    authorizationParameters: {},
    device: { flow: "none", verificationHosts: [] },
  },
  mail: {
    imap: implicit("imap.mail.ru", 993, ["oauth", "app-password"], {
      alternatives: [{ host: "imap.mail.ru", port: 143, tls: "starttls" }],
    }),
    pop3: implicit("pop.mail.ru", 995, ["oauth", "app-password"], {
      alternatives: [{ host: "pop.mail.ru", port: 110, tls: "starttls" }],
    }),
    smtp: implicit("smtp.mail.ru", 465, ["oauth", "app-password"], {
      alternatives: [{ host: "smtp.mail.ru", port: 587, tls: "starttls" }],
    }),
    mechanism: "xoauth2",
  },
  appPassword: {
    offered: "yes",
    name: "Password for external apps (Пароль для внешнего приложения)",
    page: "https://account.mail.ru/user/2-step-auth/passwords",
  },
  quirks: {
    "two-hosts":
      "The sign-in stands at oauth.mail.ru and at o2.mail.ru. VK documents the first, Thunderbird has the second.",
    "scope-pair":
      "The permission mail.imap can only be asked for together with userinfo; newer pages say openid and profile.",
    "smtp-by-token":
      "Mozilla's database lists only a password for SMTP; Thunderbird and EmailEngine send with the same token as for IMAP.",
    "exact-redirect": "The redirect address is compared letter by letter.",
    "only-for-mail": "Since July 2025 new apps at OAuth Mail are for the mail and cloud interfaces only.",
  },
  errors: [
    {
      where: "imap",
      says: "Application password is REQUIRED",
      sentence: "Mail.ru does not take the password of the account here.",
      action:
        "Make a password for external apps at https://account.mail.ru/user/2-step-auth/passwords and give Postern that one.",
    },
    {
      where: "smtp",
      says: "Application password is REQUIRED",
      sentence: "Mail.ru does not take the password of the account here.",
      action:
        "Make a password for external apps at https://account.mail.ru/user/2-step-auth/passwords and give Postern that one.",
    },
  ],
  registration: {
    how: "self-service",
    text: "You make an app at OAuth Mail with your own account and copy its client id and client secret.",
    shortWay:
      "For your own mailbox a password for external apps is quicker: in the account's settings, under Security. Give it to Postern instead of signing in.",
    steps: [
      {
        id: "app",
        title: "Make the app",
        text: "Name it Postern and enter the redirect address exactly as it stands here.",
        url: "https://o2.mail.ru/app/",
        copy: [
          { label: "Redirect URI", value: "REDIRECT-URI" },
          { label: "Scopes", value: "SCOPES" },
        ],
      },
      {
        id: "client-id",
        title: "Copy the client id",
        text: "It stands on the app's page.",
        check: { kind: "client-id-shape", pattern: "^[0-9A-Za-z]{16,64}$" },
      },
      {
        id: "client-secret",
        title: "Copy the client secret",
        text: "Postern keeps it in the keychain.",
        check: { kind: "client-secret-given" },
      },
      look("See whether Mail.ru knows it"),
      signIn(),
    ],
  },
  facts: {
    "match.domains": seen(ispdb("mail.ru")),
    "match.mx": assumed(),
    "oauth.issuer": assumed("the host of the endpoints"),
    "oauth.endpoints": seen(EMAILENGINE, VK_DOCUMENTATION),
    "oauth.discovery": assumed("none seen"),
    "oauth.scopes": seen(EMAILENGINE, VK_DOCUMENTATION, THUNDERBIRD),
    "oauth.scopeSeparator": seen(VK_DOCUMENTATION),
    "oauth.pkce": seen(VK_DOCUMENTATION),
    "oauth.clientSecret": seen(THUNDERBIRD),
    "oauth.redirect": seen(`${VK_DOCUMENTATION}: compared exactly`, "Thunderbird has http://localhost"),
    "oauth.device": assumed("none seen"),
    mail: seen(ispdb("mail.ru")),
    "mail.smtp.accepts": seen(THUNDERBIRD, EMAILENGINE),
    "mail.mechanism": seen(VK_DOCUMENTATION, "Yandex's mail documentation"),
    appPassword: assumed(),
    "quirks.two-hosts": seen(THUNDERBIRD, EMAILENGINE),
    "quirks.scope-pair": seen(VK_DOCUMENTATION),
    "quirks.smtp-by-token": seen(ispdb("mail.ru"), THUNDERBIRD, EMAILENGINE),
    "quirks.exact-redirect": seen(VK_DOCUMENTATION),
    "quirks.only-for-mail": seen(VK_DOCUMENTATION),
    errors: assumed(),
    registration: assumed("pages from memory"),
    "registration.how": seen(VK_DOCUMENTATION),
  },
  unknown: ["Whether sign-ins can be withdrawn at an endpoint", "Limits"],
});
