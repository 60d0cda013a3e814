// 1&1: its access customers, and the mailboxes of those whose domains it hosts.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { PasswordPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { ispdb, words } from "./sources.ts";

export const oneAndOne = deepFreeze<PasswordPreset>({
  id: "1und1",
  name: "1&1 and IONOS (Germany)",
  kind: "password",
  match: {
    domains: words(`
      online.de onlinehome.de sofortstart.de sofort-start.de sofortsurf.de sofort-surf.de go4more.de`),
    mx: [
      { suffix: "kundenserver.de" },
      { suffix: "schlund.de" },
      { suffix: "mx00.ionos.de" },
      { suffix: "mx01.ionos.de" },
    ],
  },
  mail: {
    imap: implicit("imap.1und1.de", 993, ["password"], {
      alternatives: [{ host: "imap.1und1.de", port: 143, tls: "starttls" }],
    }),
    pop3: implicit("pop.1und1.de", 995, ["password"], {
      alternatives: [{ host: "pop.1und1.de", port: 110, tls: "starttls" }],
    }),
    smtp: implicit("smtp.1und1.de", 465, ["password"], {
      alternatives: [{ host: "smtp.1und1.de", port: 587, tls: "starttls" }],
    }),
    mechanism: "auto",
  },
  appPassword: {
    offered: "no",
    note: "The mailbox has a password of its own, apart from the customer account's.",
  },
  quirks: { "no-oauth": "1&1 offers no sign-in for other mail programs." },
  errors: [],
  facts: {
    "match.domains": seen(ispdb("1und1.de")),
    "match.mx.0": seen(ispdb("1und1.de")),
    "match.mx.1": seen(ispdb("1und1.de")),
    "match.mx.2": assumed(),
    "match.mx.3": assumed(),
    mail: seen(ispdb("1und1.de")),
    appPassword: assumed(),
    "quirks.no-oauth": seen(ispdb("1und1.de")),
  },
  unknown: ["Limits"],
});
