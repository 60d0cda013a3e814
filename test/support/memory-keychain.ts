// A keychain in memory that can fail and dawdle on demand. Invariant: like the real ones it does one thing at a time,
// in the order asked.
import { PosternError } from "../../src/errors/postern-error.ts";
import {
  type EntryName,
  formatEntryName,
  type Keychain,
  type KeychainEntry,
  keychainValue,
} from "../../src/oauth/keychain/keychain.ts";

export interface MemoryKeychain extends Keychain {
  /** Reads reject with `keychain-failed` while true. */
  failReads(failing: boolean): void;
  /** The next `times` writes (prepare, replace, dropPredecessor, remove) reject with `keychain-failed` and change nothing. */
  failWrites(times: number): void;
  /** Holds back every operation from now on, until the function that it gives is called. */
  gate(): () => void;
  /** The texts of an entry, as they are now; for looking, past every switch. */
  texts(name: EntryName): { current: string; predecessor: string | undefined } | undefined;
  /** What has been done, in order: "replace refresh-token:id". Failed operations are not listed. */
  readonly done: string[];
}

/** What `prepare` writes under. */
const NOTHING: EntryName = { purpose: "refresh-token", accountId: "nobody" };

export function createMemoryKeychain(): MemoryKeychain {
  const entries = new Map<string, KeychainEntry>();
  const done: string[] = [];
  let readsFail = false;
  let failingWrites = 0;
  let open: Promise<void> = Promise.resolve();
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => T): Promise<T> {
    const turn = queue.then(() => open).then(work);
    queue = turn.catch(() => {});
    return turn;
  }

  function read<T>(work: () => T): Promise<T> {
    return inTurn(() => {
      if (readsFail) throw new PosternError("keychain-failed", { detail: "told to fail" });
      return work();
    });
  }

  function write<T>(what: string, name: EntryName, work: () => T): Promise<T> {
    return inTurn(() => {
      if (failingWrites > 0) {
        failingWrites -= 1;
        throw new PosternError("keychain-failed", { detail: "told to fail" });
      }
      done.push(`${what} ${formatEntryName(name)}`);
      return work();
    });
  }

  return {
    kind: "os",
    done,
    check: () => read(() => {}),
    prepare: () => write("prepare", NOTHING, () => {}),
    read: (name) => read(() => entries.get(formatEntryName(name))),
    replace: (name, value) =>
      write("replace", name, () => {
        const before = entries.get(formatEntryName(name))?.current;
        const current = { number: (before?.number ?? 0) + 1, value: keychainValue(value.reveal()) };
        entries.set(formatEntryName(name), { current, predecessor: before });
        return current.number;
      }),
    dropPredecessor: (name) =>
      write("dropPredecessor", name, () => {
        const entry = entries.get(formatEntryName(name));
        if (entry !== undefined) entries.set(formatEntryName(name), { ...entry, predecessor: undefined });
      }),
    remove: (name) => write("remove", name, () => void entries.delete(formatEntryName(name))),

    failReads(failing) {
      readsFail = failing;
    },
    failWrites(times) {
      failingWrites = times;
    },
    gate() {
      const { promise, resolve } = Promise.withResolvers<void>();
      open = promise;
      return resolve;
    },
    texts(name) {
      const entry = entries.get(formatEntryName(name));
      return (
        entry && { current: entry.current.value.reveal(), predecessor: entry.predecessor?.value.reveal() }
      );
    },
  };
}
