// Slows down wrong local passwords, and nothing else: a right one is never delayed (threats.md A1).
// Invariant: the table stays small whatever user names are tried.
import type { Clock } from "../clock/clock.ts";
import { canonicalUserName } from "./account.ts";

export interface LoginThrottle {
  /** Counts a failure; milliseconds to wait before it is answered. */
  failed(userName: string, peer: string): number;
}

interface Failures {
  readonly count: number;
  /** When the action that was counted last began. */
  readonly since: number;
  /** When the last answer is due: the next one waits behind it, so that parallel connections gain nothing. */
  readonly answeredAt: number;
}

const FIRST_DELAY = 1000;
const LONGEST_DELAY = 30_000;
/** One action of a person is several attempts: Thunderbird tries three mechanisms on two connections. */
const ONE_ACTION = 5000;
/** After this long without a failure the count starts again. */
const FORGOTTEN = 600_000;
const LARGEST = 1000;

export function createLoginThrottle(clock: Clock): LoginThrottle {
  const failures = new Map<string, Failures>();
  return {
    failed(userName, peer) {
      const key = JSON.stringify([canonicalUserName(userName).slice(0, 320), peer]);
      const now = clock.monotonic();
      const known = failures.get(key);
      const before = known !== undefined && now - known.since < FORGOTTEN ? known : undefined;
      const sameAction = before !== undefined && now - before.since < ONE_ACTION;
      const count = sameAction ? before.count : (before?.count ?? 0) + 1;
      const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (count - 1));
      const answeredAt = Math.min(now + LONGEST_DELAY, Math.max(now, before?.answeredAt ?? 0) + delay);
      // Deleted first, so that the table's order is that of the last failure.
      failures.delete(key);
      failures.set(key, { count, since: sameAction ? before.since : now, answeredAt });
      if (failures.size > LARGEST) failures.delete(failures.keys().next().value ?? key);
      return answeredAt - now;
    },
  };
}
