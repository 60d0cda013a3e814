// Notices that nobody looks at the window any more. Invariant: as long as one page is there, or has been a moment ago, nobody
// is taken to have gone: browsers reload, and machines sleep.
import type { Cancel, Clock } from "../clock/clock.ts";

export interface Absence {
  /** To be told how many pages there are, whenever that changes. */
  pages(count: number): void;
  stop(): void;
}

/** Milliseconds without a page. */
export const NOBODY_THERE = 600_000;

export function watchForAbsence(clock: Clock, onNobody: () => void): Absence {
  let cancel: Cancel = () => {};
  const pages = (count: number): void => {
    cancel();
    cancel = count > 0 ? () => {} : clock.schedule(NOBODY_THERE, onNobody);
  };
  pages(0);
  return { pages, stop: () => cancel() };
}
