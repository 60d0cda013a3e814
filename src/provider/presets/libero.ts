// Libero Mail (Italy) and the domains that belong to it.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { PasswordPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { ispdb, words } from "./sources.ts";

export const libero = deepFreeze<PasswordPreset>({
  id: "libero",
  name: "Libero Mail",
  kind: "password",
  match: { domains: words("libero.it iol.it blu.it inwind.it giallo.it"), mx: [{ suffix: "libero.it" }] },
  mail: {
    imap: implicit("imapmail.libero.it", 993, ["password", "app-password"]),
    pop3: implicit("popmail.libero.it", 995, ["password", "app-password"]),
    smtp: implicit("smtp.libero.it", 465, ["password", "app-password"]),
    mechanism: "auto",
  },
  appPassword: {
    offered: "with-two-step",
    name: "Password specifica per app",
    note: "Without two-step verification the account's password works.",
  },
  quirks: { "no-oauth": "Libero offers no sign-in for other mail programs." },
  errors: [],
  facts: {
    "match.domains": seen(ispdb("libero.it")),
    "match.mx": assumed(),
    mail: seen(ispdb("libero.it")),
    appPassword: assumed(),
    "quirks.no-oauth": seen(ispdb("libero.it")),
  },
  unknown: ["Limits"],
});
