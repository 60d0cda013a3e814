// Proton Mail: not for Postern. Its own Bridge is what Postern is for others.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { PasswordPreset } from "../preset.ts";
import { words } from "./sources.ts";

export const proton = deepFreeze<PasswordPreset>({
  id: "proton",
  name: "Proton Mail",
  kind: "password",
  match: {
    domains: words("proton.me protonmail.com protonmail.ch pm.me"),
    mx: [{ suffix: "mail.protonmail.ch" }, { suffix: "mailsec.protonmail.ch" }],
  },
  instead: {
    name: "Proton Mail Bridge",
    text: "Proton's servers keep mail encrypted and offer no IMAP or SMTP. Proton Mail Bridge runs on your own computer and gives mail programs a local password, as Postern does; enter its settings in the mail program directly.",
    page: "https://proton.me/mail/bridge",
  },
  appPassword: { offered: "no", note: "Bridge shows a password for mail programs; it works there only." },
  quirks: {
    ports:
      "Bridge usually listens at 127.0.0.1, port 1143 for IMAP and 1025 for SMTP, both with STARTTLS and a certificate of its own.",
    paid: "Bridge is for paying customers.",
  },
  errors: [],
  facts: {
    match: assumed(),
    instead: seen("proton.me/support/protonmail-bridge-faq"),
    appPassword: seen("proton.me/support/protonmail-bridge-faq"),
    "quirks.ports": assumed("general knowledge; reports of users name the same ports"),
    "quirks.paid": seen("proton.me/support/protonmail-bridge-faq"),
  },
  unknown: [],
});
