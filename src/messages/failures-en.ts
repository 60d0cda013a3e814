// What the window and the tray say of each failure, in English. Invariant: every code of the catalogue is here; no command
// lines, and none of the words that only experts know.
import type { ErrorCode } from "../errors/catalogue.ts";
import type { FailureText } from "./failure-text.ts";
import { signInFailuresEn } from "./sign-in-failures-en.ts";

export const failuresEn: Readonly<Record<ErrorCode, FailureText>> = {
  ...signInFailuresEn,
  "wrong-local-password": {
    say: "A mail program used a user name or a local password that Postern does not know.",
    do: "Give it the values of the settings card, with a new local password.",
  },
  "local-user-unknown": {
    say: "A mail program used a user name that no account has.",
    do: "Give it the whole mail address as its user name, as on the settings card.",
  },
  "tls-on-plain-port": {
    say: "A mail program tried an encrypted connection to Postern, which takes none.",
    do: "Choose no encryption (neither SSL/TLS nor STARTTLS) in the mail program: the connection does not leave this computer.",
  },
  "other-protocol": {
    say: "A program spoke another protocol than this port takes.",
    do: "Compare the port in the mail program with the settings card.",
  },
  "upstream-unreachable": {
    say: "Your provider’s mail server cannot be reached.",
    do: "Your mail waits there, and Postern keeps trying. If it lasts, check this computer’s network connection.",
  },
  "upstream-timeout": {
    say: "Your provider’s mail server did not answer in time.",
    do: "Nothing to do: the next try may work.",
  },
  "upstream-closed": {
    say: "Your provider’s mail server hung up before the login was done.",
    do: "Nothing to do: the next try may work.",
  },
  "upstream-certificate": {
    say: "The secure connection to your provider’s mail server failed, so nothing was sent.",
    do: "If your organisation inspects secure connections, name its certificate authority in the settings. Otherwise do not trust this network.",
  },
  "upstream-without-tls": {
    say: "The mail server offers no secure connection, and Postern never sends a sign-in without one.",
    do: "Port and security of the server may be wrong: add the account again with the right ones.",
  },
  "upstream-protocol": {
    say: "What answers there does not speak like a mail server.",
    do: "Check the server’s name and port in the technical details. If they are right, the network may be altering the connection.",
  },
  "upstream-no-mechanism": {
    say: "The mail server does not take this kind of sign-in.",
    do: "Check the server’s name, or add the account again with a password if your provider gives one for mail programs.",
  },
  "upstream-no-password-mechanism": {
    say: "The mail server takes no password.",
    do: "Add the account again, and sign in in the browser.",
  },
  "upstream-password-refused": {
    say: "Your provider refused the mailbox’s password, so mail has stopped.",
    do: "Enter the right one. Many providers want an app password, made for one program, in place of your own.",
  },
  "upstream-refused": {
    say: "The mail server does not accept the sign-in for this mailbox.",
    do: "Check that you signed in with this mailbox’s own address, then sign in again.",
  },
  "upstream-smtp-auth-disabled": {
    say: "Sending is switched off for this mailbox or for the whole organisation. Reading still works.",
    do: "Ask your administrator to switch on “Authenticated SMTP” for it.",
  },
  "mailbox-not-connected": {
    say: "The mail server accepts the sign-in, but does not open this mailbox.",
    do: "Either somebody else’s sign-in is in use, or the mailbox is shared and you have no permission for it, or IMAP is switched off for it, or the server limits it for a moment; that last one passes by itself.",
  },
  "upstream-imap-disabled": {
    say: "Reading mail with a mail program (IMAP) is switched off for this mailbox.",
    do: "Gmail: switch it on in its settings, under Forwarding and POP/IMAP. Elsewhere, ask your administrator.",
  },
  "account-hosts-changed": {
    say: "This account now names other servers than the ones that you agreed to, so Postern sends them nothing.",
    do: "Compare both. Agree only if you know why they changed.",
  },
  "mailbox-refused-sign-in": {
    say: "The mail server does not open this mailbox for whoever signed in, so nothing was kept.",
    do: "Sign in with the mailbox’s own address. For a shared mailbox, name its owner under More first.",
  },
  "test-refused": {
    say: "Postern itself was refused when it tried what a mail program does.",
    do: "What was said stands in the technical details.",
  },
  "test-failed": {
    say: "Postern could not get as far as a login when it tried what a mail program does.",
    do: "What was said stands in the technical details.",
  },
  "listener-closed": {
    say: "Mail programs cannot reach Postern for this protocol now.",
    do: "See in the settings why the port cannot be used.",
  },
  "upstream-throttled": {
    say: "Your provider limits this account for the moment.",
    do: "Nothing to do: it passes. Fewer mail programs at a time help.",
  },
  "keychain-not-chosen": {
    say: "It is not clear where sign-ins should be kept, so none can be used.",
    do: "Whoever set up Postern on this computer must choose; the technical details say how.",
  },
  "keychain-absent": {
    say: "This computer offers no safe place for sign-ins.",
    do: "Install and start a keychain, such as GNOME Keyring or KWallet.",
  },
  "keychain-locked": {
    say: "This computer’s keychain is locked, so mail waits.",
    do: "Unlock it; Postern goes on by itself. Nothing is lost.",
  },
  "keychain-slow": {
    say: "This computer’s keychain does not answer, so mail waits.",
    do: "Look for a window that asks for the keychain’s password.",
  },
  "keychain-full": {
    say: "This computer’s keychain has no room left.",
    do: "Make room on the disk; Postern tries again by itself.",
  },
  "keychain-too-large": {
    say: "This computer’s keychain does not take what Postern has to keep.",
    do: "This should not happen: report it with the diagnostics, which you can copy under Activity.",
  },
  "keychain-key-unusable": {
    say: "The key file for the stored sign-ins cannot be used.",
    do: "Whoever set up Postern on this computer must put it right; the technical details say how.",
  },
  "keychain-wrong-key": {
    say: "The stored sign-ins do not open with this key. They were left as they are.",
    do: "Start Postern with the key file that they were made with.",
  },
  "keychain-failed": {
    say: "This computer’s keychain could not be read or written.",
    do: "Check that the disk has room; Postern tries again at the next login.",
  },
  "sign-in-not-saved": {
    say: "Mail works, but the keychain refuses to store the newest part of the sign-in.",
    do: "Unlock the keychain or make room for it. Do not quit Postern before that.",
  },
  "proxy-unreachable": {
    say: "Your organisation’s proxy cannot be reached.",
    do: "Postern keeps trying. If it lasts, check the proxy in the settings.",
  },
  "proxy-refused": {
    say: "Your organisation’s proxy does not let this connection through.",
    do: "Check the proxy’s user and password in the settings, or connect to mail without it.",
  },
  "proxy-invalid": {
    say: "The proxy in the settings cannot be used.",
    do: "Correct its address in the settings.",
  },
  "proxy-certificate": {
    say: "The secure connection to your organisation’s proxy failed.",
    do: "If your organisation has its own certificate authority, name it in the settings.",
  },
  "account-unknown": {
    say: "There is no such account (any more).",
    do: "Choose one of the list.",
  },
  "account-exists": {
    say: "There is an account with this address already.",
    do: "Open it in the list. To change it, remove it first.",
  },
  "local-password-unknown": {
    say: "There is no local password of this name (any more).",
    do: "Look at the list of local passwords.",
  },
  "local-password-exists": {
    say: "There is a local password of this name already.",
    do: "Choose another name, or revoke the old one first.",
  },
  "request-invalid": { say: "Something that was entered is not valid.", do: "Check it and try again." },
  "control-refused": {
    say: "Postern did not accept what this window asked.",
    do: "Close this window and open it again.",
  },
  "daemon-not-running": {
    say: "Postern is not running.",
    do: "Your mail waits at your provider. This window goes on by itself as soon as Postern is back.",
  },
  "daemon-runs-already": {
    say: "Postern runs already on this computer.",
    do: "Use the one that runs.",
  },
  "home-unusable": {
    say: "The folder for Postern’s files cannot be used.",
    do: "It must belong to you, be closed to others, and have room.",
  },
  "state-from-the-future": {
    say: "A file was written by a newer Postern; it was left as it is.",
    do: "Start the newer Postern.",
  },
  "state-not-saved": {
    say: "The change could not be saved, so it was not made.",
    do: "Check that the disk has room, then try again.",
  },
  "policy-forbids": {
    say: "Your organisation does not allow accounts of this domain in Postern.",
    do: "Only your administrator can change that.",
  },
  "setting-locked": {
    say: "Your organisation has set this, so it was not changed.",
    do: "Only your administrator can change it.",
  },
  "service-failed": {
    say: "Postern could not set itself to start when you log in, or undo that.",
    do: "Try again. If it keeps failing, the details say what the system answered.",
  },
  "policy-unusable": {
    say: "Your organisation’s file of rules for Postern cannot be used.",
    do: "Tell your administrator; the technical details say what is wrong.",
  },
  "authority-file-unusable": {
    say: "The file of certificate authorities cannot be used.",
    do: "Choose a readable file with certificates in PEM form, in the settings.",
  },
  paused: { say: "Postern is paused, so mail waits.", do: "Let it go on when you are ready." },
  "shutting-down": {
    say: "Postern is shutting down.",
    do: "Your mail waits at your provider until Postern runs again.",
  },
  internal: {
    say: "Postern failed in a way it did not expect.",
    do: "Try again. If it lasts, report it with the diagnostics, which you can copy under Activity.",
  },
};
