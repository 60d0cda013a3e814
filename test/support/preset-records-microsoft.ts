// The recorded rows of Microsoft's clouds: worldwide, personal, US government, China.
import type { OAuthRecord } from "./preset-record.ts";

interface Cloud {
  readonly id: string;
  readonly source: string;
  readonly email: string;
  readonly login: string;
  /** What the addresses of the sign-in name. */
  readonly tenant: string;
  /** What the id_token names: the person's own. */
  readonly directory: string;
  /** Of the scopes. */
  readonly resource: string;
  readonly devicePage: string;
  readonly imapHost: string;
  readonly smtpHost: string;
  /** As the token endpoint gives it. */
  readonly expiresIn: number | string;
}

function microsoft(cloud: Cloud): OAuthRecord {
  const { id, source, email, login, tenant, directory, resource, imapHost, smtpHost, expiresIn } = cloud;
  const granted = `${resource}/IMAP.AccessAsUser.All ${resource}/SMTP.Send`;
  const answer = (access: string, refresh: string): OAuthRecord["issued"] => ({
    token_type: "Bearer",
    // Without offline_access, although it was granted.
    scope: granted,
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: access,
    refresh_token: refresh,
  });
  return {
    id,
    source,
    email,
    clientId: "11112222-3333-4444-5555-666677778888",
    secretRule: "none",
    issuer: `https://${login}/${tenant}/v2.0`,
    authorization: `https://${login}/${tenant}/oauth2/v2.0/authorize`,
    scope: `${resource}/IMAP.AccessAsUser.All ${resource}/SMTP.Send offline_access openid profile email`,
    redirectUri: "http://localhost:{port}/callback",
    // No prompt: with prompt=consent Entra asks for an administrator's approval although one has given it.
    parameters: { nonce: "{nonce}" },
    redirectExtras: { session_state: "0eea5e05-1111-4222-8333-444455556666" },
    token: `https://${login}/${tenant}/oauth2/v2.0/token`,
    issued: answer("EwB4A8l6BAAU.first", "M.C5xx_first"),
    renewed: answer("EwB4A8l6BAAU.second", "M.C5xx_second"),
    // Whatever tenant was asked, the person's own directory signs.
    idToken: {
      iss: `https://${login}/${directory}/v2.0`,
      tid: directory,
      preferred_username: email,
      ver: "2.0",
    },
    understood: { lifetime: 3599, identity: email, kept: ["M.C5xx_second"] },
    device: {
      flow: "offered",
      endpoint: `https://${login}/${tenant}/oauth2/v2.0/devicecode`,
      answer: {
        user_code: "FJC3ASDF5",
        device_code: "FAQABAAEAAAAm-06blBE1TpVMil8KPQ41",
        verification_uri: cloud.devicePage,
        expires_in: 900,
        interval: 5,
        message: "To sign in, use a web browser.",
      },
      page: cloud.devicePage,
      asks: {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: "FAQABAAEAAAAm-06blBE1TpVMil8KPQ41",
      },
    },
    imap: {
      place: `${imapHost}:993`,
      accepts: ["oauth"],
      greeting: "* OK The Microsoft Exchange IMAP4 service is ready. [TQBOADIAUABSADAAMQBDAEEAMAAwADAANwA=]",
      capability:
        "IMAP4 IMAP4rev1 AUTH=XOAUTH2 LOGINDISABLED SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
      success: ["{tag} OK AUTHENTICATE completed."],
      refusal: "NO AUTHENTICATE failed.",
      says: ["T1 CAPABILITY", "T2 AUTHENTICATE XOAUTH2 {message}", "T3 CAPABILITY"],
      message: `user=${email}^Aauth=Bearer {token}^A^A`,
      told: "XOAUTH2: no reason given; it said NO AUTHENTICATE failed.",
    },
    smtp: {
      place: `${smtpHost}:587`,
      tls: "starttls",
      accepts: ["oauth"],
      greeting: "220 PN4P287CA0064.outlook.office365.com Microsoft ESMTP MAIL Service ready",
      ehloInClear: [
        "PN4P287CA0064.outlook.office365.com Hello [203.0.113.77]",
        "SIZE 157286400",
        "PIPELINING",
        "DSN",
        "ENHANCEDSTATUSCODES",
        "STARTTLS",
        "8BITMIME",
        "BINARYMIME",
        "CHUNKING",
        "SMTPUTF8",
      ],
      ehlo: [
        "PN4P287CA0064.outlook.office365.com Hello [203.0.113.77]",
        "SIZE 157286400",
        "PIPELINING",
        "DSN",
        "ENHANCEDSTATUSCODES",
        "AUTH LOGIN XOAUTH2",
        "8BITMIME",
        "BINARYMIME",
        "CHUNKING",
        "SMTPUTF8",
      ],
      success: "235 2.7.0 Authentication successful",
      refusal: "535 5.7.3 Authentication unsuccessful [SN2PR00CA0018.namprd00.prod.outlook.com]",
      says: ["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]", "AUTH XOAUTH2", "{message}"],
      message: `user=${email}^Aauth=Bearer {token}^A^A`,
      told: "XOAUTH2: no reason given; it said 535 5.7.3 Authentication unsuccessful [SN2PR00CA0018.namprd00.prod.outlook.com]",
    },
  };
}

export const microsoftRecords: readonly OAuthRecord[] = [
  microsoft({
    id: "microsoft-365",
    source:
      "providers.md §1, §3 and §4; protocol.md §2; learn.microsoft.com on IMAP and SMTP with OAuth; imapflow issue 392",
    email: "alice@contoso.com",
    login: "login.microsoftonline.com",
    tenant: "organizations",
    directory: "3333aaaa-4444-4bbb-8ccc-5555dddd6666",
    resource: "https://outlook.office.com",
    devicePage: "https://microsoft.com/devicelogin",
    imapHost: "outlook.office365.com",
    smtpHost: "smtp.office365.com",
    expiresIn: 3599,
  }),
  microsoft({
    id: "outlook-com",
    source: "providers.md §1 and §3; the directory of personal accounts from there (general knowledge)",
    email: "alice@outlook.com",
    login: "login.microsoftonline.com",
    tenant: "consumers",
    directory: "9188040d-6c67-4c5b-b112-36a304b66dad",
    resource: "https://outlook.office.com",
    devicePage: "https://www.microsoft.com/link",
    imapHost: "outlook.office365.com",
    smtpHost: "smtp-mail.outlook.com",
    expiresIn: 3599,
  }),
  microsoft({
    id: "microsoft-gcc-high",
    source: "providers.md §1 and §3: EmailEngine; the answers as in the worldwide cloud (assumed)",
    email: "alice@agency.onmicrosoft.us",
    login: "login.microsoftonline.us",
    tenant: "organizations",
    directory: "4444aaaa-4444-4bbb-8ccc-5555dddd6666",
    resource: "https://outlook.office365.us",
    devicePage: "https://microsoft.com/deviceloginus",
    imapHost: "outlook.office365.us",
    smtpHost: "smtp.office365.us",
    expiresIn: 3599,
  }),
  microsoft({
    id: "microsoft-dod",
    source: "providers.md §3: EmailEngine names the IMAP host only; the rest is assumed",
    email: "alice@command.onmicrosoft.us",
    login: "login.microsoftonline.us",
    tenant: "organizations",
    directory: "5555aaaa-4444-4bbb-8ccc-5555dddd6666",
    resource: "https://outlook.office365.us",
    devicePage: "https://microsoft.com/deviceloginus",
    imapHost: "outlook-dod.office365.us",
    smtpHost: "outlook-dod.office365.us",
    expiresIn: 3599,
  }),
  microsoft({
    id: "microsoft-china",
    source: "providers.md §1, §3 and §4 (the lifetime as text: email-oauth2-proxy issue 237); docs.azure.cn",
    email: "alice@contoso.partner.onmschina.cn",
    login: "login.partner.microsoftonline.cn",
    tenant: "organizations",
    directory: "6666aaaa-4444-4bbb-8ccc-5555dddd6666",
    resource: "https://partner.outlook.cn",
    devicePage: "https://microsoft.com/deviceloginchina",
    imapHost: "partner.outlook.cn",
    smtpHost: "smtp.partner.outlook.cn",
    expiresIn: "3599",
  }),
];
