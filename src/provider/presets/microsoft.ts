// What Microsoft's clouds have in common: endpoints by host and tenant, scopes by resource, the way to a client id.
import type { Facts } from "../fact.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset, PresetOAuth, ProviderError, RegistrationGuide } from "../preset.ts";
import { signIn } from "./registration-steps.ts";
import { EMAIL_OAUTH2_PROXY, MUTT, THUNDERBIRD } from "./sources.ts";

const DEVICE_PAGES = ["microsoft.com", "www.microsoft.com", "login.microsoft.com", "aka.ms"];
const TENANT_ID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

/**
 * @param cloud.login the host of the sign-in
 * @param cloud.resource what the scopes are for: the mail host's origin
 */
export function microsoftOAuth(cloud: {
  readonly login: string;
  readonly resource: string;
  readonly tenant: NonNullable<PresetOAuth["tenant"]>;
}): PresetOAuth {
  const origin = `https://${cloud.login}/{tenant}`;
  return {
    issuer: `${origin}/v2.0`,
    endpoints: {
      authorization: `${origin}/oauth2/v2.0/authorize`,
      token: `${origin}/oauth2/v2.0/token`,
      deviceAuthorization: `${origin}/oauth2/v2.0/devicecode`,
    },
    tenant: cloud.tenant,
    discovery: "openid",
    scopes: {
      imap: [`${cloud.resource}/IMAP.AccessAsUser.All`],
      pop3: [`${cloud.resource}/POP.AccessAsUser.All`],
      smtp: [`${cloud.resource}/SMTP.Send`],
      offline: ["offline_access"],
      identity: ["openid", "profile", "email"],
    },
    scopeSeparator: " ",
    pkce: "accepted",
    clientSecret: "none",
    redirect: { uri: "http://localhost/callback", port: "any" },
    authorizationParameters: {},
    device: { flow: "offered", verificationHosts: DEVICE_PAGES },
    behaviours: ["answers-without-offline-access", "rotates-refresh-token"],
  };
}

export const microsoftBehaviours = [
  "no-oauthbearer",
  "failure-without-challenge",
  "cancel-answered-535",
  "saves-sent-mail",
] as const satisfies OAuthPreset["mail"]["behaviours"];

export const microsoftErrors: readonly ProviderError[] = [
  { where: "sign-in", says: "AADSTS65001", code: "consent-missing" },
  { where: "sign-in", says: "AADSTS90094", code: "admin-approval-needed" },
  { where: "sign-in", says: "AADSTS700016", code: "admin-approval-needed" },
  { where: "sign-in", says: "AADSTS7000112", code: "admin-approval-needed" },
  { where: "sign-in", says: "AADSTS50011", code: "redirect-uri-mismatch" },
  { where: "sign-in", says: "AADSTS7000218", code: "public-client-flows-off" },
  { where: "sign-in", says: "AADSTS700025", code: "client-secret-unwanted" },
  { where: "sign-in", says: "AADSTS9002327", code: "redirect-for-web-pages" },
  { where: "sign-in", says: "AADSTS50194", code: "wrong-tenant-endpoint" },
  { where: "sign-in", says: "AADSTS50020", code: "account-not-here" },
  { where: "sign-in", says: "AADSTS53003", code: "conditional-access-blocked" },
  { where: "sign-in", says: "AADSTS70043", code: "sign-in-frequency" },
  { where: "sign-in", says: "AADSTS700082", code: "sign-in-unused" },
  { where: "imap", says: "User is authenticated but not connected", code: "mailbox-not-connected" },
  { where: "imap", says: "Request is throttled", code: "upstream-throttled" },
  { where: "smtp", says: "5.7.139", code: "upstream-smtp-auth-disabled" },
];

/** The walk-through for a person who may register apps; `postern admin register microsoft` is the administrator's. */
export function microsoftRegistration(place: {
  readonly portal: string;
  readonly accountTypes: string;
  readonly text: string;
}): RegistrationGuide {
  return {
    how: "self-service",
    text: place.text,
    steps: [
      {
        id: "app",
        title: "Register the app",
        text: `Press 'New registration'. Name: Postern. Supported account types: ${place.accountTypes}. Leave the redirect address empty for now.`,
        url: place.portal,
      },
      {
        id: "client-id",
        title: "Copy the client id",
        text: "It stands on the app's overview page as 'Application (client) ID'.",
        check: { kind: "client-id-shape", pattern: `^${TENANT_ID}$` },
      },
      {
        id: "tenant",
        title: "Copy the tenant",
        text: "It stands below as 'Directory (tenant) ID'. Needed only if the app is for your own organisation.",
        check: { kind: "tenant-exists" },
      },
      {
        id: "redirect",
        title: "Enter the redirect address",
        text: "Under 'Authentication', press 'Add a platform', choose 'Mobile and desktop applications', and paste the address as a custom redirect URI. Not under 'Web' and not under 'Single-page application'.",
        copy: [{ label: "Redirect URI", value: "REDIRECT-URI" }],
      },
      {
        id: "public-client",
        title: "Allow public client flows",
        text: "On the same page, under advanced settings, set 'Allow public client flows' to Yes and save. There is no client secret.",
        check: { kind: "token-endpoint-knows-client" },
      },
      {
        id: "permissions",
        title: "Add the permissions",
        text: "Under 'API permissions', press 'Add a permission', 'Microsoft Graph', 'Delegated permissions', and tick IMAP.AccessAsUser.All, SMTP.Send, POP.AccessAsUser.All and offline_access.",
        copy: [{ label: "What Postern asks for", value: "SCOPES" }],
      },
      {
        id: "consent",
        title: "Let the administrator agree",
        text: "If your organisation does not let people agree by themselves, an administrator presses 'Grant admin consent' on the same page, once for everybody.",
      },
      {
        id: "look",
        title: "See whether Microsoft knows it",
        text: "Postern asks Microsoft's sign-in page and looks at the answer. Nothing is signed in yet.",
        check: { kind: "authorize-endpoint-accepts" },
      },
      signIn("Sign in with the mailbox's own account. For a shared mailbox, sign in as yourself."),
    ],
  };
}

/** For the worldwide cloud; the others say where they differ. */
export const microsoftFacts: Facts = {
  "oauth.issuer": seen("oama Authorization.hs", "learn.microsoft.com v2-protocols-oidc"),
  "oauth.endpoints": seen(EMAIL_OAUTH2_PROXY, MUTT, "learn.microsoft.com v2-oauth2-device-code"),
  "oauth.tenant": seen("learn.microsoft.com v2-oauth2-device-code", "facts/oauth.md §3"),
  "oauth.discovery": seen("oama Authorization.hs"),
  "oauth.scopes": seen(
    THUNDERBIRD,
    EMAIL_OAUTH2_PROXY,
    "learn.microsoft.com how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth",
  ),
  "oauth.scopeSeparator": seen("learn.microsoft.com v2-oauth2-device-code"),
  "oauth.pkce": assumed(),
  "oauth.clientSecret": seen(THUNDERBIRD, EMAIL_OAUTH2_PROXY),
  "oauth.redirect": seen(
    "learn.microsoft.com reply-url",
    "learn.microsoft.com scenario-desktop-app-registration",
  ),
  "oauth.device.flow": seen("learn.microsoft.com v2-oauth2-device-code"),
  "oauth.device.verificationHosts": assumed(),
  "oauth.behaviours": seen(THUNDERBIRD, "email-oauth2-proxy issue 50"),
  "mail.mechanism": seen(
    "learn.microsoft.com how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth",
    "neomutt issue 2927",
  ),
  "mail.behaviours": seen("neomutt issue 2927", "email-oauth2-proxy's code and issue 409"),
  errors: seen("facts/oauth.md §3", "facts/demands.md 7, 15 and 26"),
  registration: assumed("Entra admin center from memory; its pages move"),
  "registration.how": seen("learn.microsoft.com scenario-desktop-app-registration"),
};
