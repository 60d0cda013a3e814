// Failures of the keychain: each is a state that passes or that a person can end; none of them deletes anything.
import type { CatalogueEntry } from "./catalogue-entry.ts";

export const keychainFailures = {
  "keychain-not-chosen": {
    category: "keychain",
    temporary: false,
    sentence: "It is not clear which keychain to use, so none is.",
    action:
      "Start with POSTERN_KEYCHAIN=file and POSTERN_KEYCHAIN_KEY_FILE=FILE, or without both for the system's keychain.",
    wire: "The keychain needs attention in Postern",
  },
  "keychain-absent": {
    category: "keychain",
    temporary: true,
    sentence: "This machine offers no keychain.",
    action:
      "On a desktop, install and start one (GNOME Keyring or KWallet, and libsecret). On a server, start Postern with POSTERN_KEYCHAIN=file and POSTERN_KEYCHAIN_KEY_FILE=FILE (32 bytes or more).",
    wire: "The keychain needs attention in Postern",
  },
  "keychain-locked": {
    category: "keychain",
    temporary: true,
    sentence: "The keychain is locked.",
    action: "Unlock it; Postern goes on by itself. Nothing is lost.",
    wire: "The keychain is locked; unlock it",
  },
  "keychain-slow": {
    category: "keychain",
    temporary: true,
    sentence: "The keychain does not answer.",
    action: "Look for a window that asks for the keychain's password; Postern goes on by itself.",
    wire: "The keychain does not answer; try again later",
  },
  "keychain-full": {
    category: "keychain",
    temporary: true,
    sentence: "The keychain has no room left.",
    action: "Make room on the disk; Postern tries again by itself.",
    wire: "The keychain needs attention in Postern",
  },
  "keychain-too-large": {
    category: "keychain",
    temporary: false,
    sentence: "The keychain refuses an entry of this size.",
    action: "Report this with your system's version: Postern cuts values to fit, so this should not happen.",
    wire: "The keychain needs attention in Postern",
  },
  "keychain-damaged": {
    category: "keychain",
    temporary: false,
    sentence: "The keychain holds only a part of this sign-in.",
    action: "Sign in again: postern login EMAIL",
    wire: "Sign in again in Postern",
  },
  "keychain-entry-missing": {
    category: "sign-in",
    temporary: false,
    sentence:
      "The sign-in is no longer in the keychain: somebody deleted it there, or another keychain is in use.",
    action: "Sign in again: postern login EMAIL",
    wire: "Sign in again in Postern",
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
} as const satisfies Record<string, CatalogueEntry>;
