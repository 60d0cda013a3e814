import { describe, expect, test } from "vitest";
import { createLoginThrottle } from "../../../src/account/login-throttle.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const HERE = "127.0.0.1";

describe("wrong local passwords", () => {
  test("are answered later and later, up to 30 seconds", async () => {
    const clock = createFakeClock();
    const throttle = createLoginThrottle(clock);
    const delays: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      const delay = throttle.failed("alice", HERE);
      delays.push(delay);
      await clock.advance(Math.max(delay, 5000));
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test("that are one action of a person, on several connections, count once but queue up", async () => {
    const clock = createFakeClock();
    const throttle = createLoginThrottle(clock);
    expect([1, 2, 3].map(() => throttle.failed("alice", HERE))).toEqual([1000, 2000, 3000]);
    await clock.advance(5000);
    expect(throttle.failed("alice", HERE)).toBe(2000);
  });

  // threats.md A1. The longest delay bounds each answer, not all of them together: it stands for each guesser.
  test.each([
    ["one guesser", 1, 15],
    ["ten parallel guessers", 10, 30],
  ])(
    "let %s (%i) have at most %i answers in the first minute, two a minute each later, none later than 30 seconds",
    async (_who, guessers, inFirstMinute) => {
      const clock = createFakeClock();
      const throttle = createLoginThrottle(clock);
      let answered = 0;
      let longestDelay = 0;
      const guess = (): void => {
        const delay = throttle.failed("alice", HERE);
        longestDelay = Math.max(longestDelay, delay);
        clock.schedule(delay, () => {
          answered += 1;
          guess();
        });
      };
      for (let guesser = 0; guesser < guessers; guesser++) guess();
      await clock.advance(60_000);
      expect(answered).toBeLessThanOrEqual(inFirstMinute);
      await clock.advance(240_000);
      answered = 0;
      await clock.advance(600_000);
      expect(answered).toBeLessThanOrEqual(20 * guessers);
      expect(answered).toBeGreaterThan(0);
      expect(longestDelay).toBe(30_000);
    },
  );

  test.each([
    ["of another account", "bob", HERE],
    ["from another peer", "alice", "::1"],
  ])("%s are counted apart", async (_whose, userName, peer) => {
    const clock = createFakeClock();
    const throttle = createLoginThrottle(clock);
    for (let failure = 0; failure < 3; failure++) {
      throttle.failed("alice", HERE);
      await clock.advance(10_000);
    }
    expect(throttle.failed(userName, peer)).toBe(1000);
  });

  test("of one account in another spelling are counted together", async () => {
    const clock = createFakeClock();
    const throttle = createLoginThrottle(clock);
    throttle.failed("alice@example.com", HERE);
    await clock.advance(10_000);
    expect(throttle.failed("ALICE@Example.com", HERE)).toBe(2000);
  });

  test("are forgotten after ten minutes, whatever the wall clock says", async () => {
    const clock = createFakeClock();
    const throttle = createLoginThrottle(clock);
    throttle.failed("alice", HERE);
    await clock.advance(10_000);
    throttle.failed("alice", HERE);
    clock.jumpWall(3_600_000);
    await clock.advance(599_999);
    expect(throttle.failed("alice", HERE)).toBe(4000);
    await clock.advance(600_000);
    expect(throttle.failed("alice", HERE)).toBe(1000);
  });

  test("with ever new user names push out the oldest, never the newest", async () => {
    const clock = createFakeClock();
    const throttle = createLoginThrottle(clock);
    throttle.failed("oldest", HERE);
    for (let name = 0; name < 999; name++) throttle.failed(`name ${name}`, HERE);
    throttle.failed("one too many", HERE);
    await clock.advance(10_000);
    expect(throttle.failed("one too many", HERE)).toBe(2000);
    expect(throttle.failed("name 500", HERE)).toBe(2000);
    expect(throttle.failed("oldest", HERE)).toBe(1000);
  });
});
