// Outlook.com, Hotmail, Live and MSN: personal mailboxes at Microsoft.
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
import { ispdb, words } from "./sources.ts";

export const outlookCom = deepFreeze<OAuthPreset>({
  id: "outlook-com",
  name: "Outlook.com, Hotmail, Live and MSN",
  kind: "oauth",
  match: {
    domains: ["msn.com", "windowslive.com", "livemail.tw"],
    families: [
      {
        name: "outlook",
        suffixes: words(`
          com at be cl cz de dk es fr hu ie in it jp kr lv my ph pt sa sg sk co.id co.il co.th
          com.ar com.au com.br com.gr com.tr com.vn`),
      },
      {
        name: "hotmail",
        suffixes: words(`
          com be ca cl cz de dk es fi fr gr hu it lt lv my nl no ph rs se sg sk co.id co.il co.in
          co.jp co.kr co.th co.uk co.za com.ar com.au com.br com.hk com.tr com.tw com.vn`),
      },
      {
        name: "live",
        suffixes: words(`
          com at be ca cl cn de dk fi fr hk ie in it jp nl no ru se co.jp co.kr co.uk co.za com.ar
          com.au com.mx com.my com.ph com.pt com.sg`),
      },
    ],
    mx: [{ suffix: "olc.protection.outlook.com" }],
  },
  oauth: microsoftOAuth({
    login: "login.microsoftonline.com",
    resource: "https://outlook.office.com",
    tenant: {
      default: "consumers",
      others: ["common"],
      advice:
        "An app that is registered for organisations and personal accounts works with either; one for personal accounts only, with consumers.",
    },
  }),
  mail: {
    imap: implicit("outlook.office365.com", 993, ["oauth"], { userName: "preferred_username" }),
    pop3: implicit("outlook.office365.com", 995, ["oauth"], { userName: "preferred_username" }),
    smtp: startTls("smtp-mail.outlook.com", 587, ["oauth"], { userName: "preferred_username" }),
    mechanism: "xoauth2",
    behaviours: microsoftBehaviours,
  },
  appPassword: {
    offered: "no",
    note: "Since 16 September 2024 Outlook.com takes no passwords and no app passwords for IMAP, POP3 and SMTP.",
  },
  quirks: {
    alias:
      "The mail servers want the account's main name, not an alias. Postern tries the name that Microsoft gives for whoever signed in.",
    "switch-imap-on":
      "IMAP and POP may be switched off: in Outlook on the web, under Settings, Mail, Forwarding and IMAP.",
    "directory-needed":
      "A client id needs an Entra directory; a personal account alone has none. A free Azure account brings one.",
    "sent-mail":
      "Microsoft saves sent mail by itself. A mail program that saves it too makes two: switch that off there.",
  },
  errors: microsoftErrors,
  registration: microsoftRegistration({
    portal: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
    accountTypes: "'Personal Microsoft accounts only', or the one with organisations and personal accounts",
    text: "Microsoft gives client ids only inside a directory. Somebody with one (an employer, a club, a free Azure account) can register the app once, and every personal account can use it.",
  }),
  facts: {
    ...microsoftFacts,
    match: seen(ispdb("hotmail.com")),
    mail: seen(ispdb("hotmail.com")),
    "mail.imap.userName": seen("thunderbird-android issue 8024", "email-oauth2-proxy issue 259"),
    "mail.pop3.userName": seen("thunderbird-android issue 8024"),
    "mail.smtp.userName": seen("thunderbird-android issue 8024"),
    appPassword: seen("Microsoft's announcement of June 2024", "patriotmail.ai, March 2026"),
    "quirks.alias": seen("thunderbird-android issue 8024"),
    "quirks.switch-imap-on": assumed(),
    "quirks.directory-needed": seen("email-oauth2-proxy README"),
    "quirks.sent-mail": seen("email-oauth2-proxy issues 188 and 409"),
  },
  unknown: ["How many IMAP connections and messages a day Outlook.com allows"],
});
