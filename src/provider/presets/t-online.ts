// T-Online, Telekom Mail.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { PasswordPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { ispdb } from "./sources.ts";

const PASSWORD_PAGE = "https://www.telekom.de/hilfe/apps-dienste/e-mail/programme/passwort-verwalten";
const refusal = {
  sentence: "Telekom does not take the password of the customer account here.",
  action: `Set up a password for mail programs (${PASSWORD_PAGE}) and give Postern that one.`,
};

export const tOnline = deepFreeze<PasswordPreset>({
  id: "t-online",
  name: "T-Online (Telekom Mail)",
  kind: "password",
  match: { domains: ["t-online.de", "magenta.de"], mx: [{ suffix: "t-online.de" }] },
  mail: {
    imap: implicit("secureimap.t-online.de", 993, ["app-password"]),
    pop3: implicit("securepop.t-online.de", 995, ["app-password"]),
    smtp: implicit("securesmtp.t-online.de", 465, ["app-password"], {
      alternatives: [{ host: "securesmtp.t-online.de", port: 587, tls: "starttls" }],
    }),
    mechanism: "auto",
  },
  appPassword: {
    offered: "yes",
    name: "Passwort für E-Mail-Programme (E-Mail-Passwort)",
    page: PASSWORD_PAGE,
  },
  quirks: {
    "no-oauth": "Telekom offers no sign-in for other mail programs.",
    "own-password": "The password of the website and the web mailer does not work in mail programs.",
  },
  errors: [
    { where: "imap", says: "AUTHENTICATIONFAILED", ...refusal },
    { where: "smtp", says: "5.7.0", ...refusal },
  ],
  facts: {
    "match.domains": seen(ispdb("t-online.de")),
    "match.mx": assumed(),
    mail: seen(ispdb("t-online.de")),
    appPassword: seen(ispdb("t-online.de"), "login24.email on T-Online"),
    "quirks.no-oauth": seen(ispdb("t-online.de")),
    "quirks.own-password": seen(ispdb("t-online.de")),
    errors: assumed(),
  },
  unknown: ["Limits"],
});
