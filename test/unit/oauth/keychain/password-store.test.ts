import { describe, expect, test } from "vitest";
import { oneAtATime, type PasswordStore } from "../../../../src/oauth/keychain/password-store.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

/** A store whose reads stay pending until they are let go. */
function createHangingStore() {
  const pending: ((value: string) => void)[] = [];
  const store: PasswordStore = {
    get: () => new Promise((resolve) => pending.push(resolve)),
    set: async () => {},
    remove: async () => {},
  };
  return { store, pending };
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: { code?: unknown }) => error.code,
  );

describe("the system's keychain, one call at a time", () => {
  test("is never asked a second thing while the first is unanswered", async () => {
    const clock = createFakeClock();
    const { store, pending } = createHangingStore();
    const queue = oneAtATime(store, clock);
    const first = queue.get("a");
    const second = queue.get("b");
    await clock.advance(100);
    expect(pending).toHaveLength(1);
    pending[0]?.("one");
    expect(await first).toBe("one");
    await clock.advance(0);
    expect(pending).toHaveLength(2);
    pending[1]?.("two");
    expect(await second).toBe("two");
  });

  test("that hangs is called slow after ten seconds, and then at once, until it answers", async () => {
    const clock = createFakeClock();
    const { store, pending } = createHangingStore();
    const queue = oneAtATime(store, clock);
    const first = codeOf(queue.get("a"));
    await clock.advance(10_000);
    expect(await first).toBe("keychain-slow");
    expect(await codeOf(queue.get("b"))).toBe("keychain-slow");
    expect(await codeOf(queue.set("c", "value"))).toBe("keychain-slow");
    expect(pending).toHaveLength(1);

    pending[0]?.("late");
    await clock.advance(0);
    const next = queue.get("d");
    await clock.advance(0);
    pending[1]?.("in time");
    expect(await next).toBe("in time");
  });

  test("that fails once is asked again by the next call", async () => {
    const clock = createFakeClock();
    let calls = 0;
    const queue = oneAtATime(
      {
        async get() {
          calls += 1;
          if (calls === 1) throw new Error("the bus is gone");
          return "value";
        },
        set: async () => {},
        remove: async () => {},
      },
      clock,
    );
    expect(await codeOf(queue.get("a"))).toBe("internal");
    expect(await queue.get("a")).toBe("value");
  });
});
