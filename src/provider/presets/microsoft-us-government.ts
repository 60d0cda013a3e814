// Microsoft 365 for the US government: GCC High and DoD. (GCC is in the worldwide cloud.)
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset, PresetServer } from "../preset.ts";
import {
  microsoftBehaviours,
  microsoftErrors,
  microsoftFacts,
  microsoftOAuth,
  microsoftRegistration,
} from "./microsoft.ts";
import { EMAILENGINE } from "./sources.ts";

const server = (host: string, port: number, tls: PresetServer["tls"]): PresetServer => ({
  host,
  port,
  tls,
  accepts: ["oauth"],
  userName: "preferred_username",
});

const oauth = microsoftOAuth({
  login: "login.microsoftonline.us",
  resource: "https://outlook.office365.us",
  tenant: {
    default: "organizations",
    others: ["common"],
    advice:
      "An app that is registered for one organisation only needs that organisation's tenant id instead.",
  },
});
const registration = microsoftRegistration({
  portal: "https://portal.azure.us/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
  accountTypes: "'Accounts in this organizational directory only'",
  text: "Apps for this cloud are registered in its own portal; a client id from the worldwide cloud does not work here.",
});
const quirks = {
  "own-cloud": "Client ids, sign-in and permissions are separate from the worldwide cloud.",
};
const facts = {
  ...microsoftFacts,
  "oauth.issuer": assumed("the worldwide cloud's form"),
  "oauth.endpoints": seen(EMAILENGINE, "sasl-xoauth2", "learn.microsoft.com authentication-national-cloud"),
  "oauth.endpoints.deviceAuthorization": assumed("the worldwide cloud's form"),
  "oauth.discovery": assumed("the worldwide cloud's form"),
  "oauth.scopes": seen(EMAILENGINE, "sasl-xoauth2"),
  "oauth.scopes.pop3": assumed("the worldwide cloud's form"),
  "oauth.redirect": assumed("the worldwide cloud's rule"),
  "oauth.clientSecret": assumed("the worldwide cloud's rule"),
  "oauth.device.flow": assumed("the worldwide cloud's form"),
  "oauth.behaviours": assumed("as in the worldwide cloud"),
  "oauth.tenant": assumed("as in the worldwide cloud"),
  "mail.mechanism": assumed("as in the worldwide cloud"),
  "mail.behaviours": assumed("as in the worldwide cloud"),
  appPassword: assumed("as in the worldwide cloud"),
  "quirks.own-cloud": seen("learn.microsoft.com authentication-national-cloud"),
  errors: assumed("as in the worldwide cloud"),
};
const appPassword = {
  offered: "no",
  note: "As in the worldwide cloud: no passwords for IMAP and POP3.",
} as const;

export const microsoftGccHigh = deepFreeze<OAuthPreset>({
  id: "microsoft-gcc-high",
  name: "Microsoft 365 GCC High (US government)",
  kind: "oauth",
  match: {
    domains: [],
    parents: ["onmicrosoft.us"],
    mx: [{ suffix: "mail.protection.office365.us" }],
  },
  oauth,
  mail: {
    imap: server("outlook.office365.us", 993, "implicit"),
    pop3: server("outlook.office365.us", 995, "implicit"),
    smtp: server("smtp.office365.us", 587, "starttls"),
    mechanism: "xoauth2",
    behaviours: microsoftBehaviours,
  },
  appPassword,
  quirks,
  errors: microsoftErrors,
  registration,
  facts: {
    ...facts,
    match: assumed(),
    mail: seen(EMAILENGINE),
    "mail.pop3": assumed("the worldwide cloud's form"),
  },
  unknown: ["Where Microsoft sends people to type a device code in this cloud"],
});

export const microsoftDod = deepFreeze<OAuthPreset>({
  id: "microsoft-dod",
  name: "Microsoft 365 DoD (US government)",
  kind: "oauth",
  // Its domains and hosts cannot be told from GCC High's: a person chooses it.
  match: { domains: [], mx: [] },
  oauth,
  mail: {
    imap: server("outlook-dod.office365.us", 993, "implicit"),
    pop3: server("outlook-dod.office365.us", 995, "implicit"),
    smtp: server("outlook-dod.office365.us", 587, "starttls"),
    mechanism: "xoauth2",
    behaviours: microsoftBehaviours,
  },
  appPassword,
  quirks,
  errors: microsoftErrors,
  registration,
  facts: {
    ...facts,
    mail: seen(EMAILENGINE),
    "mail.pop3": assumed("the worldwide cloud's form"),
    "mail.smtp": assumed("only the IMAP host is known"),
    "oauth.scopes": assumed("GCC High's"),
  },
  unknown: [
    "The SMTP host of DoD mailboxes",
    "Whether the permissions name outlook.office365.us or outlook-dod.office365.us",
    "Where Microsoft sends people to type a device code in this cloud",
  ],
});
