// One refresh an account among all processes that share a keychain: two homes of one user may hold the same account.
// Invariant: whoever holds the lock reads the store after it got it, so that it never sends a token that was just replaced.
import { join } from "node:path";
import { type Clock, wait } from "../../clock/clock.ts";
import { PosternError, systemCode } from "../../errors/postern-error.ts";
import { tryToLock } from "../../storage/process-lock.ts";

export interface RefreshLock {
  /** Runs `work` while no other process refreshes this account. @throws PosternError `refresh-elsewhere`, or as `work` */
  during<T>(accountId: string, work: () => Promise<T>): Promise<T>;
}

const POLL = 100;
/** Longer than one refresh can take: discovery and token request, 30 s each. */
const PATIENCE = 65_000;

/** @param folder exists, and is the user's own: the same for all of this user's processes */
export function createRefreshLock(folder: string, clock: Clock): RefreshLock {
  async function acquire(accountId: string): Promise<{ release(): Promise<void> }> {
    const path = join(folder, `${accountId}.lock`);
    const deadline = clock.monotonic() + PATIENCE;
    for (;;) {
      const attempt = await tryToLock(path, undefined, clock).catch((thrown: unknown) => {
        throw new PosternError("refresh-elsewhere", {
          detail: `${path}: ${systemCode(thrown)}`,
          cause: thrown,
        });
      });
      if (attempt.kind === "acquired") return attempt;
      if (clock.monotonic() >= deadline) {
        throw new PosternError("refresh-elsewhere", { detail: `process ${attempt.processId}` });
      }
      await wait(clock, POLL);
    }
  }

  return {
    async during(accountId, work) {
      const lock = await acquire(accountId);
      try {
        return await work();
      } finally {
        // A lock that stays behind is taken over when this process has ended.
        await lock.release().catch(() => {});
      }
    },
  };
}
