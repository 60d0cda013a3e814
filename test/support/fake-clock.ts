// A clock that stands still until a test moves it.
// Invariant: actions run in the order in which they are due, and what they set off has settled before the next one.
import type { Clock } from "../../src/clock/clock.ts";

/** In milliseconds. */
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export interface FakeClock extends Clock {
  /** Lets `milliseconds` pass on both clocks, running what falls due on the way. */
  advance(milliseconds: number): Promise<void>;
  /** Sets the wall clock forward, or back where negative; nothing falls due by that. */
  jumpWall(milliseconds: number): void;
  /** How many actions are waiting for their time. */
  scheduled(): number;
}

interface Timer {
  readonly due: number;
  readonly action: () => void;
}

/** The monotonic clock starts somewhere else, so that a test notices when the two are mixed up. */
const MONOTONIC_START = 5000;
/** Chains of promises and streams come to rest within this many turns of the event loop. */
const TURNS = 20;

/** @param start the wall clock's first moment, milliseconds since 1970 */
export function createFakeClock(start = Date.UTC(2026, 10, 21, 12)): FakeClock {
  let wall = start;
  let monotonic = MONOTONIC_START;
  const timers = new Set<Timer>();

  function moveTo(moment: number): void {
    const passed = Math.max(0, moment - monotonic);
    wall += passed;
    monotonic += passed;
  }

  function nextDue(end: number): Timer | undefined {
    return [...timers].filter(({ due }) => due <= end).sort((left, right) => left.due - right.due)[0];
  }

  return {
    now: () => wall,
    monotonic: () => monotonic,
    schedule(milliseconds, action) {
      const timer: Timer = { due: monotonic + milliseconds, action };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(milliseconds) {
      const end = monotonic + milliseconds;
      await settle();
      for (let timer = nextDue(end); timer !== undefined; timer = nextDue(end)) {
        moveTo(timer.due);
        timers.delete(timer);
        timer.action();
        await settle();
      }
      moveTo(end);
    },
    jumpWall(milliseconds) {
      wall += milliseconds;
    },
    scheduled: () => timers.size,
  };
}

/** Waits until promises that need no more than the event loop have settled (not the disk, not a real socket). */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
