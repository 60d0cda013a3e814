// Failures of signing in and staying signed in.
import { type CatalogueEntry, NOT_FOR_THE_WIRE } from "./catalogue-entry.ts";

export const signInFailures = {
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
  "sign-in-as-somebody-else": {
    category: "sign-in",
    temporary: false,
    sentence: "Somebody else signed in than the account is for, so nothing was kept.",
    action:
      "Sign in with the account's own address: postern login EMAIL. If your provider knows this mailbox under the other name: postern login EMAIL --any-identity",
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
} as const satisfies Record<string, CatalogueEntry>;
