// Failures between a mail program, Postern and the mail server.
import type { CatalogueEntry } from "./catalogue-entry.ts";

/** The same for both: a stranger is not told which names exist. */
const WRONG_LOGIN = "Use the password shown in Postern";

export const mailFailures = {
  "wrong-local-password": {
    category: "local-password",
    temporary: false,
    sentence: "A mail program used a local password that Postern does not know.",
    action: "Give it a password made with: postern password create EMAIL --name NAME",
    wire: WRONG_LOGIN,
  },
  "local-user-unknown": {
    category: "local-password",
    temporary: false,
    sentence: "A mail program used a user name that no account has.",
    action: "Give it the whole mail address as its user name: postern account list",
    wire: WRONG_LOGIN,
  },
  "tls-on-plain-port": {
    category: "request",
    temporary: false,
    sentence: "A mail program tried an encrypted connection, and Postern takes plain ones.",
    action:
      "Choose no encryption (not SSL/TLS, not STARTTLS) in the mail program: the connection does not leave this machine.",
    wire: "This port takes no encryption",
  },
  "other-protocol": {
    category: "request",
    temporary: false,
    sentence: "A program spoke another protocol than the one that this port takes.",
    action: "Check the port in the mail program. Which one takes what: postern status",
    wire: "This port takes another protocol",
  },
  "upstream-unreachable": {
    category: "network",
    temporary: true,
    sentence: "The mail server cannot be reached.",
    action: "Nothing: the next try may work. If it lasts, check the network and the host name.",
    wire: "The mail server cannot be reached; try again later",
  },
  "upstream-timeout": {
    category: "network",
    temporary: true,
    sentence: "The mail server did not answer in time.",
    action: "Nothing: the next try may work.",
    wire: "The mail server did not answer in time; try again later",
  },
  "upstream-closed": {
    category: "network",
    temporary: true,
    sentence: "The mail server closed the connection during the login.",
    action: "Nothing: the next try may work.",
    wire: "The mail server closed the connection; try again later",
  },
  "upstream-certificate": {
    category: "certificate",
    temporary: false,
    sentence: "The secure connection to the mail server failed.",
    action:
      "Check the host name. If your organisation inspects TLS, name its authority: postern settings set authority-file FILE.",
    wire: "Secure connection failed",
  },
  "upstream-without-tls": {
    category: "refused",
    temporary: false,
    sentence: "The mail server does not offer STARTTLS, and Postern never sends a sign-in unencrypted.",
    action: "Check port and TLS mode: --imap-tls or --smtp-tls implicit is usual on ports 993 and 465.",
    wire: "Secure connection failed",
  },
  "upstream-protocol": {
    category: "refused",
    temporary: false,
    sentence: "The mail server's answer does not follow the protocol.",
    action: "Check host and port. If they are right, the network may be altering the connection.",
    wire: "The mail server gave an answer that Postern does not accept",
  },
  "upstream-no-mechanism": {
    category: "refused",
    temporary: false,
    sentence: "The mail server offers neither OAUTHBEARER nor XOAUTH2.",
    action:
      "Check the host, or force one with --mechanism where the server accepts what it does not announce.",
    wire: "The mail server does not accept this kind of sign-in",
  },
  "upstream-no-password-mechanism": {
    category: "refused",
    temporary: false,
    sentence: "The mail server offers neither PLAIN nor LOGIN, so it takes no password.",
    action:
      "Check the host. If the provider wants a sign-in in the browser, add the account again without --password.",
    wire: "The mail server does not accept this kind of sign-in",
  },
  "upstream-password-refused": {
    category: "sign-in",
    temporary: false,
    sentence: "The mail server refused the mailbox's password.",
    action:
      "Give Postern the right one: postern login EMAIL. Many providers want an app password, made for one program, in place of your own.",
    wire: "The mailbox's password needs attention in Postern",
  },
  "upstream-refused": {
    category: "refused",
    temporary: false,
    sentence: "The mail server refused the sign-in twice, the second time with a new access token.",
    action:
      "Check that the account's address and scope fit this mailbox; then sign in again: postern login EMAIL",
    wire: "The mail server refused the sign-in; see Postern",
  },
  "upstream-smtp-auth-disabled": {
    category: "disabled",
    temporary: false,
    sentence: "Sending over SMTP is switched off for this mailbox or organisation.",
    action:
      "Ask the administrator: Set-CASMailbox -Identity ADDRESS -SmtpClientAuthenticationDisabled $false",
    wire: "SMTP AUTH is disabled for this mailbox; ask your administrator",
  },
  "mailbox-not-connected": {
    category: "refused",
    temporary: true,
    sentence: "The mail server accepts the sign-in, but does not open the mailbox with it.",
    action:
      "It has one of four causes. Somebody else than the mailbox's owner signed in: see postern account show EMAIL. The mailbox is shared, and whoever signed in has no permission for it. IMAP is switched off for it; the administrator's line is: Set-CASMailbox -Identity EMAIL -ImapEnabled $true. Or the mail server limits it for the moment; then it passes by itself.",
    wire: "The mail server does not open this mailbox; see Postern",
  },
  "upstream-imap-disabled": {
    category: "disabled",
    temporary: false,
    sentence: "IMAP is switched off for this mailbox or organisation.",
    action:
      "Microsoft: ask the administrator for Set-CASMailbox -Identity EMAIL -ImapEnabled $true. Gmail: switch it on in the settings, under Forwarding and POP/IMAP, or ask your Workspace administrator.",
    wire: "IMAP is disabled for this mailbox; ask your administrator",
  },
  "account-hosts-changed": {
    category: "configuration",
    temporary: false,
    sentence:
      "The account names other servers than the ones that you agreed to, so its tokens are held back from them.",
    action:
      "Look at both: postern account show EMAIL. If the new ones are right: postern account trust EMAIL. If you did not change anything, do not.",
    wire: "The account's servers have changed; see Postern",
  },
  "mailbox-refused-sign-in": {
    category: "sign-in",
    temporary: false,
    sentence: "The mail server does not open this mailbox for whoever signed in, so nothing was kept.",
    action:
      "Sign in with the mailbox's own address: postern login EMAIL. For a shared mailbox, name who signs in first: postern account set EMAIL owner ADDRESS",
    wire: "Sign in again in Postern",
  },
  "test-refused": {
    category: "refused",
    temporary: false,
    sentence: "The server refused the test program's login.",
    action: "See what it said.",
    wire: "Login refused",
  },
  "test-failed": {
    category: "network",
    temporary: true,
    sentence: "The test program could not get as far as a login.",
    action: "See what it said.",
    wire: "Login failed",
  },
  "listener-closed": {
    category: "configuration",
    temporary: true,
    sentence: "Postern does not listen for this protocol now.",
    action: "See why: postern status",
    wire: "Login failed",
  },
  "upstream-throttled": {
    category: "throttled",
    temporary: true,
    sentence: "The mail server limits this account for the moment.",
    action: "Nothing: it passes. Fewer connections at a time help.",
    wire: "The mail server limits this account for the moment; try again later",
  },
} as const satisfies Record<string, CatalogueEntry>;
