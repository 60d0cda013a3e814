// Slows down wrong local passwords, and nothing else: a right one is never delayed (threats.md A1).
// Invariant: the table stays small whatever user names are tried.
import type { Clock } from "../clock/clock.ts";
import { canonicalUserName } from "./account.ts";

export interface LoginThrottle {
  /** Counts a failure; milliseconds to wait before it is answered. */
  failed(userName: string, peer: string): number;
}

interface Failures {
  count: number;
  last: number;
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
      const before = failures.get(key);
      const known = before !== undefined && now - before.last < FORGOTTEN ? before : { count: 0, last: 0 };
      const sameAction = known.count > 0 && now - known.last < ONE_ACTION;
      const count = sameAction ? known.count : known.count + 1;
      failures.delete(key);
      failures.set(key, { count, last: sameAction ? known.last : now });
      if (failures.size > LARGEST) failures.delete(failures.keys().next().value ?? key);
      return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (count - 1));
    },
  };
}
