// Which keychain is used: what was asked for, never another one silently (demands.md 10).
import { existsSync } from "node:fs";
import type { Clock } from "../clock/clock.ts";
import { createEncryptedFileKeychain } from "../oauth/keychain/encrypted-file.ts";
import type { Keychain } from "../oauth/keychain/keychain.ts";
import { createKeytarStore } from "../oauth/keychain/keytar-store.ts";
import { createNoKeychain } from "../oauth/keychain/no-keychain.ts";
import { createOsKeychain } from "../oauth/keychain/os-keychain.ts";
import { oneAtATime } from "../oauth/keychain/password-store.ts";

/** As the person sees it in the system's own list of entries. */
const SERVICE = "Postern";

export interface KeychainChoice {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the encrypted file is, or would be. */
  readonly encryptedFile: string;
  readonly clock: Clock;
  /** Whether something has been stored before, as far as Postern's own files know. */
  holdsEntries(): boolean;
}

export function chooseKeychain({ env, encryptedFile, clock, holdsEntries }: KeychainChoice): Keychain {
  const { POSTERN_KEYCHAIN: choice = "", POSTERN_KEYCHAIN_KEY_FILE: keyFile = "" } = env;
  switch (choice) {
    case "file":
      return keyFile === ""
        ? createNoKeychain("keychain-key-unusable", "POSTERN_KEYCHAIN_KEY_FILE is not set")
        : createEncryptedFileKeychain({ path: encryptedFile, keyFile });
    case "":
      // This home's sign-ins are in the file; looking for them elsewhere would find nobody signed in.
      if (existsSync(encryptedFile)) {
        return createNoKeychain(
          "keychain-not-chosen",
          `${encryptedFile} is there, POSTERN_KEYCHAIN=file is not set`,
        );
      }
      return createOsKeychain(oneAtATime(createKeytarStore(SERVICE), clock), holdsEntries);
    case "os":
      return createOsKeychain(oneAtATime(createKeytarStore(SERVICE), clock), holdsEntries);
    default:
      return createNoKeychain("keychain-not-chosen", `POSTERN_KEYCHAIN=${choice} is not known`);
  }
}
