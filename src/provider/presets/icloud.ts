// iCloud Mail.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { PasswordPreset } from "../preset.ts";
import { implicit, startTls } from "./server.ts";
import { ispdb, words } from "./sources.ts";

const APPLE_LIMITS = "support.apple.com/102198";
const ACCOUNT_PAGE = "https://account.apple.com/account/manage";
const refusal = {
  sentence: "iCloud does not take the password of the Apple account here.",
  action: `Make an app-specific password at ${ACCOUNT_PAGE} and give Postern that one.`,
};

export const icloud = deepFreeze<PasswordPreset>({
  id: "icloud",
  name: "iCloud Mail",
  kind: "password",
  match: { domains: words("icloud.com me.com mac.com"), mx: [{ suffix: "mail.icloud.com" }] },
  mail: {
    imap: implicit("imap.mail.me.com", 993, ["app-password"], { userName: "local-part" }),
    smtp: startTls("smtp.mail.me.com", 587, ["app-password"]),
    mechanism: "auto",
  },
  limits: { messageMegabytes: 20, messagesPerDay: 1000, recipientsPerDay: 1000 },
  appPassword: {
    offered: "with-two-step",
    name: "App-specific password",
    page: ACCOUNT_PAGE,
    note: "Under Sign-In and Security. Apple deletes all of them when the account's password changes.",
  },
  quirks: {
    "no-oauth": "Apple offers no sign-in for mail programs.",
    "no-pop3": "There is no POP3.",
    "user-name": "IMAP wants what stands before the @, SMTP the whole address.",
    "own-domains": "An address with a domain of one's own signs in with the Apple account's iCloud address.",
  },
  errors: [
    { where: "imap", says: "AUTHENTICATIONFAILED", ...refusal },
    { where: "smtp", says: "5.7.8", ...refusal },
  ],
  facts: {
    "match.domains": seen(ispdb("me.com")),
    "match.mx": assumed(),
    mail: seen(ispdb("me.com")),
    "mail.imap.accepts": seen("facts/providers.md §1"),
    "mail.smtp.accepts": seen("facts/providers.md §1"),
    limits: seen(APPLE_LIMITS),
    appPassword: seen("guides for iCloud Mail, 2026"),
    "appPassword.page": assumed(),
    "appPassword.note": assumed(),
    "quirks.no-oauth": seen(ispdb("me.com")),
    "quirks.no-pop3": seen(ispdb("me.com")),
    "quirks.user-name": seen(ispdb("me.com")),
    "quirks.own-domains": assumed(),
    errors: assumed(),
  },
  unknown: ["How many IMAP connections are allowed"],
});
