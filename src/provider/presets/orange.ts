// Orange France, with Wanadoo's addresses.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { PasswordPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { ispdb } from "./sources.ts";

export const orange = deepFreeze<PasswordPreset>({
  id: "orange",
  name: "Orange (France)",
  kind: "password",
  match: { domains: ["orange.fr", "wanadoo.fr"], mx: [{ suffix: "orange.fr" }] },
  mail: {
    imap: implicit("imap.orange.fr", 993, ["password"]),
    pop3: implicit("pop.orange.fr", 995, ["password"]),
    smtp: implicit("smtp.orange.fr", 465, ["password"]),
    mechanism: "auto",
  },
  appPassword: { offered: "no", note: "The mail account's own password works." },
  quirks: {
    "no-oauth": "Orange offers no sign-in for other mail programs.",
    "allow-access":
      "Other mail programs may have to be allowed first, in Orange Mail's settings under access by other applications.",
  },
  errors: [],
  facts: {
    "match.domains": seen(ispdb("orange.fr")),
    "match.mx": assumed(),
    mail: seen(ispdb("orange.fr")),
    appPassword: assumed(),
    "quirks.no-oauth": seen(ispdb("orange.fr")),
    "quirks.allow-access": assumed("suggested by the title of Orange's help page"),
  },
  unknown: ["Limits", "Whether there are passwords for apps"],
});
