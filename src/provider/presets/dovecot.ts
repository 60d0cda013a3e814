// Dovecot with an OpenID provider: Keycloak, Authentik or any other.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { SelfHostedPreset } from "../preset.ts";
import { openidRegistration, usualMail, usualOAuth } from "./self-hosted.ts";

const DOVECOT = "doc.dovecot.org, OAuth2";

export const dovecot = deepFreeze<SelfHostedPreset>({
  id: "dovecot",
  name: "Dovecot with an OpenID provider (Keycloak and others)",
  kind: "self-hosted",
  match: { domains: [], mx: [] },
  oauth: { ...usualOAuth, issuerExample: "https://login.example.org/realms/mail" },
  mail: { ...usualMail, behaviours: ["long-token-needs-two-steps", "session-outlives-token"] },
  appPassword: { offered: "no", note: "Depends on the server; ask whoever runs it." },
  quirks: {
    "long-tokens":
      "Postfix cuts a line of 2,048 characters: a long token must go in a line of its own. Tokens above 12,000 characters do not pass at all.",
    "provider-outage":
      "When the OpenID provider does not answer, Postfix says the same as for a wrong token, without giving a reason.",
    "says-where": "Dovecot names its OpenID provider only if openid_configuration_url is set.",
  },
  errors: [
    {
      where: "smtp",
      says: "Invalid base64 data in initial response",
      sentence: "The mail server cuts long tokens.",
      action:
        "Nothing: Postern sends the token in a line of its own. If it stays, ask whoever runs the server for shorter tokens.",
    },
  ],
  registration: openidRegistration({
    checkTokens:
      "In Dovecot: auth_mechanisms = xoauth2 oauthbearer, and a passdb with the driver oauth2 that asks the provider's introspection endpoint. Postfix asks Dovecot: smtpd_sasl_type = dovecot.",
    url: "https://doc.dovecot.org/2.3/configuration_manual/authentication/oauth2/",
  }),
  facts: {
    "oauth.issuerExample": assumed("Keycloak's form"),
    "oauth.discovery": seen("openid.net, OpenID Connect Discovery"),
    "oauth.scopes": assumed("what OpenID providers usually have"),
    "oauth.scopeSeparator": seen("RFC 6749 §3.3"),
    "oauth.pkce": seen("measured with Keycloak 26.7.3"),
    "oauth.clientSecret": assumed("depends on the client"),
    "oauth.redirect": seen("RFC 8252; measured with Keycloak 26.7.3"),
    "oauth.device": seen("measured with Keycloak 26.7.3, where it is switched on for the client"),
    mail: assumed("the usual ports"),
    "mail.mechanism": seen(DOVECOT),
    "mail.behaviours": seen(
      "koha MR 606",
      "measured with Postfix 3.7.11 and Dovecot 2.3.19 (facts/servers.md)",
    ),
    appPassword: assumed(),
    "quirks.long-tokens": seen("measured (facts/servers.md)"),
    "quirks.provider-outage": seen("measured (facts/servers.md)"),
    "quirks.says-where": seen("measured (facts/servers.md)"),
    errors: seen("measured (facts/servers.md)"),
    registration: seen(DOVECOT, "measured (facts/servers.md)"),
    "registration.steps.0": assumed("Keycloak's pages from memory"),
  },
  unknown: [],
});
