// The operating system's store of small passwords, one call at a time (Keychain, Credential Manager, Secret Service).
// Invariant: at most one call is ever pending in the system: more of them on a hung Secret Service would freeze the
// whole process (oauth.md §1); who comes while one hangs is told so at once.
import { type Clock, withDeadline } from "../../clock/clock.ts";
import { PosternError, toPosternError } from "../../errors/postern-error.ts";

/** Entries of one service, by name. Every method rejects with PosternError `keychain-…`. */
export interface PasswordStore {
  /** Null where there is no such entry, and also, on Linux, where the keyring is locked and nobody can be asked. */
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** How long one call may take: a person may be looking at the system's own unlock window. Milliseconds. */
const DEADLINE = 10_000;

/** The same store, with its calls in a queue and a deadline for each. */
export function oneAtATime(store: PasswordStore, clock: Clock): PasswordStore {
  let last: Promise<unknown> = Promise.resolve();
  let hanging = false;

  async function inTurn<T>(call: () => Promise<T>): Promise<T> {
    const before = last;
    let release: () => void = () => {};
    last = new Promise<void>((resolve) => {
      release = resolve;
    });
    await before;
    if (hanging) {
      release();
      throw new PosternError("keychain-slow");
    }
    const pending = call().catch((thrown: unknown) => {
      throw toPosternError(thrown);
    });
    // The system goes on with a late call; nothing else may be asked of it until then.
    pending
      .catch(() => {})
      .finally(() => {
        hanging = false;
      });
    try {
      return await withDeadline(clock, DEADLINE, pending, () => {
        hanging = true;
        return new PosternError("keychain-slow");
      });
    } finally {
      release();
    }
  }

  return {
    get: (name) => inTurn(() => store.get(name)),
    set: (name, value) => inTurn(() => store.set(name, value)),
    remove: (name) => inTurn(() => store.remove(name)),
  };
}
