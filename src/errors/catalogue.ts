// Every failure Postern can name: what a person reads, what they can do, and what a mail program is told.
// Invariant: `wire` is plain ASCII without CR or LF and says nothing that a stranger on localhost should not learn.

/** Decides the reply codes (protocol.md §7) and the colour of a status; one failure has one category. */
export type Category =
  | "local-password"
  | "network"
  | "sign-in"
  | "refused"
  | "disabled"
  | "throttled"
  | "certificate"
  | "keychain"
  | "configuration"
  | "request";

export interface CatalogueEntry {
  readonly category: Category;
  /** True when it may pass without anybody doing anything. */
  readonly temporary: boolean;
  /** One sentence for a person: what happened. */
  readonly sentence: string;
  /** One sentence for a person: what to do. */
  readonly action: string;
  /** What a mail program shows. */
  readonly wire: string;
}

const NOT_FOR_THE_WIRE = "Postern cannot serve this now";

export const catalogue = {
  "wrong-local-password": {
    category: "local-password",
    temporary: false,
    sentence: "A mail program used a user name or local password that Postern does not know.",
    action: "Give it the address and a password made with: postern password create EMAIL --name NAME",
    wire: "Use the password shown in Postern",
  },

  "authorization-server-unreachable": {
    category: "network",
    temporary: true,
    sentence: "Your provider's sign-in server cannot be reached.",
    action: "Nothing: Postern keeps the sign-in and asks again by itself. If it lasts, check the network.",
    wire: "Your provider's sign-in server cannot be reached; Postern tries again by itself",
  },
  "authorization-server-failing": {
    category: "network",
    temporary: true,
    sentence: "Your provider's sign-in server answered with an error that usually passes.",
    action: "Nothing: Postern keeps the sign-in and asks again by itself.",
    wire: "Your provider's sign-in server has a problem; Postern tries again by itself",
  },
  "authorization-server-certificate": {
    category: "certificate",
    temporary: false,
    sentence: "The secure connection to your provider's sign-in server failed.",
    action:
      "If your organisation inspects TLS, name its authority: postern settings set authority-file FILE. Otherwise do not trust this network.",
    wire: "Secure connection failed",
  },
  "authorization-server-metadata": {
    category: "configuration",
    temporary: false,
    sentence: "The issuer does not publish usable sign-in metadata.",
    action: "Check --issuer, or add the account again with --authorization-endpoint and --token-endpoint.",
    wire: NOT_FOR_THE_WIRE,
  },

  "signed-out": {
    category: "sign-in",
    temporary: false,
    sentence: "Nobody has signed in to this account yet.",
    action: "Sign in: postern login EMAIL",
    wire: "Sign in in Postern first",
  },
  "sign-in-refused-once": {
    category: "sign-in",
    temporary: true,
    sentence:
      "Your provider refused the stored sign-in once; Postern asks again in a minute before it gives up.",
    action: "Nothing yet. If it lasts, sign in again: postern login EMAIL",
    wire: "Sign in again in Postern if this lasts",
  },
  "sign-in-ended": {
    category: "sign-in",
    temporary: false,
    sentence: "The sign-in has ended: your provider no longer accepts it.",
    action: "Sign in again: postern login EMAIL",
    wire: "Sign in again in Postern",
  },
  "sign-in-denied": {
    category: "sign-in",
    temporary: false,
    sentence: "The sign-in was cancelled or refused in the browser.",
    action: "Try again: postern login EMAIL",
    wire: "Sign in again in Postern",
  },
  "sign-in-answer-refused": {
    category: "sign-in",
    temporary: false,
    sentence: "The answer from the browser does not belong to this sign-in, so it was not used.",
    action: "Start again with: postern login EMAIL. If it happens again, somebody may be interfering.",
    wire: "Sign in again in Postern",
  },
  "sign-in-timed-out": {
    category: "sign-in",
    temporary: false,
    sentence: "Nobody finished the sign-in in the browser within ten minutes.",
    action: "Start again with: postern login EMAIL",
    wire: "Sign in again in Postern",
  },
  "sign-in-cancelled": {
    category: "sign-in",
    temporary: false,
    sentence: "The sign-in was cancelled.",
    action: "Start again with: postern login EMAIL",
    wire: "Sign in again in Postern",
  },
  "sign-in-not-lasting": {
    category: "sign-in",
    temporary: false,
    sentence: "Your provider gave no refresh token, so the sign-in would end within the hour.",
    action: "Add the scope it wants for that (often offline_access) with --scope, then sign in again.",
    wire: "Sign in again in Postern",
  },
  "oauth-client-refused": {
    category: "configuration",
    temporary: false,
    sentence: "Your provider does not accept this client id, client secret, scope or request.",
    action: "Check the account's client id, secret and scope at the provider, then add the account again.",
    wire: "The sign-in settings need attention in Postern",
  },
  "access-token-unusable": {
    category: "configuration",
    temporary: false,
    sentence: "Your provider issued an access token that cannot be used for mail.",
    action:
      "Report this to the provider: the token has forbidden characters, is too long, or is not a Bearer token.",
    wire: NOT_FOR_THE_WIRE,
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
  "upstream-throttled": {
    category: "throttled",
    temporary: true,
    sentence: "The mail server limits this account for the moment.",
    action: "Nothing: it passes. Fewer connections at a time help.",
    wire: "The mail server limits this account for the moment; try again later",
  },

  "keychain-not-chosen": {
    category: "keychain",
    temporary: false,
    sentence: "No keychain is set up, so there is nowhere to keep a sign-in.",
    action:
      "Start with POSTERN_KEYCHAIN=file and POSTERN_KEYCHAIN_KEY_FILE=FILE (a file of 32 bytes or more).",
    wire: "The keychain needs attention in Postern",
  },
  "keychain-key-unusable": {
    category: "keychain",
    temporary: false,
    sentence: "The key file of the encrypted keychain cannot be used.",
    action: "POSTERN_KEYCHAIN_KEY_FILE must name a readable file of 32 bytes or more.",
    wire: "The keychain needs attention in Postern",
  },
  "keychain-wrong-key": {
    category: "keychain",
    temporary: false,
    sentence: "The encrypted keychain does not open with this key; it was left as it is.",
    action:
      "Start with the key file that it was made with, or move the keychain file away and sign in again.",
    wire: "The keychain needs attention in Postern",
  },
  "keychain-failed": {
    category: "keychain",
    temporary: true,
    sentence: "The keychain could not be read or written.",
    action: "Check disk space and permissions; Postern tries again at the next login.",
    wire: "The keychain needs attention in Postern",
  },

  "sign-in-not-saved": {
    category: "keychain",
    temporary: true,
    sentence: "The sign-in works, but the keychain refuses to store its newest part; Postern keeps trying.",
    action:
      "Unlock the keychain, or make room for it; do not stop Postern before that, or you must sign in again.",
    wire: "The keychain needs attention in Postern",
  },

  "account-unknown": {
    category: "request",
    temporary: false,
    sentence: "There is no such account.",
    action: "List the accounts: postern account list",
    wire: NOT_FOR_THE_WIRE,
  },
  "account-exists": {
    category: "request",
    temporary: false,
    sentence: "There is an account with this address already.",
    action: "Look at it: postern account show EMAIL. To change it, remove it first.",
    wire: NOT_FOR_THE_WIRE,
  },
  "local-password-unknown": {
    category: "request",
    temporary: false,
    sentence: "There is no local password of this name.",
    action: "List them: postern password list EMAIL",
    wire: NOT_FOR_THE_WIRE,
  },
  "local-password-exists": {
    category: "request",
    temporary: false,
    sentence: "There is a local password of this name already.",
    action: "Choose another name, or revoke it first: postern password revoke EMAIL --name NAME",
    wire: NOT_FOR_THE_WIRE,
  },
  "request-invalid": {
    category: "request",
    temporary: false,
    sentence: "The request is not valid.",
    action: "See --help.",
    wire: NOT_FOR_THE_WIRE,
  },
  "control-refused": {
    category: "request",
    temporary: false,
    sentence: "The daemon refused the request: the caller did not prove who it is.",
    action: "Use the same POSTERN_HOME and the same user as the daemon.",
    wire: NOT_FOR_THE_WIRE,
  },
  "daemon-not-running": {
    category: "request",
    temporary: false,
    sentence: "Postern is not running.",
    action: "Start it: postern serve",
    wire: NOT_FOR_THE_WIRE,
  },
  "daemon-runs-already": {
    category: "configuration",
    temporary: false,
    sentence: "Postern runs already for this home.",
    action: "Use the running one, stop it first, or set POSTERN_HOME to another folder.",
    wire: NOT_FOR_THE_WIRE,
  },
  "home-unusable": {
    category: "configuration",
    temporary: false,
    sentence: "The folder for Postern's files cannot be used.",
    action: "It must belong to you and be closed to others (chmod 700), with room to write.",
    wire: NOT_FOR_THE_WIRE,
  },
  "state-from-the-future": {
    category: "configuration",
    temporary: false,
    sentence: "A file was written by a newer Postern; it was left as it is.",
    action: "Start the newer Postern, or set POSTERN_HOME to another folder.",
    wire: NOT_FOR_THE_WIRE,
  },
  "state-not-saved": {
    category: "configuration",
    temporary: true,
    sentence: "The change could not be saved, so it was not made.",
    action: "Check disk space and permissions of the folder, then try again.",
    wire: NOT_FOR_THE_WIRE,
  },
  "authority-file-unusable": {
    category: "configuration",
    temporary: false,
    sentence: "The authority file cannot be used.",
    action: "It must be a readable file with certificates in PEM form.",
    wire: NOT_FOR_THE_WIRE,
  },
  "shutting-down": {
    category: "network",
    temporary: true,
    sentence: "Postern is shutting down.",
    action: "Start it again: postern serve",
    wire: "Shutting down",
  },
  internal: {
    category: "configuration",
    temporary: true,
    sentence: "Postern failed in a way it did not expect.",
    action: "Look at the log, and report it with the lines around this time.",
    wire: NOT_FOR_THE_WIRE,
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

/** The entry of a code, as the general type. */
export function describe(code: ErrorCode): CatalogueEntry {
  return catalogue[code];
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(catalogue, text);
}
