// The one button for each failure. Pure. Invariant: every code of the catalogue is here, so that a new one must be thought about.
import type { FailureCode } from "../src/messages/failures.ts";

export type Remedy =
  /** In the browser, or with the mailbox's password. */
  | "sign-in"
  /** Shows the servers that were agreed to, and those that are named now. */
  | "compare-hosts"
  /** The card of values, with a new local password. */
  | "connect"
  /** Copies what an administrator needs. */
  | "copy-letter"
  /** The guide to a client id. */
  | "guide"
  | "settings"
  | "add-again"
  | "resume"
  /** Tries every leg of the way, now. */
  | "check"
  | "diagnostics";

const REMEDIES: Readonly<Record<FailureCode, Remedy>> = {
  "wrong-local-password": "connect",
  "local-user-unknown": "connect",
  "tls-on-plain-port": "connect",
  "other-protocol": "connect",
  "upstream-unreachable": "check",
  "upstream-timeout": "check",
  "upstream-closed": "check",
  "upstream-certificate": "settings",
  "upstream-without-tls": "add-again",
  "upstream-protocol": "check",
  "upstream-no-mechanism": "add-again",
  "upstream-no-password-mechanism": "add-again",
  "upstream-password-refused": "sign-in",
  "upstream-refused": "sign-in",
  "upstream-smtp-auth-disabled": "copy-letter",
  "mailbox-not-connected": "check",
  "upstream-imap-disabled": "copy-letter",
  "account-hosts-changed": "compare-hosts",
  "mailbox-refused-sign-in": "sign-in",
  "test-refused": "check",
  "test-failed": "check",
  "listener-closed": "settings",
  "upstream-throttled": "check",
  "keychain-not-chosen": "diagnostics",
  "keychain-absent": "check",
  "keychain-locked": "check",
  "keychain-slow": "check",
  "keychain-full": "check",
  "keychain-too-large": "diagnostics",
  "keychain-damaged": "sign-in",
  "keychain-entry-missing": "sign-in",
  "keychain-key-unusable": "diagnostics",
  "keychain-wrong-key": "diagnostics",
  "keychain-failed": "check",
  "sign-in-not-saved": "check",
  "proxy-unreachable": "settings",
  "proxy-refused": "settings",
  "proxy-invalid": "settings",
  "proxy-certificate": "settings",
  "authorization-server-unreachable": "check",
  "authorization-server-failing": "check",
  "authorization-server-certificate": "settings",
  "authorization-server-metadata": "add-again",
  "refresh-elsewhere": "check",
  "signed-out": "sign-in",
  "sign-in-refused-once": "check",
  "sign-in-ended": "sign-in",
  "sign-in-denied": "sign-in",
  "sign-in-answer-refused": "sign-in",
  "sign-in-timed-out": "sign-in",
  "sign-in-cancelled": "sign-in",
  "sign-in-as-somebody-else": "sign-in",
  "sign-in-not-agreed": "sign-in",
  "identity-not-proven": "sign-in",
  "scope-not-granted": "sign-in",
  "answer-unusable": "sign-in",
  "redirect-port-taken": "sign-in",
  "flow-not-offered": "sign-in",
  "device-address-refused": "sign-in",
  "device-code-expired": "sign-in",
  "import-refused": "sign-in",
  "token-access-off": "check",
  "revocation-failed": "check",
  "registration-refused": "add-again",
  "discovery-incomplete": "add-again",
  "sign-in-not-lasting": "add-again",
  "oauth-client-refused": "guide",
  "access-token-unusable": "diagnostics",
  "sign-in-unused": "sign-in",
  "sign-in-for-web-pages": "guide",
  "sign-in-frequency": "sign-in",
  "sign-in-password-changed": "sign-in",
  "sign-in-second-check": "sign-in",
  "consent-missing": "sign-in",
  "sign-in-session-lost": "sign-in",
  "sign-in-code-spent": "sign-in",
  "account-not-here": "sign-in",
  "account-locked": "copy-letter",
  "conditional-access-blocked": "copy-letter",
  "admin-approval-needed": "copy-letter",
  "public-client-flows-off": "guide",
  "client-secret-unwanted": "add-again",
  "client-secret-wrong": "guide",
  "redirect-for-web-pages": "guide",
  "redirect-uri-mismatch": "guide",
  "request-malformed": "add-again",
  "wrong-tenant-endpoint": "guide",
  "scope-refused": "guide",
  "request-loop": "check",
  "device-flow-blocked": "sign-in",
  "device-code-pending": "sign-in",
  "device-code-wrong": "sign-in",
  "device-code-used": "sign-in",
  "sign-in-timed-out-microsoft": "sign-in",
  "google-sign-in-revoked": "sign-in",
  "google-sign-in-unused": "sign-in",
  "google-testing-expiry": "guide",
  "google-reauthentication": "sign-in",
  "google-client-deleted": "guide",
  "google-admin-blocks": "copy-letter",
  "google-client-internal": "guide",
  "browser-not-accepted": "sign-in",
  "sign-in-timed-out-google": "sign-in",
  "account-unknown": "add-again",
  "account-exists": "check",
  "local-password-unknown": "connect",
  "local-password-exists": "connect",
  "request-invalid": "check",
  "control-refused": "diagnostics",
  "daemon-not-running": "diagnostics",
  "daemon-runs-already": "diagnostics",
  "home-unusable": "diagnostics",
  "state-from-the-future": "diagnostics",
  "state-not-saved": "check",
  "setting-locked": "copy-letter",
  "policy-forbids": "copy-letter",
  "policy-unusable": "copy-letter",
  "service-failed": "diagnostics",
  "authority-file-unusable": "settings",
  paused: "resume",
  "shutting-down": "check",
  internal: "diagnostics",
};

export interface RemedyFacts {
  /** Of a status or a failure; one that this window does not know is none of its own. */
  readonly code: FailureCode;
  readonly hasLetter: boolean;
  /** Whether there is a guide for the account's provider. */
  readonly hasProvider: boolean;
}

export function remedyFor({ code, hasLetter, hasProvider }: RemedyFacts): Remedy {
  const remedy = REMEDIES[code];
  if (hasLetter && remedy !== "sign-in") return "copy-letter";
  return remedy === "guide" && !hasProvider ? "add-again" : remedy;
}
