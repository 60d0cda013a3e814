// Microsoft 365 in China, operated by 21Vianet.
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
import { EMAIL_OAUTH2_PROXY, EMAILENGINE } from "./sources.ts";

const NATIONAL_CLOUD = "docs.azure.cn authentication-national-cloud and v2-oauth2-device-code";
const oauth = microsoftOAuth({
  login: "login.partner.microsoftonline.cn",
  resource: "https://partner.outlook.cn",
  tenant: {
    default: "organizations",
    others: ["common"],
    advice:
      "An app that is registered for one organisation only needs that organisation's tenant id instead.",
  },
});

export const microsoftChina = deepFreeze<OAuthPreset>({
  id: "microsoft-china",
  name: "Microsoft 365 in China (21Vianet)",
  kind: "oauth",
  match: {
    domains: [],
    parents: ["partner.onmschina.cn"],
    mx: [{ suffix: "mail.protection.partner.outlook.cn" }],
  },
  oauth: { ...oauth, behaviours: [...(oauth.behaviours ?? []), "lifetime-as-text"] },
  mail: {
    imap: implicit("partner.outlook.cn", 993, ["oauth"], { userName: "preferred_username" }),
    smtp: startTls("smtp.partner.outlook.cn", 587, ["oauth"], { userName: "preferred_username" }),
    mechanism: "xoauth2",
    behaviours: microsoftBehaviours,
  },
  appPassword: { offered: "no", note: "As in the worldwide cloud: no passwords for IMAP and POP3." },
  quirks: {
    "own-cloud": "Client ids, sign-in and permissions are separate from the worldwide cloud.",
    "lifetime-as-text": "The token endpoint gives the lifetime as a text instead of a number.",
    "two-names": "The sign-in also answers, or used to answer, at login.chinacloudapi.cn.",
  },
  errors: microsoftErrors,
  registration: microsoftRegistration({
    portal: "https://portal.azure.cn/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
    accountTypes: "'Accounts in this organizational directory only'",
    text: "Apps for this cloud are registered in its own portal; a client id from the worldwide cloud does not work here.",
  }),
  facts: {
    ...microsoftFacts,
    "match.parents": assumed(),
    "match.mx": assumed(),
    "oauth.issuer": assumed("the worldwide cloud's form"),
    "oauth.endpoints": seen(NATIONAL_CLOUD),
    "oauth.tenant": seen(NATIONAL_CLOUD),
    "oauth.discovery": assumed("the worldwide cloud's form"),
    "oauth.scopes": assumed(`${EMAILENGINE}, which calls it a guess`),
    "oauth.clientSecret": assumed("the worldwide cloud's rule"),
    "oauth.redirect": assumed("the worldwide cloud's rule"),
    "oauth.device.flow": seen(NATIONAL_CLOUD),
    "oauth.behaviours": seen("email-oauth2-proxy issue 237"),
    "mail.imap": seen(EMAILENGINE),
    "mail.smtp": assumed(),
    "mail.mechanism": assumed("as in the worldwide cloud"),
    "mail.behaviours": assumed("as in the worldwide cloud"),
    appPassword: assumed("as in the worldwide cloud"),
    "quirks.own-cloud": seen(NATIONAL_CLOUD),
    "quirks.lifetime-as-text": seen("email-oauth2-proxy issue 237"),
    "quirks.two-names": seen(EMAILENGINE, EMAIL_OAUTH2_PROXY, "MSALAzureChinaCloudInstance"),
    errors: assumed("as in the worldwide cloud"),
  },
  unknown: [
    "The permission for IMAP and SMTP in this cloud; only the password grant with the older endpoint was seen to work, which Postern does not do",
    "Whether POP3 is offered",
  ],
});
