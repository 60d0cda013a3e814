// Where refresh tokens and client secrets are kept: one interface for the system's keychain and the encrypted file.
// Invariant: a value is replaced as a whole; after a crash an entry holds the old value or the new one.
import { Secret } from "../../secret/secret.ts";

export type KeychainValue = Secret<"keychain-value">;
export const keychainValue = (text: string): KeychainValue => new Secret("keychain-value", text);

/** One generation of an entry. Generations count up by one. */
export interface Generation {
  readonly number: number;
  readonly value: KeychainValue;
}

export interface KeychainEntry {
  readonly current: Generation;
  /** The value before, kept until `dropPredecessor`: a rotated token's successor may turn out not to work. */
  readonly predecessor: Generation | undefined;
}

export const PURPOSES = [
  "refresh-token",
  "client-secret",
  "trusted-hosts",
  "proxy-password",
  "upstream-password",
] as const;

/** What an entry is for, and of which account. */
export interface EntryName {
  readonly purpose: (typeof PURPOSES)[number];
  readonly accountId: string;
}

/** Every method rejects with PosternError `keychain-…`. */
export interface Keychain {
  readonly kind: "file" | "os" | "none";
  /** Whether entries can be read and written now; rejects with the reason. */
  check(): Promise<void>;
  /** Makes sure that something can be stored now, by storing something harmless: before a person is sent to sign in. */
  prepare(): Promise<void>;
  read(name: EntryName): Promise<KeychainEntry | undefined>;
  /** Makes `value` current and the former value its predecessor. Durable when it resolves; gives the generation. */
  replace(name: EntryName, value: KeychainValue): Promise<number>;
  dropPredecessor(name: EntryName): Promise<void>;
  /** Only because a person asked for it. */
  remove(name: EntryName): Promise<void>;
}

export function formatEntryName(name: EntryName): string {
  return `${name.purpose}:${name.accountId}`;
}
