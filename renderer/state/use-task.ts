// One thing that a person has asked for: whether it runs, how it ended, and a way to stop waiting for it.
// Invariant: an answer that comes after the next question, or after the screen has gone, changes nothing.
import { useCallback, useEffect, useRef, useState } from "react";
import type { Failure } from "../../src/control/contract.ts";
import { failureFrom } from "../control.ts";

export type TaskState<T> =
  | { readonly kind: "idle" }
  /** `since`: milliseconds since 1970. */
  | { readonly kind: "running"; readonly since: number }
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface Task<A extends readonly unknown[], T> {
  readonly state: TaskState<T>;
  /** Starts it, in place of one that runs. Undefined when it failed or was given up. */
  run(...given: A): Promise<T | undefined>;
  /** Gives it up: what it would have answered is not waited for. */
  cancel(): void;
}

export function useTask<A extends readonly unknown[], T>(
  work: (signal: AbortSignal, ...given: A) => Promise<T>,
): Task<A, T> {
  const [state, setState] = useState<TaskState<T>>({ kind: "idle" });
  const current = useRef<AbortController | undefined>(undefined);
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => () => current.current?.abort(), []);

  const cancel = useCallback(() => {
    current.current?.abort();
    current.current = undefined;
    setState({ kind: "idle" });
  }, []);

  const run = useCallback(async (...given: A): Promise<T | undefined> => {
    current.current?.abort();
    const mine = new AbortController();
    current.current = mine;
    setState({ kind: "running", since: Date.now() });
    try {
      const value = await latest.current(mine.signal, ...given);
      if (mine.signal.aborted) return undefined;
      setState({ kind: "done", value });
      return value;
    } catch (thrown) {
      if (!mine.signal.aborted) setState({ kind: "failed", failure: failureFrom(thrown) });
      return undefined;
    }
  }, []);
  return { state, run, cancel };
}
