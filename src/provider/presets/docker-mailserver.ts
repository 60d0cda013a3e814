// docker-mailserver: Dovecot and Postfix in a container, tokens checked at the userinfo endpoint.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { SelfHostedPreset } from "../preset.ts";
import { openidRegistration, usualMail, usualOAuth } from "./self-hosted.ts";

const DOCUMENTATION = "docker-mailserver.github.io, OAuth2 Authentication";

export const dockerMailserver = deepFreeze<SelfHostedPreset>({
  id: "docker-mailserver",
  name: "docker-mailserver",
  kind: "self-hosted",
  match: { domains: [], mx: [] },
  oauth: usualOAuth,
  mail: { ...usualMail, behaviours: ["long-token-needs-two-steps"] },
  appPassword: { offered: "no", note: "The mailbox's own password works beside the sign-in." },
  quirks: {
    "off-by-default": "Sign-in with OAuth is off unless ENABLE_OAUTH2=1 is set.",
    "accounts-elsewhere":
      "Mailboxes are still made as before; the OpenID provider only says who somebody is.",
  },
  errors: [],
  registration: openidRegistration({
    checkTokens:
      "In mailserver.env: ENABLE_OAUTH2=1, and OAUTH2_INTROSPECTION_URL with the OpenID provider's userinfo endpoint.",
    url: "https://docker-mailserver.github.io/docker-mailserver/latest/config/advanced/auth-oauth2",
  }),
  facts: {
    "oauth.issuerExample": assumed("an example"),
    "oauth.discovery": seen("openid.net, OpenID Connect Discovery"),
    "oauth.scopes": assumed("what OpenID providers usually have"),
    "oauth.scopeSeparator": seen("RFC 6749 §3.3"),
    "oauth.pkce": assumed(),
    "oauth.clientSecret": assumed("depends on the client"),
    "oauth.redirect": assumed("RFC 8252"),
    "oauth.device": assumed("depends on the provider"),
    mail: assumed("the usual ports"),
    "mail.mechanism": seen(DOCUMENTATION),
    "mail.behaviours": seen("measured with Postfix 3.7.11 (facts/servers.md)"),
    appPassword: assumed(),
    "quirks.off-by-default": seen(DOCUMENTATION),
    "quirks.accounts-elsewhere": seen(DOCUMENTATION),
    registration: seen(DOCUMENTATION),
    "registration.steps.0": assumed("Keycloak's pages from memory"),
  },
  unknown: [],
});
