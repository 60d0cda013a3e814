// What is known of the machine, by a front or by Postern's own watch: asleep or awake, with a network or without. After either the dead connections are let
// go at once, and what failed for the want of a network is forgotten.
// Invariant: "away" ends by itself, so that a front that has died hides no outage for ever.
import type { Clock } from "../clock/clock.ts";
import type { Request } from "../control/contract.ts";
import { assertNever } from "../errors/assert-never.ts";

export type MachineChange = Request<"machine.changed">["what"];

export interface MachineWatch {
  changed(what: MachineChange): void;
  /** The machine sleeps or has no network: that nothing can be reached now says nothing about anybody's servers. */
  isAway(): boolean;
}

export interface MachineWatchParts {
  readonly clock: Clock;
  /** Ends the sessions in which nothing is under way, and the others soon. */
  letSessionsGo(): void;
  /** Forgets what has failed, so that the next login tries again. */
  forgetOutages(): void;
  /** What is told of an account may be another by now. */
  onChange(what: MachineChange): void;
}

/** How long "away" is believed without another word, in milliseconds awake. */
const BELIEVED = 600_000;
/** Two that tell of the same awakening: a front at once, Postern's own watch within fifteen seconds. */
const SAME_AWAKENING = 20_000;

export function createMachineWatch(parts: MachineWatchParts): MachineWatch {
  const { clock } = parts;
  const since = new Map<"suspending" | "offline", number>();
  let awokeAt = Number.NEGATIVE_INFINITY;

  const isAway = (): boolean => [...since.values()].some((at) => clock.monotonic() - at < BELIEVED);

  function back(from: "suspending" | "offline", act: boolean): void {
    since.delete(from);
    if (act) parts.letSessionsGo();
    parts.forgetOutages();
  }

  return {
    isAway,
    changed(what) {
      const now = clock.monotonic();
      switch (what) {
        case "suspending":
        case "offline":
          since.set(what, now);
          break;
        case "resumed":
          // Not every system tells before it sleeps.
          back("suspending", since.has("suspending") || now - awokeAt >= SAME_AWAKENING);
          awokeAt = now;
          break;
        case "online":
          // A front that has just started tells how it is: connections that never went away are well.
          back("offline", since.has("offline"));
          break;
        default:
          assertNever(what);
      }
      parts.onChange(what);
    },
  };
}
