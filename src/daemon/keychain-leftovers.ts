// Entries that a person wanted gone while the keychain could not be reached: named in the state file, and removed as soon
// as it can be. Invariant: what is named here is not used meanwhile.
import type { Clock } from "../clock/clock.ts";
import type { EntryName, Keychain } from "../oauth/keychain/keychain.ts";
import type { Document } from "../storage/document.ts";
import type { State } from "./config/state.ts";

export interface KeychainLeftovers {
  /** Removes an account's entries now or later. Gives whether some are left for later. */
  remove(accountId: string, purposes: readonly EntryName["purpose"][]): Promise<boolean>;
  /** Tries once, and then every five minutes while something is left. Never rejects. */
  retry(): Promise<void>;
}

const PAUSE = 300_000;

export function createKeychainLeftovers(
  keychain: Keychain,
  state: Document<State>,
  clock: Clock,
): KeychainLeftovers {
  let isScheduled = false;

  async function removeEach(names: readonly EntryName[]): Promise<EntryName[]> {
    const left: EntryName[] = [];
    for (const name of names) {
      await keychain.remove(name).catch(() => left.push(name));
    }
    return left;
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    clock.schedule(PAUSE, () => {
      isScheduled = false;
      void retry();
    });
  }

  async function retry(): Promise<void> {
    const before = state.current().leftInKeychain;
    if (before.length === 0) return;
    const left = await removeEach(before);
    // A sign-in since then has put another value there, which must not be removed any more.
    await state
      .change((current) => ({
        ...current,
        leftInKeychain: current.leftInKeychain.filter((one) => left.some((name) => isSame(one, name))),
      }))
      .catch(() => {});
    if (left.length > 0) schedule();
  }

  return {
    async remove(accountId, purposes) {
      const left = await removeEach(purposes.map((purpose) => ({ purpose, accountId })));
      if (left.length === 0) return false;
      await state.change((current) => ({ ...current, leftInKeychain: [...current.leftInKeychain, ...left] }));
      schedule();
      return true;
    },
    retry,
  };
}

function isSame(one: EntryName, other: EntryName): boolean {
  return one.purpose === other.purpose && one.accountId === other.accountId;
}
