import { describe, expect, test } from "vitest";
import { createKeywordCache } from "../../../src/proxy/keyword-cache.ts";
import { createAccount } from "../../support/account.ts";
import { createFakeClock, settle } from "../../support/fake-clock.ts";

const ALICE = createAccount({ id: "a" });
const BOB = createAccount({ id: "b" });

function start(ask: () => Promise<readonly string[]> = async () => ["SIZE 1000", "DSN"]) {
  const clock = createFakeClock();
  const stored = new Map<string, readonly string[]>();
  const log = { asked: 0, stores: 0 };
  const cache = createKeywordCache({
    clock,
    stored: (accountId) => stored.get(accountId),
    store(accountId, keywords) {
      log.stores += 1;
      stored.set(accountId, keywords);
    },
    ask() {
      log.asked += 1;
      return ask();
    },
  });
  return { clock, stored, log, cache };
}

describe("what the accounts' servers announce", () => {
  test("is known from last time, without asking", async () => {
    const { stored, log, cache } = start();
    stored.set("a", ["SIZE 1"]).set("b", ["SIZE 2"]);
    expect(await cache.lists([ALICE, BOB])).toEqual([["SIZE 1"], ["SIZE 2"]]);
    expect(log.asked).toBe(0);
  });

  test("is asked for where there is one account, and remembered", async () => {
    const { log, cache } = start();
    expect(await cache.lists([ALICE])).toEqual([["SIZE 1000", "DSN"]]);
    expect(await cache.lists([ALICE])).toEqual([["SIZE 1000", "DSN"]]);
    expect(log.asked).toBe(1);
  });

  test("is asked for once by programs that connect together", async () => {
    const { promise, resolve } = Promise.withResolvers<readonly string[]>();
    const { log, cache } = start(() => promise);
    const answers = Promise.all([cache.lists([ALICE]), cache.lists([ALICE]), cache.lists([ALICE])]);
    resolve(["DSN"]);
    expect(await answers).toEqual([[["DSN"]], [["DSN"]], [["DSN"]]]);
    expect(log.asked).toBe(1);
  });

  test("is not known where one of several is missing: nobody waits for a guess", async () => {
    const { stored, log, cache } = start();
    stored.set("a", ["SIZE 1"]);
    expect(await cache.lists([ALICE, BOB])).toEqual([]);
    expect(log.asked).toBe(0);
  });

  test("is nothing without accounts", async () => {
    const { log, cache } = start();
    expect(await cache.lists([])).toEqual([]);
    expect(log.asked).toBe(0);
  });

  test("is waited for two seconds, and not asked for again for a minute", async () => {
    const { clock, log, cache } = start(() => new Promise(() => {}));
    const lists = cache.lists([ALICE]);
    await clock.advance(2000);
    expect(await lists).toEqual([]);
    await clock.advance(59_999);
    expect(await cache.lists([ALICE])).toEqual([]);
    expect(log.asked).toBe(1);
    await clock.advance(1);
    void cache.lists([ALICE]);
    await settle();
    expect(log.asked).toBe(2);
  });

  test("is the minimum when the server cannot be asked", async () => {
    const { cache, stored } = start(() => Promise.reject(new Error("ECONNREFUSED")));
    expect(await cache.lists([ALICE])).toEqual([]);
    expect(stored.size).toBe(0);
  });
});

describe("learning from a login", () => {
  test("writes only what is new, and only what is used", () => {
    const { stored, log, cache } = start();
    cache.learn(ALICE, ["SIZE 1000", "AUTH XOAUTH2", "X-SESSION 12345", "DSN", "CHUNKING", "SMTPUTF8"]);
    expect(stored.get("a")).toEqual(["SIZE 1000", "DSN", "CHUNKING", "SMTPUTF8"]);
    cache.learn(ALICE, ["SIZE 1000", "X-SESSION 67890", "DSN", "CHUNKING", "SMTPUTF8"]);
    expect(log.stores).toBe(1);
    cache.learn(ALICE, ["SIZE 2000"]);
    expect(log.stores).toBe(2);
  });

  test("remembers that a server announces nothing", async () => {
    const { log, cache } = start();
    cache.learn(ALICE, []);
    expect(await cache.lists([ALICE])).toEqual([[]]);
    expect(log.asked).toBe(0);
  });
});
