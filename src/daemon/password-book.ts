// The local passwords on the disk: made, listed, revoked; and when each was last used, noted now and then.
import { generateLocalPassword, hashLocalPassword } from "../account/local-password.ts";
import type { Clock } from "../clock/clock.ts";
import { PosternError } from "../errors/postern-error.ts";
import type { LocalPassword } from "../secret/secret.ts";
import type { Document } from "../storage/document.ts";
import type { State } from "./config/state.ts";

export type PasswordRecord = State["passwords"][number];

export interface PasswordBook {
  records(): readonly PasswordRecord[];
  of(accountId: string): readonly PasswordRecord[];
  /** @throws PosternError `local-password-exists`, `state-not-saved` */
  create(accountId: string, name: string): Promise<LocalPassword>;
  /** @throws PosternError `local-password-unknown`, `state-not-saved` */
  revoke(accountId: string, name: string): Promise<void>;
  /** A password that is nowhere but in the memory, until `revoke`: for a test. */
  lend(accountId: string): { readonly password: LocalPassword; revoke(): void };
  /** Notes a use. On the disk within a minute, so that a login does not wait for the disk. */
  used(accountId: string, name: string): void;
  /** Writes the noted uses now. */
  flush(): Promise<void>;
}

const WRITE_AFTER = 60_000;

export function createPasswordBook(state: Document<State>, clock: Clock): PasswordBook {
  const uses = new Map<string, number>();
  const keyOf = (accountId: string, name: string): string => JSON.stringify([accountId, name]);
  const lent = new Set<PasswordRecord>();
  const records = (): readonly PasswordRecord[] => [...state.current().passwords, ...lent];
  const of = (accountId: string): readonly PasswordRecord[] =>
    state
      .current()
      .passwords.filter((record) => record.accountId === accountId)
      .map((record) => {
        const lastUsedAt = uses.get(keyOf(accountId, record.name)) ?? record.lastUsedAt;
        return lastUsedAt === undefined ? record : { ...record, lastUsedAt };
      });

  let scheduled = false;

  async function flush(): Promise<void> {
    const noted = new Map(uses);
    if (noted.size === 0) return;
    await state.change((current) => ({
      ...current,
      passwords: current.passwords.map((record) => {
        const lastUsedAt = noted.get(keyOf(record.accountId, record.name));
        return lastUsedAt === undefined ? record : { ...record, lastUsedAt };
      }),
    }));
    for (const [key, at] of noted) if (uses.get(key) === at) uses.delete(key);
  }

  return {
    records,
    of,
    async create(accountId, name) {
      const password = generateLocalPassword();
      await state.change((current) => {
        if (current.passwords.some((record) => record.accountId === accountId && record.name === name)) {
          throw new PosternError("local-password-exists", { detail: name });
        }
        const record = hashLocalPassword(accountId, name, password, clock.now());
        return { ...current, passwords: [...current.passwords, record] };
      });
      return password;
    },
    async revoke(accountId, name) {
      await state.change((current) => {
        const left = current.passwords.filter(
          (record) => record.accountId !== accountId || record.name !== name,
        );
        if (left.length === current.passwords.length)
          throw new PosternError("local-password-unknown", { detail: name });
        return { ...current, passwords: left };
      });
    },
    lend(accountId) {
      const password = generateLocalPassword();
      const record = hashLocalPassword(accountId, "account test", password, clock.now());
      lent.add(record);
      return { password, revoke: () => void lent.delete(record) };
    },
    used(accountId, name) {
      uses.set(keyOf(accountId, name), clock.now());
      if (scheduled) return;
      scheduled = true;
      clock.schedule(WRITE_AFTER, () => {
        scheduled = false;
        // Losing a note is harmless; failing a login over one would not be.
        void flush().catch(() => {});
      });
    },
    flush,
  };
}
