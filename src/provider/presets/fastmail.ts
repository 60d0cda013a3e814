// Fastmail.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { look, signIn } from "./registration-steps.ts";
import { implicit } from "./server.ts";
import { EMAIL_OAUTH2_PROXY, ispdb, THUNDERBIRD, words } from "./sources.ts";

const OAUTH_PAGE = "fastmail.com/developer/oauth";

export const fastmail = deepFreeze<OAuthPreset>({
  id: "fastmail",
  name: "Fastmail",
  kind: "oauth",
  match: {
    domains: words("fastmail.com fastmail.fm sent.com"),
    mx: [{ suffix: "messagingengine.com" }],
  },
  oauth: {
    issuer: "https://api.fastmail.com",
    endpoints: {
      authorization: "https://api.fastmail.com/oauth/authorize",
      token: "https://api.fastmail.com/oauth/refresh",
    },
    discovery: "rfc8414",
    scopes: {
      imap: ["https://www.fastmail.com/dev/protocol-imap"],
      pop3: ["https://www.fastmail.com/dev/protocol-pop"],
      smtp: ["https://www.fastmail.com/dev/protocol-smtp"],
      offline: [],
      identity: [],
    },
    scopeSeparator: " ",
    pkce: "required",
    clientSecret: "none",
    redirect: { uri: "http://localhost/callback", port: "any" },
    authorizationParameters: {},
    responseIssuer: "https://api.fastmail.com",
    device: { flow: "none", verificationHosts: [] },
    behaviours: ["rotates-refresh-token"],
  },
  mail: {
    imap: implicit("imap.fastmail.com", 993, ["oauth", "app-password"]),
    pop3: implicit("pop.fastmail.com", 995, ["oauth", "app-password"]),
    smtp: implicit("smtp.fastmail.com", 465, ["oauth", "app-password"]),
    mechanism: "auto",
  },
  appPassword: {
    offered: "yes",
    name: "App password",
    page: "https://app.fastmail.com/settings/security/integrations",
    note: "The cheapest plan has none.",
  },
  quirks: {
    "token-endpoint": "The token endpoint is called /oauth/refresh, for the first token too.",
    "separate-scopes": "IMAP, POP3 and SMTP are permissions of their own.",
    "open-profile":
      "Fastmail also knows the common permission names of the draft for public mail clients (urn:ietf:params:oauth:scope:mail).",
  },
  errors: [],
  registration: {
    how: "by-request",
    text: "Fastmail registers programs by hand: you write to its developers and wait for a client id.",
    shortWay:
      "For your own mailbox an app password is quicker: Settings, Privacy & Security, Integrations. Give it to Postern instead of signing in.",
    steps: [
      {
        id: "ask",
        title: "Ask Fastmail",
        text: "Write to Fastmail's developers. They want the name, a logo, web pages with terms and privacy, and the redirect address.",
        url: "https://www.fastmail.com/for-developers/oauth/",
        copy: [
          { label: "Redirect URI", value: "REDIRECT-URI" },
          { label: "Scopes", value: "SCOPES" },
        ],
      },
      {
        id: "client-id",
        title: "Enter the client id",
        text: "It comes with Fastmail's answer. There is no client secret.",
      },
      look("See whether Fastmail knows it"),
      signIn(),
    ],
  },
  facts: {
    "match.domains": assumed(),
    "match.mx": seen(ispdb("messagingengine.com")),
    "oauth.issuer": seen(THUNDERBIRD),
    "oauth.endpoints": seen(THUNDERBIRD, EMAIL_OAUTH2_PROXY, "thunderbird-android", "mustang OAuth2URLs.ts"),
    "oauth.discovery": assumed(),
    "oauth.scopes": seen(THUNDERBIRD, EMAIL_OAUTH2_PROXY),
    "oauth.scopeSeparator": seen(THUNDERBIRD),
    "oauth.pkce": seen(EMAIL_OAUTH2_PROXY),
    "oauth.clientSecret": seen(THUNDERBIRD),
    "oauth.redirect.uri": seen(
      `${OAUTH_PAGE}, which names http://localhost/; Thunderbird has http://127.0.0.1`,
    ),
    "oauth.redirect.port": assumed("Thunderbird takes any port"),
    "oauth.responseIssuer": seen(THUNDERBIRD),
    "oauth.device": assumed("none seen"),
    "oauth.behaviours": assumed(),
    mail: seen(ispdb("messagingengine.com")),
    "mail.mechanism": assumed("XOAUTH2 and OAUTHBEARER are both said to work"),
    appPassword: seen(`fastmail.com/for-developers, Integrations`),
    "appPassword.page": assumed(),
    "appPassword.note": assumed(),
    "quirks.token-endpoint": seen(THUNDERBIRD, EMAIL_OAUTH2_PROXY),
    "quirks.separate-scopes": seen(THUNDERBIRD),
    "quirks.open-profile": seen("code of third parties"),
    registration: seen(OAUTH_PAGE),
    "registration.steps.2": assumed("own wording"),
  },
  unknown: [
    "Whether sign-ins can be withdrawn at an endpoint",
    "All of Fastmail's own domains; its MX hosts tell the others",
  ],
});
