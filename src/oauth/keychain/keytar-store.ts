// The system's keychain through keytar, loaded at the first use: it needs libsecret on Linux, which servers may lack.
// Invariant: keytar's free texts end here; from here on a failure is a code of the catalogue.
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { isSea } from "node:sea";
import type { ErrorCode } from "../../errors/catalogue.ts";
import { PosternError } from "../../errors/postern-error.ts";
import type { PasswordStore } from "./password-store.ts";

type Keytar = typeof import("keytar");

/** @param service the name under which the system lists the entries */
export function createKeytarStore(service: string): PasswordStore {
  // Unlike import(), require() of what could not be loaded tries again: libsecret may be installed while Postern runs.
  const load = isSea() ? loadBesideExecutable : () => createRequire(import.meta.url)("keytar");

  async function use<T>(call: (keytar: Keytar) => Promise<T>): Promise<T> {
    try {
      return await call(load() as Keytar);
    } catch (thrown) {
      throw explainKeytar(thrown);
    }
  }

  return {
    get: (name) => use((keytar) => keytar.getPassword(service, name)),
    set: (name, value) => use((keytar) => keytar.setPassword(service, name, value)),
    remove: (name) => use(async (keytar) => void (await keytar.deletePassword(service, name))),
  };
}

/** The single executable has no packages: keytar's addon stands beside it, and has the functions of the package itself. */
function loadBesideExecutable(): unknown {
  // Where the executable really is: it may have been called by a link on PATH.
  return createRequire(realpathSync(process.execPath))("./keytar.node");
}

/** keytar gives no codes, only the systems' texts (oauth.md §1): the first that fits decides. */
const TEXTS: readonly (readonly [RegExp, ErrorCode])[] = [
  // What keytar says when libsecret is not installed, or this platform has no prebuilt addon.
  [/Failed to load keytar|keytar\.node|libsecret|cannot open shared object/i, "keychain-absent"],
  [
    /autolaunch D-Bus|unsupported transport|not provided by any \.service|Could not connect|ServiceUnknown/i,
    "keychain-absent",
  ],
  [
    /locked|dismissed|interaction is not allowed|user name or passphrase|canceled by the user/i,
    "keychain-locked",
  ],
  [/stub received bad data|parameter is incorrect|too large|too long/i, "keychain-too-large"],
  [/no space|disk full|quota|not enough (?:space|storage)/i, "keychain-full"],
  [/timed? ?out|did not receive a reply|NoReply/i, "keychain-slow"],
];

export function explainKeytar(thrown: unknown): PosternError {
  if (thrown instanceof PosternError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const code = TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? "keychain-failed";
  // The texts are the system's about itself; values are never in them. The cause is left out all the same.
  return new PosternError(code, { detail: text });
}
