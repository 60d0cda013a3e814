import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../../../src/errors/catalogue.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { createOutages } from "../../../src/proxy/outages.ts";
import { createAccount } from "../../support/account.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const ALICE = createAccount({ id: "a" });
const BOB = createAccount({ id: "b" });

function start() {
  const clock = createFakeClock();
  const outages = createOutages(clock);
  const fail = (code: ErrorCode): void => outages.failed(ALICE, "imap", new PosternError(code));
  const isBlocking = (): boolean => outages.blocking(ALICE, "imap") !== undefined;
  return { clock, outages, fail, isBlocking };
}

describe("a failed login at a mail server", () => {
  test.each<ErrorCode>([
    "upstream-throttled",
    "upstream-refused",
    "upstream-smtp-auth-disabled",
    "upstream-imap-disabled",
    "mailbox-not-connected",
  ])("that the server counts spares it longer and longer, up to five minutes: %s", async (code) => {
    const { clock, fail, isBlocking } = start();
    for (const pause of [30_000, 60_000, 120_000, 240_000, 300_000, 300_000]) {
      fail(code);
      await clock.advance(pause - 1);
      expect(isBlocking()).toBe(true);
      await clock.advance(1);
      expect(isBlocking()).toBe(false);
    }
  });

  test.each<ErrorCode>(["upstream-unreachable", "upstream-timeout", "upstream-certificate"])(
    "that costs nobody anything may be tried again at once: %s",
    (code) => {
      const { fail, isBlocking } = start();
      fail(code);
      expect(isBlocking()).toBe(false);
    },
  );

  test("blocks neither another account nor the other protocol", () => {
    const { outages, fail } = start();
    fail("upstream-throttled");
    expect(outages.blocking(BOB, "imap")).toBeUndefined();
    expect(outages.blocking(ALICE, "smtp")).toBeUndefined();
  });

  test("is counted once, though several connections were on their way", async () => {
    const { clock, fail, isBlocking } = start();
    fail("upstream-refused");
    await clock.advance(1000);
    for (const _connection of [1, 2, 3, 4]) fail("upstream-refused");
    await clock.advance(28_999);
    expect(isBlocking()).toBe(true);
    await clock.advance(1);
    expect(isBlocking()).toBe(false);
    fail("upstream-refused");
    await clock.advance(60_000);
    expect(isBlocking()).toBe(false);
  });

  test("of a login that had no mailbox behind it is not over with the next login, but with the next mailbox", async () => {
    const { clock, outages, fail, isBlocking } = start();
    fail("mailbox-not-connected");
    await clock.advance(30_000);
    outages.succeeded(ALICE, "imap");
    expect(outages.current(ALICE)?.error.code).toBe("mailbox-not-connected");
    fail("mailbox-not-connected");
    await clock.advance(59_999);
    expect(isBlocking()).toBe(true);
    outages.mailboxOpened(ALICE);
    expect(isBlocking()).toBe(false);
    expect(outages.current(ALICE)).toBeUndefined();
  });

  test("of another kind is not over because a session that is open has a mailbox", () => {
    const { outages, fail } = start();
    fail("upstream-throttled");
    outages.mailboxOpened(ALICE);
    expect(outages.current(ALICE)?.error.code).toBe("upstream-throttled");
  });

  test("is told of when it comes and when it goes, and only then", () => {
    const changed: string[] = [];
    const outages = createOutages(createFakeClock(), (accountId) => changed.push(accountId));
    outages.succeeded(ALICE, "imap");
    outages.mailboxOpened(ALICE);
    outages.forget("a");
    expect(changed).toEqual([]);
    outages.failed(ALICE, "imap", new PosternError("mailbox-not-connected"));
    outages.succeeded(ALICE, "imap");
    expect(changed).toEqual(["a"]);
    outages.mailboxOpened(ALICE);
    outages.failed(BOB, "smtp", new PosternError("upstream-closed"));
    outages.succeeded(BOB, "smtp");
    expect(changed).toEqual(["a", "a", "b", "b"]);
  });

  test("is forgotten with the next success, and the pauses start anew", async () => {
    const { clock, outages, fail, isBlocking } = start();
    fail("upstream-throttled");
    await clock.advance(30_000);
    fail("upstream-throttled");
    outages.succeeded(ALICE, "imap");
    expect(isBlocking()).toBe(false);
    expect(outages.current(ALICE)).toBeUndefined();
    fail("upstream-throttled");
    await clock.advance(30_000);
    expect(isBlocking()).toBe(false);
  });

  test.each([3_600_000, -3_600_000])("lasts as long when the wall clock is set by %i ms", async (jump) => {
    const { clock, fail, isBlocking } = start();
    fail("upstream-throttled");
    clock.jumpWall(jump);
    await clock.advance(29_999);
    expect(isBlocking()).toBe(true);
    await clock.advance(1);
    expect(isBlocking()).toBe(false);
  });

  test("is current for status until it is forgotten, the newest of both protocols first", async () => {
    const { clock, outages } = start();
    outages.failed(ALICE, "smtp", new PosternError("upstream-smtp-auth-disabled"));
    await clock.advance(1000);
    outages.failed(ALICE, "imap", new PosternError("upstream-timeout"));
    expect(outages.current(ALICE)?.error.code).toBe("upstream-timeout");
    outages.succeeded(ALICE, "imap");
    expect(outages.current(ALICE)?.error.code).toBe("upstream-smtp-auth-disabled");
    outages.forget("a");
    expect(outages.current(ALICE)).toBeUndefined();
  });
});

describe("an outage that is told at the greeting", () => {
  const isKnown = ({ outages }: ReturnType<typeof start>): boolean =>
    outages.known(ALICE, "imap") !== undefined;

  test("is not one failed login, but two that are ten seconds apart", async () => {
    const rig = start();
    rig.fail("upstream-unreachable");
    expect(isKnown(rig)).toBe(false);
    await rig.clock.advance(9999);
    rig.fail("upstream-unreachable");
    expect(isKnown(rig)).toBe(false);
    await rig.clock.advance(1);
    rig.fail("upstream-unreachable");
    expect(isKnown(rig)).toBe(true);
  });

  test("is believed for half a minute, so that somebody finds out when it is over", async () => {
    const rig = start();
    rig.fail("upstream-unreachable");
    await rig.clock.advance(10_000);
    rig.fail("upstream-unreachable");
    await rig.clock.advance(29_999);
    expect(isKnown(rig)).toBe(true);
    await rig.clock.advance(1);
    expect(isKnown(rig)).toBe(false);
  });

  test.each<[ErrorCode, boolean]>([
    ["upstream-throttled", true],
    ["upstream-closed", true],
    ["upstream-refused", false],
    ["upstream-certificate", false],
    ["upstream-smtp-auth-disabled", false],
    ["mailbox-not-connected", false],
  ])("is one that passes by itself: %s %s", async (code, known) => {
    const rig = start();
    rig.fail(code);
    await rig.clock.advance(10_000);
    rig.fail(code);
    expect(isKnown(rig)).toBe(known);
  });
});

test("a network that is back makes failures of the way forgotten, and what a server has said stays", () => {
  const changed: string[] = [];
  const outages = createOutages(createFakeClock(), (accountId) => changed.push(accountId));
  outages.failed(ALICE, "imap", new PosternError("upstream-unreachable"));
  outages.failed(BOB, "smtp", new PosternError("upstream-refused"));
  changed.length = 0;
  outages.forgetNetwork();
  expect(outages.current(ALICE)).toBeUndefined();
  expect(outages.current(BOB)?.error.code).toBe("upstream-refused");
  expect(changed).toEqual(["a"]);
});
