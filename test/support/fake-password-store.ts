// A password store in memory that does what the systems' own do to us: limits, faults, lost writes, a sudden end.
import { PosternError } from "../../src/errors/postern-error.ts";
import { explainKeytar } from "../../src/oauth/keychain/keytar-store.ts";
import type { PasswordStore } from "../../src/oauth/keychain/password-store.ts";

export interface FakePasswordStore extends PasswordStore {
  /** The entries, as they lie on the "disk". */
  readonly entries: Map<string, string>;
  /** How many calls have been made. */
  calls(): number;
  /** The process ends just before the call of this number (counted from now, 1 first): it and all later ones never return. */
  dieBefore(call: number): void;
  /** Every write fails with this text of the system's until told otherwise. */
  refuseWrites(text: string | undefined): void;
  /** Locked as GNOME Keyring is: reads find nothing, writes are refused. */
  setLocked(locked: boolean): void;
  /** Writes are accepted and lost. */
  loseWrites(): void;
}

export class ProcessEnded extends Error {}

/** @param options.largest bytes a value may have; Windows: CRED_MAX_CREDENTIAL_BLOB_SIZE */
export function createFakePasswordStore(
  options: { largest?: number; entries?: Map<string, string> } = {},
): FakePasswordStore {
  const entries = options.entries ?? new Map<string, string>();
  const { largest = Number.POSITIVE_INFINITY } = options;
  let calls = 0;
  let deadline = Number.POSITIVE_INFINITY;
  let refusal: string | undefined;
  let locked = false;
  let losing = false;

  function called(): void {
    calls += 1;
    if (calls >= deadline) throw new ProcessEnded();
  }

  return {
    entries,
    calls: () => calls,
    dieBefore(call) {
      deadline = calls + call;
    },
    refuseWrites(text) {
      refusal = text;
    },
    setLocked(next) {
      locked = next;
    },
    loseWrites() {
      losing = true;
    },
    async get(name) {
      called();
      return locked ? null : (entries.get(name) ?? null);
    },
    async set(name, value) {
      called();
      if (value === "") throw new PosternError("keychain-failed", { detail: "Password is required." });
      if (locked) throw explainKeytar(new Error("Cannot create an item in a locked collection"));
      if (refusal !== undefined) throw explainKeytar(new Error(refusal));
      if (Buffer.byteLength(value) > largest) throw explainKeytar(new Error("The stub received bad data."));
      if (!losing) entries.set(name, value);
    },
    async remove(name) {
      called();
      if (!locked) entries.delete(name);
    },
  };
}
