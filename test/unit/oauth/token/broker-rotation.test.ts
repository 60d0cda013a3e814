// A rotated refresh token: it is kept before anything is handed out, and an interrupted refresh is remembered.
import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../../../../src/errors/catalogue.ts";
import { accessToken } from "../../../../src/secret/secret.ts";
import { ACCOUNT, createBrokerRig, REFRESH_TOKEN } from "../../../support/broker-rig.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { MINUTE, settle } from "../../../support/fake-clock.ts";

describe("a rotated refresh token", () => {
  test("is stored, the old one as its predecessor, before its access token is handed out", async () => {
    const { broker, keychain, server } = await createBrokerRig();
    const open = server.gate();
    let handedOut = false;
    const asking = broker.accessToken(ACCOUNT).then(() => {
      handedOut = true;
    });
    await settle();
    const openKeychain = keychain.gate();
    open();
    await settle();
    expect([handedOut, server.requests]).toEqual([false, ["R0"]]);
    openKeychain();
    await asking;
    expect(keychain.texts(REFRESH_TOKEN)).toEqual({ current: "R1", predecessor: "R0" });
  });

  test("that does not differ is not written", async () => {
    const { token, server, keychain } = await createBrokerRig();
    server.rotates = false;
    const before = keychain.done.length;
    await token();
    await token("A1");
    expect(server.requests).toEqual(["R0", "R0"]);
    expect(keychain.done).toHaveLength(before);
  });

  test("that the keychain refuses stays in memory, is used, told, tried again, and saved", async () => {
    const { token, keychain, broker, stored, clock, changes } = await createBrokerRig();
    keychain.failWrites(3);
    expect(await token()).toBe("A1");
    expect((await broker.look(ACCOUNT)).unsaved).toBe(true);
    expect(stored()).toBe("R0");
    await clock.advance(1000);
    expect(stored()).toBe("R0");
    changes.length = 0;
    await clock.advance(2000 + 4000);
    expect(stored()).toBe("R1");
    expect((await broker.look(ACCOUNT)).unsaved).toBe(false);
    expect(changes).not.toEqual([]);
    await clock.advance(10 * MINUTE);
    expect(clock.scheduled()).toBe(0);
  });

  test("that is in memory only is the one that is sent, even while the keychain is locked", async () => {
    const { token, keychain, server, stored, clock } = await createBrokerRig();
    keychain.failWrites(1000);
    await token();
    keychain.failReads(true);
    expect(await token("A1")).toBe("A2");
    expect(server.requests).toEqual(["R0", "R1"]);
    keychain.failReads(false);
    keychain.failWrites(0);
    await clock.advance(MINUTE);
    expect(stored()).toBe("R2");
  });

  test("that is in memory only is saved at the end of the program", async () => {
    const { token, keychain, broker, stored } = await createBrokerRig();
    keychain.failWrites(1);
    await token();
    await broker.close(5000);
    expect(stored()).toBe("R1");
  });

  test("does not hold up the end of the program for longer than was given", async () => {
    const { token, keychain, broker, clock } = await createBrokerRig();
    keychain.failWrites(1);
    await token();
    keychain.gate();
    let closed = false;
    void broker.close(5000).then(() => {
      closed = true;
    });
    await clock.advance(4999);
    expect(closed).toBe(false);
    await clock.advance(1);
    expect(closed).toBe(true);
  });

  test("that is on its way when the program ends is waited for and stored", async () => {
    const { broker, server, stored } = await createBrokerRig();
    const open = server.gate();
    const asking = broker.accessToken(ACCOUNT);
    await settle();
    const closing = broker.close(5000);
    open();
    await closing;
    expect(stored()).toBe("R1");
    await asking;
    expect((await failureOf(broker.accessToken(ACCOUNT, accessToken("A1")))).code).toBe("shutting-down");
  });
});

describe("the journal", () => {
  test("has the mark of the generation before the request leaves, and none after the answer", async () => {
    const { token, journal, server } = await createBrokerRig();
    const seen: number[] = [];
    const { begin } = journal;
    journal.begin = async (accountId, generation) => {
      await begin(accountId, generation);
      seen.push(server.requests.length);
    };
    await token();
    expect([seen, journal.marks.size]).toEqual([[0], 0]);
    await token("A1");
    expect([seen, journal.marks.size]).toEqual([[0, 1], 0]);
  });

  test.each<ErrorCode>(["authorization-server-unreachable", "sign-in-ended", "internal"])(
    "has no mark after the answer %s: only an end of the program leaves one",
    async (code) => {
      const { token, journal, server } = await createBrokerRig();
      server.failures.push(code);
      await failureOf(token());
      expect(journal.marks.size).toBe(0);
    },
  );

  test("that tells of an interrupted refresh ends the sign-in at the first invalid_grant, without a second one", async () => {
    const { server, journal, restart } = await createBrokerRig();
    journal.marks.set(ACCOUNT, 1);
    server.dead.add("R0");
    const broker = restart();
    expect((await failureOf(broker.accessToken(ACCOUNT))).code).toBe("sign-in-ended");
    expect((await broker.look(ACCOUNT)).state.kind).toBe("needs-attention");
    expect(server.requests).toEqual(["R0"]);
    expect(journal.marks.size).toBe(0);
  });

  test("that tells of an interrupted refresh is harmless when the token still works", async () => {
    const { journal, restart } = await createBrokerRig();
    journal.marks.set(ACCOUNT, 1);
    expect((await restart().accessToken(ACCOUNT)).reveal()).toBe("A1");
    expect(journal.marks.size).toBe(0);
  });

  test("that tells of another generation, which was stored after all, is not believed", async () => {
    const { server, journal, token, restart } = await createBrokerRig();
    await token();
    journal.marks.set(ACCOUNT, 1);
    server.failures.push("sign-in-ended");
    expect((await failureOf(restart().accessToken(ACCOUNT))).code).toBe("sign-in-refused-once");
  });
});
