// Keeps each account's newest refresh token, whatever the keychain does.
// Invariant: a token that the keychain refuses stays in the memory and is offered to it again; it is given up only for a
// newer one, or because a person asked for that.
import type { Clock } from "../../clock/clock.ts";
import { type RefreshToken, refreshToken } from "../../secret/secret.ts";
import { type EntryName, type Generation, type Keychain, keychainValue } from "../keychain/keychain.ts";

export interface KeptToken {
  readonly token: RefreshToken;
  /** 0 for one that is in the memory only. */
  readonly generation: number;
  readonly predecessor: RefreshToken | undefined;
}

export interface TokenKeeper {
  /** @throws PosternError `keychain-…` */
  newest(accountId: string): Promise<KeptToken | undefined>;
  /** Takes a rotated token; resolves when it is stored, or safe in the memory. Never rejects. */
  keep(accountId: string, rotated: RefreshToken): Promise<void>;
  /** Takes the token of a new sign-in in place of everything. @throws PosternError `keychain-…`; then nothing has changed */
  replace(accountId: string, token: RefreshToken): Promise<void>;
  /** @throws PosternError `keychain-…` */
  remove(accountId: string): Promise<void>;
  /** Whether the newest token is in the memory only. */
  isUnsaved(accountId: string): boolean;
  /** Offers everything unsaved to the keychain once more. Never rejects. */
  saveAll(): Promise<void>;
}

const FIRST_RETRY = 1000;
const LONGEST_RETRY = 60_000;

export function createTokenKeeper(
  keychain: Keychain,
  clock: Clock,
  onChange: (accountId: string) => void,
): TokenKeeper {
  const unsaved = new Map<string, RefreshToken>();
  const nameOf = (accountId: string): EntryName => ({ purpose: "refresh-token", accountId });
  const unwrap = (generation: Generation): RefreshToken => refreshToken(generation.value.reveal());

  /** True when this token is stored, or no longer the one to store. */
  async function save(accountId: string, token: RefreshToken): Promise<boolean> {
    if (unsaved.get(accountId) !== token) return true;
    try {
      await keychain.replace(nameOf(accountId), keychainValue(token.reveal()));
    } catch {
      return unsaved.get(accountId) !== token;
    }
    if (unsaved.get(accountId) === token) unsaved.delete(accountId);
    onChange(accountId);
    return true;
  }

  function retry(accountId: string, token: RefreshToken, delay: number): void {
    clock.schedule(delay, () => {
      void save(accountId, token).then((done) => {
        if (!done) retry(accountId, token, Math.min(delay * 2, LONGEST_RETRY));
      });
    });
  }

  return {
    async newest(accountId) {
      const inMemory = unsaved.get(accountId);
      if (inMemory !== undefined) return { token: inMemory, generation: 0, predecessor: undefined };
      const entry = await keychain.read(nameOf(accountId));
      if (entry === undefined) return undefined;
      return {
        token: unwrap(entry.current),
        generation: entry.current.number,
        predecessor: entry.predecessor && unwrap(entry.predecessor),
      };
    },

    async keep(accountId, rotated) {
      unsaved.set(accountId, rotated);
      if (!(await save(accountId, rotated))) {
        retry(accountId, rotated, FIRST_RETRY);
        onChange(accountId);
      }
    },

    async replace(accountId, token) {
      const before = unsaved.get(accountId);
      // Taken away first: a retry that comes due now must not write the old token over the new one.
      unsaved.delete(accountId);
      try {
        await keychain.replace(nameOf(accountId), keychainValue(token.reveal()));
      } catch (thrown) {
        if (before !== undefined && !unsaved.has(accountId)) {
          unsaved.set(accountId, before);
          retry(accountId, before, FIRST_RETRY);
        }
        throw thrown;
      }
      // The grant of the former sign-in is not a way back to this one. Left over, it does no harm.
      await keychain.dropPredecessor(nameOf(accountId)).catch(() => {});
    },

    async remove(accountId) {
      unsaved.delete(accountId);
      await keychain.remove(nameOf(accountId));
    },

    isUnsaved: (accountId) => unsaved.has(accountId),

    async saveAll() {
      await Promise.all([...unsaved].map(([accountId, token]) => save(accountId, token)));
    },
  };
}
