import { describe, expect, test } from "vitest";
import { createTokenKeeper } from "../../../../src/oauth/token/token-keeper.ts";
import { refreshToken } from "../../../../src/secret/secret.ts";
import { ACCOUNT, REFRESH_TOKEN } from "../../../support/broker-rig.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock, settle } from "../../../support/fake-clock.ts";
import { createMemoryKeychain } from "../../../support/memory-keychain.ts";

function start() {
  const clock = createFakeClock();
  const keychain = createMemoryKeychain();
  const keeper = createTokenKeeper(keychain, clock, () => {});
  const newest = async () => (await keeper.newest(ACCOUNT))?.token.reveal();
  return { clock, keychain, keeper, newest, stored: () => keychain.texts(REFRESH_TOKEN)?.current };
}

describe("the newest refresh token", () => {
  test("is the one in the keychain, with its generation and the one before", async () => {
    const { keeper } = start();
    await keeper.keep(ACCOUNT, refreshToken("one"));
    await keeper.keep(ACCOUNT, refreshToken("two"));
    const kept = await keeper.newest(ACCOUNT);
    expect([kept?.token.reveal(), kept?.generation, kept?.predecessor?.reveal()]).toEqual(["two", 2, "one"]);
  });

  test("is the one in memory while the keychain refuses it, and is offered again every minute at last", async () => {
    const { clock, keychain, keeper, newest, stored } = start();
    keychain.failWrites(Number.POSITIVE_INFINITY);
    await keeper.keep(ACCOUNT, refreshToken("one"));
    await clock.advance(3_600_000);
    expect([await newest(), keeper.isUnsaved(ACCOUNT), stored()]).toEqual(["one", true, undefined]);
    keychain.failWrites(0);
    await clock.advance(60_000);
    expect([await newest(), keeper.isUnsaved(ACCOUNT), stored()]).toEqual(["one", false, "one"]);
  });

  test("stays the newest when an older one is still waiting to be saved", async () => {
    const { clock, keychain, keeper, stored } = start();
    keychain.failWrites(1);
    await keeper.keep(ACCOUNT, refreshToken("one"));
    await keeper.keep(ACCOUNT, refreshToken("two"));
    await clock.advance(600_000);
    expect(stored()).toBe("two");
    expect(keychain.texts(REFRESH_TOKEN)?.predecessor).toBeUndefined();
  });

  test("is that of a new sign-in, with no way back to the grant before", async () => {
    const { keychain, keeper } = start();
    await keeper.keep(ACCOUNT, refreshToken("one"));
    await keeper.replace(ACCOUNT, refreshToken("new"));
    expect(keychain.texts(REFRESH_TOKEN)).toEqual({ current: "new", predecessor: undefined });
  });

  test("is that of a new sign-in even when only the way back could not be closed", async () => {
    const { keychain, keeper, newest } = start();
    await keeper.keep(ACCOUNT, refreshToken("one"));
    const replacing = keeper.replace(ACCOUNT, refreshToken("new"));
    keychain.dropPredecessor = () => Promise.reject(new Error("locked"));
    await replacing;
    expect(await newest()).toBe("new");
  });

  test("that waits to be saved is still there when a new sign-in cannot be stored", async () => {
    const { clock, keychain, keeper, newest, stored } = start();
    keychain.failWrites(2);
    await keeper.keep(ACCOUNT, refreshToken("one"));
    expect((await failureOf(keeper.replace(ACCOUNT, refreshToken("new")))).code).toBe("keychain-failed");
    expect(await newest()).toBe("one");
    await clock.advance(1000);
    expect(stored()).toBe("one");
  });

  test("that waits to be saved does not come back after its removal", async () => {
    const { clock, keychain, keeper, newest, stored } = start();
    keychain.failWrites(1);
    await keeper.keep(ACCOUNT, refreshToken("one"));
    const open = keychain.gate();
    const removing = keeper.remove(ACCOUNT);
    await clock.advance(10_000);
    open();
    await removing;
    await settle();
    expect([await newest(), stored()]).toEqual([undefined, undefined]);
  });

  test("cannot be told while the keychain is locked and nothing waits", async () => {
    const { keychain, keeper } = start();
    keychain.failReads(true);
    expect((await failureOf(keeper.newest(ACCOUNT))).code).toBe("keychain-failed");
  });
});
