import { describe, expect, test } from "vitest";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { activate, nextOutage, remaining } from "../../../../src/oauth/token/state.ts";
import { accessToken } from "../../../../src/secret/secret.ts";

const TIMES = { now: 1_000_000, monotonic: 500 };

describe("an active token", () => {
  test.each([
    [3600, 300_000, 120_000],
    [86_400, 300_000, 120_000],
    [1200, 120_000, 120_000],
    [600, 60_000, 60_000],
    [5, 500, 500],
    [0, 0, 0],
  ])(
    "of %i seconds is renewed %i ms before its end, and not handed out %i ms before it",
    (lifetime, lead, margin) => {
      expect(activate(accessToken("t"), lifetime, TIMES, 0)).toMatchObject({ lead, margin });
    },
  );

  test("is renewed a little earlier by jitter, so that many accounts do not ask at once; never later", () => {
    const leads = [0, 0.5, 1].map((jitter) => activate(accessToken("t"), 3600, TIMES, jitter).lead);
    expect(leads).toEqual([300_000, 330_000, 360_000]);
  });

  test.each([
    ["neither clock jumped", 1000, 1000, 3_599_000],
    ["the wall clock was set forward", 3_000_000, 1000, 600_000],
    ["the wall clock was set back", -9_000_000, 1000, 3_599_000],
    ["the machine slept", 7_200_000, 0, -3_600_000],
  ])("is good for as long as the clock says that has gone further: %s", (_what, wall, monotonic, left) => {
    const state = activate(accessToken("t"), 3600, TIMES, 0);
    expect(remaining(state, { now: TIMES.now + wall, monotonic: TIMES.monotonic + monotonic })).toBe(left);
  });
});

describe("an outage", () => {
  const error = new PosternError("authorization-server-failing");

  test("remembers when it began, and pauses twice as long after each failure", () => {
    const first = nextOutage(undefined, error, 1000, 0.5);
    expect(first).toMatchObject({ since: 1000, lastFailure: 1000, retryAt: 3000, failures: 1 });
    const second = nextOutage(first, error, 5000, 0.5);
    expect(second).toMatchObject({ since: 1000, lastFailure: 5000, retryAt: 9000, failures: 2 });
  });

  test("pauses 20 % less or more by jitter", () => {
    expect([0, 1].map((jitter) => Math.round(nextOutage(undefined, error, 0, jitter).retryAt))).toEqual([
      1600, 2400,
    ]);
  });

  test("does not pause for ever after a thousand failures", () => {
    const before = { ...nextOutage(undefined, error, 0, 0.5), failures: 1000 };
    expect(nextOutage(before, error, 0, 0.5).retryAt).toBe(60_000);
  });

  test.each([
    [7000, 7000],
    [0, 1000],
    [300_000, 300_000],
    [86_400_000, 300_000],
  ])("obeys a Retry-After of %i ms with %i ms: neither at once nor for a day", (retryAfter, pause) => {
    const asked = new PosternError("authorization-server-failing", { retryAfter });
    expect(nextOutage(undefined, asked, 0, 0.9).retryAt).toBe(pause);
  });
});
