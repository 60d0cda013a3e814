// Cyrus IMAP with a SASL plugin for OAuth.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { SelfHostedPreset } from "../preset.ts";
import { openidRegistration, usualMail, usualOAuth } from "./self-hosted.ts";

export const cyrus = deepFreeze<SelfHostedPreset>({
  id: "cyrus",
  name: "Cyrus IMAP",
  kind: "self-hosted",
  match: { domains: [], mx: [] },
  oauth: usualOAuth,
  mail: usualMail,
  appPassword: { offered: "no", note: "Depends on the server; ask whoever runs it." },
  quirks: {
    "plugin-needed":
      "Cyrus takes tokens only with a SASL plugin such as cyrus-sasl-xoauth2. Without one, use the mailbox's password.",
  },
  errors: [],
  registration: openidRegistration({
    checkTokens:
      "Install a SASL plugin for XOAUTH2 or OAUTHBEARER on the server side and name the mechanism in sasl_mech_list.",
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
    appPassword: assumed(),
    "quirks.plugin-needed": seen("moriyoshi/cyrus-sasl-xoauth2"),
    registration: assumed(),
  },
  unknown: ["Whether newer versions take tokens without a plugin"],
});
