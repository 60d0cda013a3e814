// The events that wait for one reader. Invariant: at most LONGEST of them; a reader that lets more pile up is given up.
import type { ControlEvent } from "../control/contract.ts";

export interface EventQueue {
  push(event: ControlEvent): void;
  /** Every event in order, as long as the reader is there and keeps up. To be read once. */
  read(): AsyncGenerator<ControlEvent>;
}

const LONGEST = 1000;

/**
 * @param signal aborted when the reader has gone
 * @param onTooSlow called once when the reader is given up
 */
export function createEventQueue(signal: AbortSignal, onTooSlow: () => void): EventQueue {
  const waiting: ControlEvent[] = [];
  let ended = signal.aborted;
  let wake = (): void => {};
  const end = (): void => {
    ended = true;
    waiting.length = 0;
    wake();
  };
  signal.addEventListener("abort", end, { once: true });

  return {
    push(event) {
      if (ended) return;
      if (waiting.length < LONGEST) {
        waiting.push(event);
        wake();
        return;
      }
      signal.removeEventListener("abort", end);
      end();
      onTooSlow();
    },
    async *read() {
      try {
        while (!ended) {
          const next = waiting.shift();
          if (next !== undefined) yield next;
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        signal.removeEventListener("abort", end);
      }
    },
  };
}
