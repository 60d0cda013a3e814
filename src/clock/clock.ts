// Time, handed in: everything that waits or compares times takes a Clock, so that tests own the time.
import { performance } from "node:perf_hooks";

/** Cancels what was scheduled; calling it again does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Wall clock, milliseconds since 1970. Jumps when the system's clock is set. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never goes back. */
  monotonic(): number;
  /** Runs `action` once after `milliseconds`. Does not keep the process alive. */
  schedule(milliseconds: number, action: () => void): Cancel;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(milliseconds, action) {
    const timer = setTimeout(action, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Resolves after `milliseconds` on `clock`.
 * @throws the signal's reason when `signal` is aborted first.
 */
export function wait(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.schedule(milliseconds, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * The outcome of `work`, or the error that `onLate` makes when `work` takes longer than `milliseconds`.
 * Late work is not stopped by this: `onLate` does that where it can be done (destroying a socket, say).
 */
export function withDeadline<T>(
  clock: Clock,
  milliseconds: number,
  work: Promise<T>,
  onLate: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(milliseconds, () => reject(onLate()));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
