// The event stream is followed for as long as the page lives, through every end of Postern.
import { expect, test } from "vitest";
import { ControlFailure } from "../../../renderer/control.ts";
import { backOff, follow } from "../../../renderer/state/follow.ts";
import type { Happening } from "../../../renderer/state/reduce.ts";
import type { ControlEvent } from "../../../src/control/contract.ts";
import { snapshot } from "./snapshot.ts";

const FIRST: ControlEvent = { kind: "snapshot", snapshot: snapshot() };
const AWAY = { code: "daemon-not-running", temporary: true, sentence: "", action: "" };

type Attempt = readonly ControlEvent[] | Error;

/** Each attempt in turn gives its events or fails; after the last one the page is closed. */
async function followed(attempts: readonly Attempt[]): Promise<{ told: Happening[]; waited: number[] }> {
  const over = new AbortController();
  const told: Happening[] = [];
  const waited: number[] = [];
  let next = 0;
  await follow(
    {
      control: {
        async *events() {
          const attempt = attempts[next++];
          if (attempt instanceof Error) throw attempt;
          yield* attempt ?? [];
        },
      },
      tell: (happening) => told.push(happening),
      now: () => 7,
      async wait(milliseconds) {
        waited.push(milliseconds);
        if (next >= attempts.length) over.abort();
      },
    },
    over.signal,
  );
  return { told, waited };
}

test("an end of the stream is a loss, and the next stream is asked for", async () => {
  const { told } = await followed([[FIRST], [FIRST]]);
  expect(told).toEqual([
    { kind: "event", event: FIRST },
    { kind: "lost", at: 7 },
    { kind: "event", event: FIRST },
    { kind: "lost", at: 7 },
  ]);
});

test("each failure in a row is waited for longer, and a success begins anew", async () => {
  const away = new ControlFailure(AWAY);
  const { waited } = await followed([away, away, away, [FIRST], away]);
  expect(waited).toEqual([250, 500, 1000, 250, 500]);
});

test("it never waits longer than five seconds", () => {
  expect(backOff(40)).toBe(5000);
});

test("a page whose secret is not known asks no more", async () => {
  const { told, waited } = await followed([[FIRST], new ControlFailure(AWAY, true), [FIRST]]);
  expect(told.at(-1)).toEqual({ kind: "locked-out" });
  expect(waited).toEqual([250]);
});
