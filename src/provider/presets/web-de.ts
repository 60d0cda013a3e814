// WEB.DE.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { PasswordPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { ispdb } from "./sources.ts";

const refusal = {
  sentence: "WEB.DE does not let mail programs into this mailbox yet.",
  action:
    "Allow POP3 and IMAP in WEB.DE's mail settings. With two-factor authentication, make an application-specific password and give Postern that one.",
};

export const webDe = deepFreeze<PasswordPreset>({
  id: "web-de",
  name: "WEB.DE",
  kind: "password",
  match: { domains: ["web.de"], mx: [{ suffix: "web.de" }] },
  mail: {
    imap: implicit("imap.web.de", 993, ["password", "app-password"], {
      userName: "local-part",
      alternatives: [{ host: "imap.web.de", port: 143, tls: "starttls" }],
    }),
    pop3: implicit("pop3.web.de", 995, ["password", "app-password"], {
      userName: "local-part",
      alternatives: [{ host: "pop3.web.de", port: 110, tls: "starttls" }],
    }),
    smtp: implicit("smtp.web.de", 465, ["password", "app-password"], {
      userName: "local-part",
      alternatives: [{ host: "smtp.web.de", port: 587, tls: "starttls" }],
    }),
    mechanism: "auto",
  },
  limits: { minutesBetweenPop3Checks: 15 },
  appPassword: {
    offered: "with-two-step",
    name: "Anwendungsspezifisches Passwort",
    note: "In 'Mein Account' under Sicherheit. Without two-factor authentication the account's password works.",
  },
  quirks: {
    "no-oauth": "WEB.DE offers no sign-in for other mail programs.",
    "switch-imap-on": "POP3 and IMAP must be allowed once, in WEB.DE's mail settings under POP3/IMAP Abruf.",
    "pop3-pause":
      "Whoever looks for mail over POP3 more often than every 15 minutes is refused as if the password were wrong.",
  },
  errors: [
    { where: "imap", says: "authentication failed", ...refusal },
    { where: "smtp", says: "Authentication credentials invalid", ...refusal },
  ],
  facts: {
    "match.domains": seen(ispdb("web.de")),
    "match.mx": assumed(),
    mail: seen(ispdb("web.de")),
    limits: seen(ispdb("web.de")),
    appPassword: assumed("as GMX, which belongs to the same company"),
    "quirks.no-oauth": seen(ispdb("web.de")),
    "quirks.switch-imap-on": seen(ispdb("web.de")),
    "quirks.pop3-pause": seen(ispdb("web.de")),
    errors: assumed(),
  },
  unknown: ["Other limits"],
});
