import { expect, test } from "vitest";
import { watchForSleep } from "../../../src/daemon/sleep-watch.ts";
import { createFakeClock, HOUR, MINUTE } from "../../support/fake-clock.ts";

function prepare() {
  const clock = createFakeClock();
  const awakenings: number[] = [];
  const cancel = watchForSleep(clock, () => awakenings.push(clock.monotonic()));
  return { clock, awakenings, cancel };
}

test("a sleep is noticed within fifteen seconds of its end, once", async () => {
  const { clock, awakenings } = prepare();
  await clock.advance(5 * MINUTE);
  clock.jumpWall(8 * HOUR);
  await clock.advance(15_000);
  expect(awakenings).toHaveLength(1);
  await clock.advance(HOUR);
  expect(awakenings).toHaveLength(1);
});

test("time that passes awake is none, and neither is a clock that is set back or corrected a little", async () => {
  const { clock, awakenings } = prepare();
  await clock.advance(HOUR);
  clock.jumpWall(-8 * HOUR);
  await clock.advance(MINUTE);
  clock.jumpWall(20_000);
  await clock.advance(MINUTE);
  expect(awakenings).toEqual([]);
});

test("nobody looks any more when the watch is over", () => {
  const { clock, cancel } = prepare();
  cancel();
  expect(clock.scheduled()).toBe(0);
});
