// Follows the event stream, again and again: the window outlives every restart of Postern.
// Invariant: it ends only when it is told to, or when the page is locked out.
import { type Control, ControlFailure } from "../control.ts";
import type { Happening } from "./reduce.ts";

/** Milliseconds before the next try, by how many have failed in a row. */
export function backOff(failures: number): number {
  return Math.min(250 * 2 ** Math.max(0, failures - 1), 5000);
}

export interface FollowParts {
  readonly control: Pick<Control, "events">;
  readonly tell: (happening: Happening) => void;
  readonly now: () => number;
  /** Resolves after this many milliseconds, or at once when `signal` is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export async function follow({ control, tell, now, wait }: FollowParts, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      for await (const event of control.events(signal)) {
        if (signal.aborted) return;
        failures = 0;
        tell({ kind: "event", event });
      }
    } catch (thrown) {
      if (signal.aborted) return;
      if (thrown instanceof ControlFailure && thrown.isLockedOut) {
        tell({ kind: "locked-out" });
        return;
      }
    }
    if (signal.aborted) return;
    failures += 1;
    tell({ kind: "lost", at: now() });
    await wait(backOff(failures), signal);
  }
}

export function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
