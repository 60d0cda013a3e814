// Every failure Postern can name: what a person reads, what they can do, and what a mail program is told.
import type { CatalogueEntry } from "./catalogue-entry.ts";
import { keychainFailures } from "./keychain-failures.ts";
import { mailFailures } from "./mail-failures.ts";
import { networkFailures } from "./network-failures.ts";
import { providerFailures } from "./provider-failures.ts";
import { requestFailures } from "./request-failures.ts";
import { signInFailures } from "./sign-in-failures.ts";

export const catalogue = {
  ...mailFailures,
  ...signInFailures,
  ...providerFailures,
  ...keychainFailures,
  ...networkFailures,
  ...requestFailures,
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

/** The entry of a code, as the general type. */
export function describe(code: ErrorCode): CatalogueEntry {
  return catalogue[code];
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(catalogue, text);
}
