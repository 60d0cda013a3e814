// mail.com and its vanity domains.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { PasswordPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { ispdb, words } from "./sources.ts";

export const mailCom = deepFreeze<PasswordPreset>({
  id: "mail-com",
  name: "mail.com",
  kind: "password",
  match: {
    // The large ones; nearly two hundred others are told by their MX hosts.
    domains: words(`
      mail.com mail.org email.com post.com usa.com accountant.com consultant.com dr.com engineer.com cheerful.com
      techie.com linuxmail.org europe.com london.com uymail.com myself.com iname.com writeme.com`),
    mx: [{ suffix: "mail.com" }],
  },
  mail: {
    imap: implicit("imap.mail.com", 993, ["password", "app-password"], {
      alternatives: [{ host: "imap.mail.com", port: 143, tls: "starttls" }],
    }),
    pop3: implicit("pop.mail.com", 995, ["password", "app-password"], {
      alternatives: [{ host: "pop.mail.com", port: 110, tls: "starttls" }],
    }),
    smtp: implicit("smtp.mail.com", 465, ["password", "app-password"], {
      alternatives: [{ host: "smtp.mail.com", port: 587, tls: "starttls" }],
    }),
    mechanism: "auto",
  },
  appPassword: {
    offered: "with-two-step",
    name: "Application-specific password",
    page: "https://support.mail.com/security/2fa/application-specific-passwords.html",
    note: "On the home page under Security Options. Without two-factor authentication the account's password works.",
  },
  quirks: {
    "no-oauth": "mail.com offers no sign-in for other mail programs.",
    "paid-imap": "In some countries IMAP and POP3 are for paying customers only.",
  },
  errors: [],
  facts: {
    "match.domains": seen(ispdb("mail.com")),
    "match.mx": assumed(),
    mail: seen(ispdb("mail.com")),
    appPassword: seen("support.mail.com, application-specific passwords"),
    "quirks.no-oauth": seen(ispdb("mail.com")),
    "quirks.paid-imap": assumed(),
  },
  unknown: ["Limits"],
});
