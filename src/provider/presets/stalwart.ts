// Stalwart: a mail server with an authorization server in it.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { SelfHostedPreset } from "../preset.ts";
import { usualMail, usualOAuth } from "./self-hosted.ts";

const MAIL_CLIENTS = "stalw.art/docs/auth/oauth/mail-clients";
const MAIL = "urn:ietf:params:oauth:scope:mail";

export const stalwart = deepFreeze<SelfHostedPreset>({
  id: "stalwart",
  name: "Stalwart",
  kind: "self-hosted",
  match: { domains: [], mx: [] },
  oauth: {
    ...usualOAuth,
    issuerExample: "https://mail.example.org",
    discovery: "rfc8414",
    scopes: {
      imap: [MAIL],
      pop3: [MAIL],
      smtp: [MAIL],
      offline: ["offline_access"],
      identity: [],
    },
    clientSecret: "none",
    behaviours: ["rotates-refresh-token"],
  },
  mail: usualMail,
  appPassword: { offered: "yes", name: "App password", note: "In Stalwart's self-service page." },
  quirks: {
    "registers-itself":
      "Stalwart takes any client id unless its administrator demands registration; then Postern registers itself.",
    "foreign-provider":
      "With an OpenID provider of one's own behind it, sign in there: Stalwart then only checks the tokens.",
    "older-versions": "Versions before 2025 have OAUTHBEARER only.",
  },
  errors: [],
  registration: {
    how: "not-needed",
    text: "There is nothing to do: Stalwart knows programs it has never met, or registers them by itself.",
    steps: [],
  },
  facts: {
    "oauth.issuerExample": assumed("an example"),
    "oauth.discovery": seen("stalw.art/docs/auth/oauth/endpoints"),
    "oauth.scopes": seen(MAIL_CLIENTS),
    "oauth.scopeSeparator": seen("RFC 6749 §3.3"),
    "oauth.pkce": seen(MAIL_CLIENTS),
    "oauth.clientSecret": seen(MAIL_CLIENTS),
    "oauth.redirect": assumed("RFC 8252"),
    "oauth.device.flow": seen("stalw.art/docs/auth/oauth/flows"),
    "oauth.device.verificationHosts": assumed("the server itself"),
    "oauth.behaviours": assumed(),
    mail: assumed("the usual ports"),
    "mail.mechanism": seen("stalwart issue 1369"),
    appPassword: assumed(),
    "quirks.registers-itself": seen("stalw.art/docs/auth/oauth/client-registration"),
    "quirks.foreign-provider": seen("stalw.art/docs/auth/backend/oidc"),
    "quirks.older-versions": seen("stalwart issue 1369"),
    registration: seen("stalw.art/docs/auth/oauth/client-registration"),
  },
  unknown: [],
});
