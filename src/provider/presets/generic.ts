// Any other server that follows the standards: RFC 6186 and RFC 8314, OpenID Connect or RFC 8414, and the draft for public
// mail clients (draft-ietf-mailmaint-oauth-public).
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { SelfHostedPreset } from "../preset.ts";
import { openidRegistration, usualMail, usualOAuth } from "./self-hosted.ts";

const DRAFT = "draft-ietf-mailmaint-oauth-public-06";
const MAIL = "urn:ietf:params:oauth:scope:mail";

export const generic = deepFreeze<SelfHostedPreset>({
  id: "generic",
  name: "Another provider",
  kind: "self-hosted",
  match: { domains: [], mx: [] },
  oauth: {
    ...usualOAuth,
    scopes: { ...usualOAuth.scopes, imap: [MAIL], pop3: [MAIL], smtp: [MAIL] },
  },
  mail: usualMail,
  appPassword: { offered: "no", note: "Depends on the provider; ask it." },
  quirks: {
    "found-out":
      "Servers, sign-in and permissions are found by asking DNS, the provider's web server and the mail server. Look at the hosts before you sign in.",
    "registers-itself":
      "Where the sign-in server registers programs by itself (RFC 7591), no client id is needed.",
  },
  errors: [],
  registration: openidRegistration({
    checkTokens:
      "That is for whoever runs the mail server: it must take XOAUTH2 or OAUTHBEARER with the provider's tokens.",
  }),
  facts: {
    "oauth.issuerExample": assumed("an example"),
    "oauth.discovery": seen(DRAFT),
    "oauth.scopes": seen(DRAFT),
    "oauth.scopes.identity": assumed("what OpenID providers usually have"),
    "oauth.scopeSeparator": seen("RFC 6749 §3.3"),
    "oauth.pkce": seen(DRAFT),
    "oauth.clientSecret": seen(DRAFT),
    "oauth.redirect": seen("RFC 8252"),
    "oauth.device": assumed("depends on the provider"),
    mail: assumed("the usual ports"),
    appPassword: assumed(),
    "quirks.found-out": seen("RFC 6186, RFC 9728, RFC 7628"),
    "quirks.registers-itself": seen("RFC 7591"),
    registration: assumed("depends on the provider"),
  },
  unknown: [],
});
