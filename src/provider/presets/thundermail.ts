// Thundermail: Thunderbird's own mail service, Stalwart behind Keycloak.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { look, signIn } from "./registration-steps.ts";
import { implicit } from "./server.ts";
import { THUNDERBIRD } from "./sources.ts";

const REALM = "https://auth.tb.pro/realms/tbpro";

export const thundermail = deepFreeze<OAuthPreset>({
  id: "thundermail",
  name: "Thundermail",
  kind: "oauth",
  match: {
    domains: ["thundermail.com", "tb.pro"],
    mx: [{ suffix: "mail.thundermail.com" }, { suffix: "mail.tb.pro" }],
  },
  oauth: {
    issuer: REALM,
    endpoints: {
      authorization: `${REALM}/protocol/openid-connect/auth`,
      token: `${REALM}/protocol/openid-connect/token`,
      deviceAuthorization: `${REALM}/protocol/openid-connect/auth/device`,
      revocation: `${REALM}/protocol/openid-connect/revoke`,
    },
    discovery: "openid",
    scopes: {
      imap: [],
      pop3: [],
      smtp: [],
      offline: ["offline_access"],
      identity: ["openid", "profile", "email"],
    },
    scopeSeparator: " ",
    pkce: "accepted",
    clientSecret: "none",
    redirect: { uri: "http://127.0.0.1/callback", port: "any" },
    authorizationParameters: {},
    responseIssuer: REALM,
    device: { flow: "offered", verificationHosts: [] },
  },
  mail: {
    imap: implicit("mail.thundermail.com", 993, ["oauth", "app-password"]),
    smtp: implicit("mail.thundermail.com", 465, ["oauth", "app-password"]),
    mechanism: "auto",
  },
  appPassword: { offered: "yes", name: "App password", note: "In the account's dashboard." },
  quirks: {
    "no-mail-scope": "There is no permission for mail alone: whoever signs in gets the mailbox.",
  },
  errors: [],
  registration: {
    how: "by-request",
    text: "There is no public page where client ids are given; ask Thundermail's support.",
    shortWay: "Make an app password in the account's dashboard and give it to Postern instead of signing in.",
    steps: [
      {
        id: "ask",
        title: "Ask Thundermail",
        text: "Ask for a public client with PKCE, these permissions and this redirect address.",
        copy: [
          { label: "Redirect URI", value: "REDIRECT-URI" },
          { label: "Scopes", value: "SCOPES" },
        ],
      },
      look("See whether Thundermail knows it"),
      signIn(),
    ],
  },
  facts: {
    match: assumed(),
    "oauth.issuer": seen(THUNDERBIRD),
    "oauth.endpoints.authorization": seen(THUNDERBIRD),
    "oauth.endpoints.token": seen(THUNDERBIRD),
    "oauth.endpoints.deviceAuthorization": assumed("Keycloak's usual address"),
    "oauth.endpoints.revocation": assumed("Keycloak's usual address"),
    "oauth.discovery": assumed("Keycloak has it"),
    "oauth.scopes": seen(THUNDERBIRD),
    "oauth.scopeSeparator": seen(THUNDERBIRD),
    "oauth.pkce": seen(THUNDERBIRD),
    "oauth.clientSecret": seen(THUNDERBIRD),
    "oauth.redirect": seen(THUNDERBIRD),
    "oauth.responseIssuer": seen(THUNDERBIRD),
    "oauth.device": assumed("Keycloak has it"),
    "mail.imap": assumed("the host is in thunderbird-android, the port is usual"),
    "mail.smtp": assumed("the host is in thunderbird-android, the port is usual"),
    "mail.mechanism": assumed("Stalwart has both"),
    appPassword: assumed(),
    "quirks.no-mail-scope": seen(THUNDERBIRD),
    registration: assumed(),
  },
  unknown: ["The ports, and whether POP3 is offered", "Whether others than Thunderbird get a client id"],
});
