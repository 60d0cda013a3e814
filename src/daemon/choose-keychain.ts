// Which keychain is used: what was asked for, never another one silently (demands.md 10).
import { createEncryptedFileKeychain } from "../oauth/keychain/encrypted-file.ts";
import type { Keychain } from "../oauth/keychain/keychain.ts";
import { createNoKeychain } from "../oauth/keychain/no-keychain.ts";

export function chooseKeychain(
  env: Readonly<Record<string, string | undefined>>,
  encryptedFile: string,
): Keychain {
  const { POSTERN_KEYCHAIN: choice, POSTERN_KEYCHAIN_KEY_FILE: keyFile } = env;
  if (choice === undefined || choice === "") return createNoKeychain("keychain-not-chosen");
  if (choice !== "file") {
    return createNoKeychain("keychain-not-chosen", `POSTERN_KEYCHAIN=${choice} is not known`);
  }
  if (keyFile === undefined || keyFile === "") {
    return createNoKeychain("keychain-key-unusable", "POSTERN_KEYCHAIN_KEY_FILE is not set");
  }
  return createEncryptedFileKeychain({ path: encryptedFile, keyFile });
}
