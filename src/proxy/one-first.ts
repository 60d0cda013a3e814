// Of many who want to try the same thing at a time, one tries first: with a mailbox's password that the provider refuses by
// now, so many tries would lock the mailbox.
// Invariants: while one tries, nobody else of the same key does; when it has worked, everybody who waited may, at once;
// nobody waits for one try for longer than the deadline.
import { type Clock, withDeadline } from "../clock/clock.ts";

export interface OneFirst {
  /**
   * @param hasGone whether nobody wants the result any more
   * @param onGone what is thrown then, in place of a try
   */
  try<T>(key: string, attempt: () => Promise<T>, hasGone: () => boolean, onGone: () => Error): Promise<T>;
}

/** @param deadline for one try, in milliseconds */
export function createOneFirst(clock: Clock, deadline: number): OneFirst {
  const trying = new Map<string, Promise<boolean>>();

  return {
    async try(key, attempt, hasGone, onGone) {
      for (let other = trying.get(key); other !== undefined; other = trying.get(key)) {
        const worked = await other;
        if (hasGone()) throw onGone();
        if (worked) return attempt();
      }
      const own = attempt();
      const ended = withDeadline(clock, deadline, own, () => new Error("late")).then(
        () => true,
        () => false,
      );
      trying.set(key, ended);
      void ended.then(() => trying.delete(key));
      return own;
    },
  };
}
