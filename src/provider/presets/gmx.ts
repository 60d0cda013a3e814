// GMX: two presets, since gmx.net and gmx.com are one company with different servers.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { PasswordPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { ispdb, words } from "./sources.ts";

const HELP = "hilfe.gmx.net, anwendungsspezifisches Passwort";
const quirks = {
  "no-oauth": "GMX offers no sign-in for other mail programs.",
  "switch-imap-on":
    "POP3 and IMAP must be allowed once, in GMX's mail settings under POP3 & IMAP. GMX switches it off again after long disuse.",
};
const refusal = {
  sentence: "GMX does not let mail programs into this mailbox yet.",
  action:
    "Allow POP3 and IMAP in GMX's mail settings. With two-factor authentication, make an application-specific password and give Postern that one.",
};
const errors = [
  { where: "imap", says: "authentication failed", ...refusal },
  { where: "smtp", says: "Authentication credentials invalid", ...refusal },
] as const;

export const gmx = deepFreeze<PasswordPreset>({
  id: "gmx",
  name: "GMX (gmx.net)",
  kind: "password",
  match: {
    domains: words("mein.gmx mail.gmx email.gmx"),
    families: [{ name: "gmx", suffixes: words("net de at ch eu biz org info") }],
    mx: [{ suffix: "gmx.net" }],
  },
  mail: {
    imap: implicit("imap.gmx.net", 993, ["password", "app-password"], {
      alternatives: [{ host: "imap.gmx.net", port: 143, tls: "starttls" }],
    }),
    pop3: implicit("pop.gmx.net", 995, ["password", "app-password"], {
      alternatives: [{ host: "pop.gmx.net", port: 110, tls: "starttls" }],
    }),
    smtp: implicit("mail.gmx.net", 465, ["password", "app-password"], {
      alternatives: [{ host: "mail.gmx.net", port: 587, tls: "starttls" }],
    }),
    mechanism: "auto",
  },
  appPassword: {
    offered: "with-two-step",
    name: "Anwendungsspezifisches Passwort",
    page: "https://hilfe.gmx.net/sicherheit/2fa/anwendungsspezifisches-passwort.html",
    note: "In 'Mein Account' under Sicherheit. Without two-factor authentication the account's password works.",
  },
  quirks,
  errors,
  facts: {
    "match.domains": seen(ispdb("gmx.net")),
    "match.families": seen(ispdb("gmx.net")),
    "match.mx": seen(ispdb("gmx.net")),
    mail: seen(ispdb("gmx.net")),
    appPassword: seen(HELP),
    "quirks.no-oauth": seen(ispdb("gmx.net")),
    "quirks.switch-imap-on": seen(ispdb("gmx.net"), "hilfe.gmx.net/pop-imap/einschalten"),
    errors: assumed(),
  },
  unknown: ["Limits"],
});

export const gmxCom = deepFreeze<PasswordPreset>({
  id: "gmx-com",
  name: "GMX (gmx.com)",
  kind: "password",
  match: {
    domains: [],
    families: [
      {
        name: "gmx",
        suffixes: words(`
          com tm us co.uk es fr ca cn co.in com.br com.my hk ie ph pt ru se sg tw com.tr it li`),
      },
    ],
    // Not gmx.com's MX hosts: mail.com's mailboxes have had them too, and are elsewhere.
    mx: [],
  },
  mail: {
    imap: implicit("imap.gmx.com", 993, ["password", "app-password"], {
      alternatives: [{ host: "imap.gmx.com", port: 143, tls: "starttls" }],
    }),
    pop3: implicit("pop.gmx.com", 995, ["password", "app-password"], {
      alternatives: [{ host: "pop.gmx.com", port: 110, tls: "starttls" }],
    }),
    smtp: implicit("mail.gmx.com", 465, ["password", "app-password"], {
      alternatives: [{ host: "mail.gmx.com", port: 587, tls: "starttls" }],
    }),
    mechanism: "auto",
  },
  appPassword: {
    offered: "with-two-step",
    name: "Application-specific password",
    note: "In 'My Account' under Security. Without two-factor authentication the account's password works.",
  },
  quirks,
  errors,
  facts: {
    match: seen(ispdb("gmx.com"), ispdb("mail.com")),
    mail: seen(ispdb("gmx.com")),
    appPassword: seen("products.navigator-bs.gmx.com/security/2fa"),
    "quirks.no-oauth": seen(ispdb("gmx.com")),
    "quirks.switch-imap-on": assumed("as gmx.net"),
    errors: assumed(),
  },
  unknown: ["Limits"],
});
