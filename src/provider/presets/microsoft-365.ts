// Microsoft 365: mailboxes of organisations in the worldwide cloud, and in the US government's GCC.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import {
  microsoftBehaviours,
  microsoftErrors,
  microsoftFacts,
  microsoftOAuth,
  microsoftRegistration,
} from "./microsoft.ts";
import { implicit, startTls } from "./server.ts";
import { ispdb } from "./sources.ts";

export const microsoft365 = deepFreeze<OAuthPreset>({
  id: "microsoft-365",
  name: "Microsoft 365",
  kind: "oauth",
  match: {
    domains: ["office365.com"],
    parents: ["onmicrosoft.com"],
    mx: [{ suffix: "mail.protection.outlook.com" }, { suffix: "mx.microsoft" }],
  },
  oauth: microsoftOAuth({
    login: "login.microsoftonline.com",
    resource: "https://outlook.office.com",
    tenant: {
      default: "organizations",
      others: ["common"],
      advice:
        "An app that is registered for one organisation only needs that organisation's tenant id instead (AADSTS50194).",
    },
  }),
  mail: {
    imap: implicit("outlook.office365.com", 993, ["oauth"], { userName: "preferred_username" }),
    pop3: implicit("outlook.office365.com", 995, ["oauth"], { userName: "preferred_username" }),
    smtp: startTls("smtp.office365.com", 587, ["oauth"], { userName: "preferred_username" }),
    mechanism: "xoauth2",
    behaviours: microsoftBehaviours,
  },
  limits: { imapConnections: 20, messagesPerMinute: 30, recipientsPerDay: 10_000 },
  appPassword: {
    offered: "no",
    note: "Microsoft 365 takes no passwords for IMAP and POP3 any more.",
  },
  quirks: {
    "full-scopes":
      "The permissions must be asked for with their full address (https://outlook.office.com/…); a token for Microsoft Graph is refused by the mail servers.",
    "smtp-auth":
      "Many organisations have sending over SMTP switched off; an administrator can allow it per mailbox.",
    "shared-mailbox":
      "A shared mailbox is read under its own name with the sign-in of a person who may; it sends under that person's name.",
    "no-revocation":
      "There is no way to withdraw a sign-in from outside: signing out deletes it here, and the account page withdraws it there.",
    "sent-mail":
      "Microsoft saves sent mail by itself. A mail program that saves it too makes two: switch that off there.",
    "secret-expires":
      "If the app has a client secret, it lasts two years at most. A public client needs none.",
  },
  errors: microsoftErrors,
  registration: microsoftRegistration({
    portal: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
    accountTypes:
      "'Accounts in this organizational directory only' for your own organisation, 'Accounts in any organizational directory' for others too",
    text: "Somebody who may register apps in your organisation does this once for everybody. If you may not, send the steps to your IT department.",
  }),
  facts: {
    ...microsoftFacts,
    "match.domains": seen(ispdb("office365.com")),
    "match.parents": seen(ispdb("office365.com")),
    "match.mx.0": seen(ispdb("office365.com")),
    "match.mx.1": assumed(),
    mail: seen(ispdb("office365.com")),
    "limits.imapConnections": assumed("reports of users: imapsync issues 212 and 272"),
    "limits.messagesPerMinute": seen("learn.microsoft.com exchange-online-limits, sending limits"),
    "limits.recipientsPerDay": seen("learn.microsoft.com exchange-online-limits, sending limits"),
    appPassword: seen("blogs.it.ox.ac.uk/nexus/473, Microsoft's announcement"),
    "quirks.full-scopes": seen("mustang issue 137", "office-developer-exchange-docs issue 87"),
    "quirks.smtp-auth": seen("email-oauth2-proxy issues 66 and 193"),
    "quirks.shared-mailbox": seen("email-oauth2-proxy issues 19 and 355", "nextcloud/mail PR 13668"),
    "quirks.no-revocation": assumed(),
    "quirks.sent-mail": seen("email-oauth2-proxy issues 188 and 409"),
    "quirks.secret-expires": seen("email-oauth2-proxy issue 70"),
  },
  unknown: ["Whether the old token of a rotation goes on working"],
});
