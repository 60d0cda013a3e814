// Zoho Mail: one preset for each region, since sign-ins do not carry over from one to another.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, type Facts, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { signIn } from "./registration-steps.ts";
import { implicit } from "./server.ts";
import { ispdb } from "./sources.ts";

const PAID_GUIDE = "wiki.brostweb.com on Zoho Mail";
const ZOHO_OAUTH = "zoho.com/accounts/protocol/oauth";

interface Region {
  readonly id: string;
  readonly name: string;
  /** Of the sign-in and of the mail hosts. */
  readonly suffix: string;
  readonly domains: readonly string[];
  /** What is known otherwise than for the first regions. */
  readonly facts?: Facts;
}

function zoho(region: Region): OAuthPreset {
  const { id, name, suffix, domains } = region;
  const accounts = `https://accounts.${suffix}`;
  const security = `${accounts}/home#security/app_password`;
  return deepFreeze<OAuthPreset>({
    id,
    name: `Zoho Mail (${name})`,
    kind: "oauth",
    match: {
      domains,
      mx: [{ suffix: `mx.${suffix}` }, { suffix: `mx2.${suffix}` }, { suffix: `mx3.${suffix}` }],
    },
    oauth: {
      issuer: accounts,
      endpoints: {
        authorization: `${accounts}/oauth/v2/auth`,
        token: `${accounts}/oauth/v2/token`,
        revocation: `${accounts}/oauth/v2/token/revoke`,
      },
      discovery: "unknown",
      scopes: {
        imap: ["ZohoMail.IMAP"],
        pop3: ["ZohoMail.POP"],
        smtp: ["ZohoMail.SMTP"],
        offline: [],
        identity: [],
      },
      scopeSeparator: ",",
      pkce: "accepted",
      clientSecret: "required",
      redirect: { uri: "https://localhost/callback", port: "not-listened" },
      authorizationParameters: { access_type: "offline", prompt: "consent" },
      device: { flow: "none", verificationHosts: [] },
    },
    mail: {
      imap: implicit(`imap.${suffix}`, 993, ["app-password", "password"], {
        alternatives: [{ host: `imappro.${suffix}`, port: 993, tls: "implicit" }],
      }),
      pop3: implicit(`pop.${suffix}`, 995, ["app-password", "password"], {
        alternatives: [{ host: `poppro.${suffix}`, port: 995, tls: "implicit" }],
      }),
      smtp: implicit(`smtp.${suffix}`, 465, ["app-password", "password"], {
        alternatives: [
          { host: `smtppro.${suffix}`, port: 465, tls: "implicit" },
          { host: `smtp.${suffix}`, port: 587, tls: "starttls" },
        ],
      }),
      mechanism: "auto",
    },
    appPassword: {
      offered: "yes",
      name: "Application-specific password",
      page: security,
      note: "Needed once two-step verification is on; before that the account's password works too.",
    },
    quirks: {
      "oauth-unproven":
        "Nobody has shown that Zoho's mail servers take a token. The permissions' names here are guesses; use an application-specific password.",
      "comma-scopes": "Permissions are separated by commas.",
      regions: "Client ids and sign-ins belong to one region and do not work in another.",
      "switch-imap-on": "IMAP must be allowed first: in Zoho Mail's settings, under Mail Accounts.",
      "own-domain-hosts": `Mailboxes with a domain of one's own are at imappro.${suffix} and smtppro.${suffix}.`,
    },
    errors: [
      {
        where: "imap",
        says: "enable IMAP",
        sentence: "IMAP is switched off for this mailbox.",
        action: "Allow it in Zoho Mail's settings, under Mail Accounts, IMAP Access.",
      },
    ],
    registration: {
      how: "self-service",
      text: "Client ids are easy to get, but it is not proven that Zoho's mail servers take the sign-in. Try the application-specific password first.",
      shortWay: `Make an application-specific password at ${security} and give it to Postern instead of signing in.`,
      steps: [
        {
          id: "app",
          title: "Make the client",
          text: "Press 'Add client', choose 'Server-based Applications', and enter the redirect address.",
          url: `https://api-console.${suffix}`,
          copy: [{ label: "Authorized Redirect URI", value: "REDIRECT-URI" }],
        },
        {
          id: "client-id",
          title: "Copy the client id",
          text: "It stands under 'Client Secret' in the list of your clients.",
          check: { kind: "client-id-shape", pattern: "^1000\\.[0-9A-Z]{20,40}$" },
        },
        {
          id: "client-secret",
          title: "Copy the client secret",
          text: "Postern keeps it in the keychain.",
          check: { kind: "client-secret-given" },
        },
        {
          id: "look",
          title: "See whether Zoho takes it",
          text: "Postern asks the sign-in page with these permissions and looks at the answer.",
          copy: [{ label: "Scopes", value: "SCOPES" }],
          check: { kind: "authorize-endpoint-accepts" },
        },
        signIn(
          "The browser ends at an address that begins with https://localhost/ and does not load. Copy that address into Postern.",
        ),
      ],
    },
    facts: {
      "match.domains": seen(ispdb(suffix)),
      "match.mx": assumed(),
      "oauth.issuer": assumed("the host of the endpoints"),
      "oauth.endpoints.authorization": seen("aurinko.io on Zoho Mail", ZOHO_OAUTH),
      "oauth.endpoints.token": seen(ZOHO_OAUTH, "zoho.com/assist/api/generate-access-token"),
      "oauth.endpoints.revocation": seen(ZOHO_OAUTH),
      "oauth.discovery": assumed("not known"),
      "oauth.scopes": assumed("aurinko.io shows ZohoMail.IMAP as an example; the others follow its form"),
      "oauth.scopeSeparator": seen("zoho.com/invoice/api/v3/oauth"),
      "oauth.pkce": seen(`${ZOHO_OAUTH}/mobile-applications`),
      "oauth.clientSecret": seen(ZOHO_OAUTH, "docs.corsair.dev zohomail"),
      "oauth.redirect": assumed("an https address is required; that localhost is taken is not known"),
      "oauth.authorizationParameters": seen("aurinko.io on Zoho Mail"),
      "oauth.device": assumed(`offered by ${ZOHO_OAUTH} for other permissions; not tried for mail`),
      mail: seen(ispdb(suffix)),
      "mail.imap.accepts": assumed("Mozilla's database lists the password only"),
      "mail.pop3.accepts": assumed("Mozilla's database lists the password only"),
      "mail.smtp.accepts": assumed("Mozilla's database lists the password only"),
      "mail.imap.alternatives": assumed("the form of zoho.com"),
      "mail.pop3.alternatives": assumed(),
      "mail.smtp.alternatives": assumed("the form of zoho.com; port 587 is in Mozilla's database"),
      "mail.mechanism": assumed("not known"),
      appPassword: seen(PAID_GUIDE),
      "appPassword.page": assumed(),
      "quirks.oauth-unproven": seen(ispdb(suffix), "aurinko.io on Zoho Mail"),
      "quirks.comma-scopes": seen("aurinko.io on Zoho Mail", "zoho.com/invoice/api/v3/oauth"),
      "quirks.regions": seen("docs.corsair.dev zohomail"),
      "quirks.switch-imap-on": seen(ispdb(suffix)),
      "quirks.own-domain-hosts": assumed("the form of zoho.com"),
      errors: assumed(),
      registration: seen("docs.corsair.dev zohomail"),
      "registration.shortWay": assumed(),
      "registration.steps.1.check": assumed(),
      "registration.steps.3": assumed("own wording"),
      "registration.steps.4": assumed("own wording"),
      ...region.facts,
    },
    unknown: [
      "Whether IMAP and SMTP take a token at all, and with which permission",
      "Where the device flow begins, and whether it gives permissions for mail",
    ],
  });
}

export const zohoPresets: readonly OAuthPreset[] = deepFreeze([
  zoho({
    id: "zoho",
    name: "worldwide",
    suffix: "zoho.com",
    domains: ["zoho.com", "zohomail.com"],
    facts: {
      "mail.imap.alternatives": seen(PAID_GUIDE),
      "mail.smtp.alternatives": seen(PAID_GUIDE, ispdb("zoho.com")),
      "quirks.own-domain-hosts": seen(PAID_GUIDE),
    },
  }),
  zoho({ id: "zoho-eu", name: "Europe", suffix: "zoho.eu", domains: ["zoho.eu", "zohomail.eu"] }),
  zoho({ id: "zoho-in", name: "India", suffix: "zoho.in", domains: ["zoho.in", "zohomail.in"] }),
  zoho({
    id: "zoho-au",
    name: "Australia",
    suffix: "zoho.com.au",
    domains: ["zoho.com.au", "zohomail.com.au"],
  }),
  zoho({ id: "zoho-jp", name: "Japan", suffix: "zoho.jp", domains: ["zoho.jp", "zohomail.jp"] }),
  zoho({
    id: "zoho-ca",
    name: "Canada",
    suffix: "zohocloud.ca",
    domains: ["zohocloud.ca", "zohomailcloud.ca"],
  }),
  zoho({
    id: "zoho-cn",
    name: "China",
    suffix: "zoho.com.cn",
    domains: ["zoho.com.cn", "zohomail.com.cn"],
    facts: {
      "match.domains": assumed("the other regions' form"),
      mail: assumed("the other regions' form"),
      "quirks.oauth-unproven": assumed("as in the other regions"),
      "quirks.switch-imap-on": assumed("as in the other regions"),
    },
  }),
]);
