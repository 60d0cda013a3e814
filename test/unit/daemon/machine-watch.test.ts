import { expect, test } from "vitest";
import { createMachineWatch } from "../../../src/daemon/machine-watch.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function prepare() {
  const clock = createFakeClock();
  const done: string[] = [];
  const watch = createMachineWatch({
    clock,
    letSessionsGo: () => done.push("sessions let go"),
    forgetOutages: () => done.push("outages forgotten"),
    onChange: () => {},
  });
  return { clock, done, watch };
}

const BOTH = ["sessions let go", "outages forgotten"];

test("after a sleep the sessions from before it are let go, and what had failed is tried again", () => {
  const { done, watch } = prepare();
  watch.changed("suspending");
  expect([watch.isAway(), done]).toEqual([true, []]);
  watch.changed("resumed");
  expect([watch.isAway(), done]).toEqual([false, BOTH]);
});

test("a sleep that nobody announced counts as well", () => {
  const { done, watch } = prepare();
  watch.changed("resumed");
  expect(done).toEqual(BOTH);
});

test("the same awakening told by two fronts ends no session that has begun since", async () => {
  const { clock, done, watch } = prepare();
  watch.changed("resumed");
  await clock.advance(3000);
  watch.changed("resumed");
  expect(done).toEqual([...BOTH, "outages forgotten"]);
  await clock.advance(3000);
  watch.changed("suspending");
  watch.changed("resumed");
  expect(done).toEqual([...BOTH, "outages forgotten", ...BOTH]);
});

test("a network that comes back lets go what was open before it went, and one that was always there nothing", () => {
  const { done, watch } = prepare();
  watch.changed("online");
  expect(done).toEqual(["outages forgotten"]);
  watch.changed("offline");
  watch.changed("online");
  expect(done).toEqual(["outages forgotten", ...BOTH]);
});

test("awake without a network is away still, and a front that has died hides no outage for ever", async () => {
  const { clock, watch } = prepare();
  watch.changed("suspending");
  watch.changed("offline");
  watch.changed("resumed");
  expect(watch.isAway()).toBe(true);
  await clock.advance(600_000);
  expect(watch.isAway()).toBe(false);
});
