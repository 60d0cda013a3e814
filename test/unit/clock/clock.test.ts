import { describe, expect, test } from "vitest";
import { systemClock, wait, withDeadline } from "../../../src/clock/clock.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

describe("waiting", () => {
  test("lasts exactly as long as asked", async () => {
    const clock = createFakeClock();
    let over = false;
    void wait(clock, 1000).then(() => {
      over = true;
    });
    await clock.advance(999);
    expect(over).toBe(false);
    await clock.advance(1);
    expect(over).toBe(true);
  });

  test("ends with the signal's reason, and leaves no timer behind", async () => {
    const clock = createFakeClock();
    const abort = new AbortController();
    const waiting = wait(clock, 1000, abort.signal);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(clock.scheduled()).toBe(0);
  });

  test("does not begin when the signal was aborted before", async () => {
    const clock = createFakeClock();
    await expect(wait(clock, 1000, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    expect(clock.scheduled()).toBe(0);
  });

  test("does not lengthen when the wall clock is set back", async () => {
    const clock = createFakeClock();
    const waiting = wait(clock, 1000);
    clock.jumpWall(-3_600_000);
    await clock.advance(1000);
    await waiting;
  });
});

describe("a deadline", () => {
  const late = (): Error => new Error("late");

  test("gives the work's outcome, and leaves no timer behind", async () => {
    const clock = createFakeClock();
    expect(await withDeadline(clock, 1000, Promise.resolve("done"), late)).toBe("done");
    await expect(withDeadline(clock, 1000, Promise.reject(new Error("failed")), late)).rejects.toThrow(
      "failed",
    );
    expect(clock.scheduled()).toBe(0);
  });

  test("gives its own error when the work is late, and ignores how that ends", async () => {
    const clock = createFakeClock();
    const { promise, reject } = Promise.withResolvers<string>();
    const outcome = withDeadline(clock, 1000, promise, late);
    const failure = expect(outcome).rejects.toThrow("late");
    await clock.advance(1000);
    await failure;
    reject(new Error("nobody listens"));
    await clock.advance(0);
  });
});

describe("the machine's clock", () => {
  test("runs an action later, and not at all when cancelled", async () => {
    const ran: string[] = [];
    systemClock.schedule(1, () => ran.push("cancelled"))();
    await new Promise<void>((resolve) => {
      systemClock.schedule(5, () => {
        ran.push("ran");
        resolve();
      });
      // The clock's own timers do not keep the process alive; this one does.
      setTimeout(() => {}, 50);
    });
    expect(ran).toEqual(["ran"]);
  });
});
