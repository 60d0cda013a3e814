// The window's server ends by itself when nobody has looked for ten minutes, and not before.
import { expect, test } from "vitest";
import { NOBODY_THERE, watchForAbsence } from "../../../src/page/absence.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function prepare() {
  const clock = createFakeClock();
  const ended: number[] = [];
  const start = clock.monotonic();
  const absence = watchForAbsence(clock, () => ended.push(clock.monotonic() - start));
  return { clock, ended, absence };
}

test("nobody who never came is waited for longer than ten minutes", async () => {
  const { clock, ended } = prepare();
  await clock.advance(NOBODY_THERE);
  expect(ended).toEqual([NOBODY_THERE]);
});

test("somebody who is there may stay as long as they like, and reload", async () => {
  const { clock, ended, absence } = prepare();
  absence.pages(1);
  await clock.advance(10 * NOBODY_THERE);
  absence.pages(0);
  await clock.advance(NOBODY_THERE - 1);
  absence.pages(1);
  await clock.advance(10 * NOBODY_THERE);
  expect(ended).toEqual([]);
  absence.pages(0);
  await clock.advance(NOBODY_THERE);
  expect(ended).toHaveLength(1);
});

test("nothing comes after the end", async () => {
  const { clock, ended, absence } = prepare();
  absence.stop();
  await clock.advance(NOBODY_THERE);
  expect(ended).toEqual([]);
});
