import { describe, expect, test } from "vitest";
import type { State } from "../../../src/daemon/config/state.ts";
import { createKeychainLeftovers } from "../../../src/daemon/keychain-leftovers.ts";
import { keychainValue } from "../../../src/oauth/keychain/keychain.ts";
import { createFakeClock, settle } from "../../support/fake-clock.ts";
import { createMemoryDocument } from "../../support/memory-document.ts";
import { createMemoryKeychain } from "../../support/memory-keychain.ts";

const NAME = { purpose: "refresh-token", accountId: "a" } as const;
const PAUSE = 300_000;

async function start() {
  const keychain = createMemoryKeychain();
  await keychain.replace(NAME, keychainValue("token"));
  const clock = createFakeClock();
  const state = createMemoryDocument<State>({
    version: 2,
    passwords: [],
    signIns: {},
    leftInKeychain: [],
    smtpKeywords: {},
  });
  return { keychain, clock, state, leftovers: createKeychainLeftovers(keychain, state, clock) };
}

describe("what a person wanted gone from the keychain", () => {
  test("is gone at once where it can be reached, and nothing is noted", async () => {
    const { keychain, state, leftovers } = await start();
    expect(await leftovers.remove("a", ["refresh-token"])).toBe(false);
    expect(keychain.texts(NAME)).toBeUndefined();
    expect(state.writes).toBe(0);
  });

  test("is noted where it cannot be reached, and removed five minutes later", async () => {
    const { keychain, state, leftovers, clock } = await start();
    keychain.failWrites(1);
    expect(await leftovers.remove("a", ["refresh-token"])).toBe(true);
    expect(state.current().leftInKeychain).toEqual([NAME]);
    expect(keychain.texts(NAME)?.current).toBe("token");
    await clock.advance(PAUSE);
    await settle();
    expect(keychain.texts(NAME)).toBeUndefined();
    expect(state.current().leftInKeychain).toEqual([]);
  });

  test("is tried again for as long as it takes, also after a restart", async () => {
    const { keychain, state, leftovers, clock } = await start();
    keychain.failWrites(3);
    await leftovers.remove("a", ["refresh-token"]);
    await clock.advance(PAUSE);
    const later = createKeychainLeftovers(keychain, state, clock);
    await later.retry();
    expect(keychain.texts(NAME)?.current).toBe("token");
    await clock.advance(PAUSE);
    await settle();
    expect(keychain.texts(NAME)).toBeUndefined();
  });
});
