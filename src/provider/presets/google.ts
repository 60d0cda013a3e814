// Gmail and Google Workspace.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { signIn } from "./registration-steps.ts";
import { implicit } from "./server.ts";
import { EMAIL_OAUTH2_PROXY, EMAILENGINE, EVOLUTION, ispdb, MUTT, THUNDERBIRD } from "./sources.ts";

const MAIL = "https://mail.google.com/";
const OPENID_REFERENCE = "developers.google.com/identity/openid-connect/reference";

export const google = deepFreeze<OAuthPreset>({
  id: "google",
  name: "Gmail and Google Workspace",
  kind: "oauth",
  match: {
    domains: ["gmail.com", "googlemail.com", "google.com"],
    mx: [{ suffix: "l.google.com" }, { suffix: "smtp.google.com" }, { suffix: "googlemail.com" }],
  },
  oauth: {
    issuer: "https://accounts.google.com",
    endpoints: {
      authorization: "https://accounts.google.com/o/oauth2/v2/auth",
      token: "https://oauth2.googleapis.com/token",
      deviceAuthorization: "https://oauth2.googleapis.com/device/code",
      revocation: "https://oauth2.googleapis.com/revoke",
    },
    discovery: "openid",
    scopes: { imap: [MAIL], pop3: [MAIL], smtp: [MAIL], offline: [], identity: ["openid", "email"] },
    scopeSeparator: " ",
    pkce: "accepted",
    clientSecret: "required",
    redirect: { uri: "http://127.0.0.1/callback", port: "any" },
    authorizationParameters: { access_type: "offline", prompt: "consent" },
    responseIssuer: "https://accounts.google.com",
    device: { flow: "not-for-mail", verificationHosts: ["google.com", "www.google.com"] },
    behaviours: ["keeps-refresh-token"],
  },
  mail: {
    imap: implicit("imap.gmail.com", 993, ["oauth", "app-password"]),
    pop3: implicit("pop.gmail.com", 995, ["oauth", "app-password"]),
    smtp: implicit("smtp.gmail.com", 465, ["oauth", "app-password"], {
      alternatives: [{ host: "smtp.gmail.com", port: 587, tls: "starttls" }],
    }),
    mechanism: "xoauth2",
    behaviours: ["failure-with-json-challenge", "session-outlives-token", "saves-sent-mail"],
  },
  limits: { imapConnections: 15, messageMegabytes: 25, messagesPerDay: 500 },
  appPassword: {
    offered: "with-two-step",
    name: "App password",
    page: "https://myaccount.google.com/apppasswords",
    note: "Organisations can switch app passwords off; then only the sign-in with OAuth works.",
  },
  quirks: {
    "restricted-scope":
      "Google calls the mail permission 'restricted': a client id for the public needs a review by Google. One of your own needs none for up to 100 people, but shows a warning; inside your own Workspace there is neither.",
    testing: "While the project is in Testing, every sign-in ends after seven days.",
    "secret-not-secret":
      "The client secret of a desktop app is required, although Google does not treat it as a secret.",
    "token-cap": "Google keeps a limited number of sign-ins per person and client id; the oldest ends first.",
    "unticked-permission": "People can untick the mail permission while they sign in.",
    "sent-mail":
      "Gmail saves sent mail by itself. A mail program that saves it too makes two: switch that off there.",
    "workspace-limit": "Workspace mailboxes may send 2,000 messages a day.",
  },
  errors: [
    { where: "sign-in", says: "admin_policy_enforced", code: "google-admin-blocks" },
    { where: "sign-in", says: "org_internal", code: "google-client-internal" },
    { where: "sign-in", says: "deleted_client", code: "google-client-deleted" },
    { where: "sign-in", says: "disallowed_useragent", code: "browser-not-accepted" },
    { where: "sign-in", says: "redirect_uri_mismatch", code: "redirect-uri-mismatch" },
    { where: "sign-in", says: "invalid_rapt", code: "google-reauthentication" },
    { where: "imap", says: "not enabled for IMAP use", code: "upstream-imap-disabled" },
    { where: "imap", says: "Too many simultaneous connections", code: "upstream-throttled" },
    {
      where: "imap",
      says: "Application-specific password required",
      sentence: "Gmail does not take the password of the Google account here.",
      action: "Make an app password at https://myaccount.google.com/apppasswords and give Postern that one.",
    },
    {
      where: "smtp",
      says: "Application-specific password required",
      sentence: "Gmail does not take the password of the Google account here.",
      action: "Make an app password at https://myaccount.google.com/apppasswords and give Postern that one.",
    },
    { where: "smtp", says: "Daily sending quota exceeded", code: "upstream-throttled" },
  ],
  registration: {
    how: "self-service",
    text: "You make a small project of your own at Google and copy a client id and a client secret from it. It costs nothing and takes about ten minutes.",
    shortWay:
      "For a private mailbox an app password is quicker: switch two-step verification on, make an app password, and give it to Postern instead of signing in. It works until you delete it.",
    steps: [
      {
        id: "project",
        title: "Make a project",
        text: "Sign in with any Google account, press 'New project' and name it, for example, Postern.",
        url: "https://console.cloud.google.com/projectcreate",
      },
      {
        id: "gmail-api",
        title: "Enable the Gmail API",
        text: "With the new project chosen at the top, press 'Enable'. Only then can the project ask for the mail permission.",
        url: "https://console.cloud.google.com/apis/library/gmail.googleapis.com",
      },
      {
        id: "consent-screen",
        title: "Say what the project is",
        text: "Press 'Get started'. Name: Postern. Your own address twice. Audience: 'Internal' if everybody who will sign in belongs to your Workspace, otherwise 'External'.",
        url: "https://console.cloud.google.com/auth/overview",
      },
      {
        id: "data-access",
        title: "Name the permission",
        text: "Press 'Add or remove scopes' and paste the permission at the bottom, under 'Manually add scopes'.",
        url: "https://console.cloud.google.com/auth/scopes",
        copy: [{ label: "Scope", value: "https://mail.google.com/" }],
      },
      {
        id: "publish",
        title: "Publish",
        text: "If the audience is 'External', press 'Publish app' and confirm. Otherwise every sign-in ends after seven days. Do not send it for verification: for up to 100 people that is not needed.",
        url: "https://console.cloud.google.com/auth/audience",
        check: { kind: "published" },
      },
      {
        id: "client",
        title: "Make the client id",
        text: "Press 'Create client' and choose the type 'Desktop app'. Copy the client id.",
        url: "https://console.cloud.google.com/auth/clients",
        check: { kind: "client-id-shape", pattern: "^[0-9]+-[a-z0-9]+\\.apps\\.googleusercontent\\.com$" },
      },
      {
        id: "client-secret",
        title: "Copy the client secret",
        text: "It stands in the same window and is shown only there. Postern keeps it in the keychain.",
        url: "https://console.cloud.google.com/auth/clients",
        check: { kind: "client-secret-given" },
      },
      {
        id: "look",
        title: "See whether Google knows it",
        text: "Postern opens Google's sign-in page and looks at the answer. Nothing is signed in yet.",
        check: { kind: "authorize-endpoint-accepts" },
      },
      signIn(
        "Google warns that it has not verified the app, since it is yours: press 'Advanced', then 'Go to Postern'. Leave the mail permission ticked.",
      ),
    ],
  },
  facts: {
    "match.domains": seen(ispdb("googlemail.com")),
    "match.mx": seen("Google Workspace help, Set up MX records", ispdb("googlemail.com")),
    "oauth.issuer": seen(THUNDERBIRD, OPENID_REFERENCE),
    "oauth.endpoints.authorization": seen(EMAILENGINE, EVOLUTION, OPENID_REFERENCE),
    "oauth.endpoints.token": seen(EMAILENGINE, EMAIL_OAUTH2_PROXY, EVOLUTION),
    "oauth.endpoints.deviceAuthorization": seen(MUTT, OPENID_REFERENCE),
    "oauth.endpoints.revocation": seen(EMAILENGINE, OPENID_REFERENCE),
    "oauth.discovery": seen(OPENID_REFERENCE),
    "oauth.scopes": seen(THUNDERBIRD, "developers.google.com xoauth2-protocol", OPENID_REFERENCE),
    "oauth.scopeSeparator": seen(THUNDERBIRD),
    "oauth.pkce": seen(THUNDERBIRD, OPENID_REFERENCE),
    "oauth.clientSecret": seen(THUNDERBIRD, EMAIL_OAUTH2_PROXY),
    "oauth.redirect": seen("developers.google.com loopback-migration"),
    "oauth.authorizationParameters.access_type": seen(EMAIL_OAUTH2_PROXY),
    "oauth.authorizationParameters.prompt": assumed(),
    "oauth.responseIssuer": seen(THUNDERBIRD),
    "oauth.device.flow": seen("developers.google.com limited-input-device, allowed scopes"),
    "oauth.device.verificationHosts": assumed(),
    "oauth.behaviours": assumed(),
    mail: seen(ispdb("googlemail.com")),
    "mail.smtp.alternatives": assumed(),
    "mail.mechanism": seen(
      "the capability line in email-oauth2-proxy issue 26: both; XOAUTH2 is what its own documents describe",
    ),
    "mail.behaviours": seen(
      "developers.google.com xoauth2-protocol",
      "node-imap issue 789",
      "email-oauth2-proxy issue 409",
    ),
    "limits.imapConnections": seen("support.google.com, IMAP limits (facts/oauth.md §7)"),
    "limits.messageMegabytes": assumed(),
    "limits.messagesPerDay": assumed(),
    appPassword: seen("chatmail provider-db gmail.md"),
    "appPassword.note": assumed(),
    "quirks.restricted-scope": seen("support.google.com/cloud/answer/13464325"),
    "quirks.testing": seen("email-oauth2-proxy issues 17 and 358"),
    "quirks.secret-not-secret": seen(THUNDERBIRD, EMAIL_OAUTH2_PROXY),
    "quirks.token-cap": seen("gmailr issue 170, quoting Google without the number"),
    "quirks.unticked-permission": assumed(),
    "quirks.sent-mail": seen("email-oauth2-proxy issues 188 and 409"),
    "quirks.workspace-limit": seen("support.google.com/a/answer/166852"),
    errors: assumed(),
    registration: assumed("Google Cloud console from memory; its pages move"),
    "registration.how": seen("support.google.com/cloud/answer/15544987"),
  },
  unknown: ["How many sign-ins per person and client id Google keeps"],
});
