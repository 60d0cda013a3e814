// Notices by itself that the machine has slept, for a Postern that no tray app tells of it.
// Invariant: a clock that somebody sets costs a reconnection at most.
import type { Cancel, Clock } from "../clock/clock.ts";

/** Between two looks, in milliseconds. */
const LOOK = 15_000;
/** A look that is late by this much has slept: no load delays a timer for so long. */
const ASLEEP = 30_000;

/** @param onAwake told within `LOOK` of the awakening */
export function watchForSleep(clock: Clock, onAwake: () => void): Cancel {
  let wall = clock.now();
  let monotonic = clock.monotonic();
  let cancel: Cancel = () => {};
  const look = (): void => {
    // Some systems' monotonic clock stands still in a sleep, and some systems' goes on.
    const passed = Math.max(clock.now() - wall, clock.monotonic() - monotonic);
    wall = clock.now();
    monotonic = clock.monotonic();
    cancel = clock.schedule(LOOK, look);
    if (passed > LOOK + ASLEEP) onAwake();
  };
  cancel = clock.schedule(LOOK, look);
  return () => cancel();
}
