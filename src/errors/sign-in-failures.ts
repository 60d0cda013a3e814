// Failures of signing in and staying signed in.
import { type CatalogueEntry, NOT_FOR_THE_WIRE } from "./catalogue-entry.ts";

export const signInFailures = {
  "authorization-server-unreachable": {
    category: "network",
    temporary: true,
    sentence: "Your provider's sign-in server cannot be reached.",
    action:
      "Nothing: Postern keeps the sign-in and asks again by itself. If you are signing in now, try again in a while. If it lasts, check the network.",
    wire: "Your provider's sign-in server cannot be reached; Postern tries again by itself",
  },
  "authorization-server-failing": {
    category: "network",
    temporary: true,
    sentence: "Your provider's sign-in server answered with an error that usually passes.",
    action:
      "Nothing: Postern keeps the sign-in and asks again by itself. If you are signing in now, try again in a while.",
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
  "refresh-elsewhere": {
    category: "network",
    temporary: true,
    sentence: "Another process is renewing this sign-in and does not finish.",
    action: "Nothing: Postern tries again by itself. If it lasts, stop the other process.",
    wire: "The sign-in is being renewed; try again later",
  },
  "signed-out": {
    category: "sign-in",
    temporary: false,
    sentence: "Nobody is signed in to this account.",
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
    sentence: "An answer came that does not belong to this sign-in, so it was not used.",
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
  "sign-in-as-somebody-else": {
    category: "sign-in",
    temporary: false,
    sentence: "Somebody else signed in than the account is for, so nothing was kept.",
    action:
      "Sign in with the account's own address: postern login EMAIL. If your provider knows this mailbox under the other name: postern login EMAIL --any-identity",
    wire: "Sign in again in Postern",
  },
  "sign-in-not-agreed": {
    category: "sign-in",
    temporary: false,
    sentence:
      "Somebody else signed in than the account is for, and nobody agreed to that, so nothing was kept.",
    action: "Sign in with the account's own address: postern login EMAIL",
    wire: "Sign in again in Postern",
  },
  "identity-not-proven": {
    category: "sign-in",
    temporary: false,
    sentence: "Your provider's statement about who signed in is not valid, so nothing was kept.",
    action:
      "Check this machine's clock, and the account's issuer and client id; then start again: postern login EMAIL. If it happens again, somebody may be interfering.",
    wire: "Sign in again in Postern",
  },
  "scope-not-granted": {
    category: "sign-in",
    temporary: false,
    sentence: "Permission was not given for everything that mail needs.",
    action: "Sign in again, and leave every permission ticked: postern login EMAIL",
    wire: "Sign in again in Postern",
  },
  "answer-unusable": {
    category: "sign-in",
    temporary: false,
    sentence: "The pasted text does not hold this sign-in's answer.",
    action:
      "Paste the whole address that the browser ended at, also where the page says that it cannot be reached; or only the code, if a page shows one.",
    wire: "Sign in again in Postern",
  },
  "redirect-port-taken": {
    category: "sign-in",
    temporary: false,
    sentence: "Another program uses the port at which the browser's answer is expected.",
    action: "End that program, or take another port: postern login EMAIL --redirect-port PORT",
    wire: "Sign in again in Postern",
  },
  "flow-not-offered": {
    category: "sign-in",
    temporary: false,
    sentence: "Your provider does not offer this way of signing in for mail.",
    action:
      "Take another: postern login EMAIL --flow loopback, or --flow paste where the browser is elsewhere",
    wire: "Sign in again in Postern",
  },
  "device-address-refused": {
    category: "sign-in",
    temporary: false,
    sentence: "The page for the code is not on your provider's own host, so the sign-in was stopped.",
    action:
      "If you know that the host belongs to your provider: postern login EMAIL --flow device --verification-host HOST. Otherwise do not open it.",
    wire: "Sign in again in Postern",
  },
  "device-code-expired": {
    category: "sign-in",
    temporary: false,
    sentence: "Nobody typed the code in before it expired.",
    action: "Get a new code: postern login EMAIL --flow device",
    wire: "Sign in again in Postern",
  },
  "import-refused": {
    category: "sign-in",
    temporary: false,
    sentence: "Your provider does not accept this refresh token, so nothing was kept.",
    action:
      "It must have been issued to this account's client id, and must not have ended. Make a new one, or sign in here: postern login EMAIL",
    wire: "Sign in again in Postern",
  },
  "token-access-off": {
    category: "request",
    temporary: false,
    sentence: "Access tokens of this account are not given to other programs.",
    action: "Allow it, if you want to: postern account set EMAIL token-access on",
    wire: NOT_FOR_THE_WIRE,
  },
  "revocation-failed": {
    category: "refused",
    temporary: false,
    sentence: "You are signed out here, but your provider did not confirm that it has ended the sign-in.",
    action: "End it on your provider's page for connected apps.",
    wire: NOT_FOR_THE_WIRE,
  },
  "registration-refused": {
    category: "configuration",
    temporary: false,
    sentence: "Your provider did not register Postern by itself.",
    action:
      "Register it by hand with your provider, and add the account with the client id that you get: --client-id ID",
    wire: NOT_FOR_THE_WIRE,
  },
  "discovery-incomplete": {
    category: "configuration",
    temporary: false,
    sentence: "Not everything that signing in takes could be found out from the address.",
    action:
      "Name what is missing: postern account add EMAIL --issuer URL --client-id ID --imap HOST:PORT --smtp HOST:PORT",
    wire: NOT_FOR_THE_WIRE,
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
} as const satisfies Record<string, CatalogueEntry>;
