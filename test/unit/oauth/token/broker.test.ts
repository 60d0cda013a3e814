// Handing out access tokens: when one is good, when it costs a refresh, and what is known of an account.

import { describe, expect, test } from "vitest";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { accessToken, refreshToken } from "../../../../src/secret/secret.ts";
import { ACCOUNT, createBrokerRig, REFRESH_TOKEN } from "../../../support/broker-rig.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { HOUR, MINUTE, settle } from "../../../support/fake-clock.ts";
import { createIssuedTokens } from "../../../support/issued-tokens.ts";

describe("handing out access tokens", () => {
  test("50 at once cost one refresh", async () => {
    const { broker, server } = await createBrokerRig();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => broker.accessToken(ACCOUNT)));
    expect(new Set(tokens.map((token) => token.reveal()))).toEqual(new Set(["A1"]));
    expect(server.requests).toEqual(["R0"]);
  });

  test("costs no refresh while the last one is good, nor a look into the keychain", async () => {
    const { token, server, keychain, clock } = await createBrokerRig();
    await token();
    keychain.failReads(true);
    await clock.advance(30 * MINUTE);
    expect(await token()).toBe("A1");
    expect(server.requests).toHaveLength(1);
  });

  test("uses the rotated refresh token the next time", async () => {
    const { token, server, clock } = await createBrokerRig();
    for (const expected of ["A1", "A2", "A3"]) {
      expect(await token()).toBe(expected);
      await clock.advance(2 * HOUR);
    }
    expect(server.requests).toEqual(["R0", "R1", "R2"]);
  });

  test("keeps accounts apart", async () => {
    const { broker, keychain, server } = await createBrokerRig();
    await broker.signedIn(
      "another",
      createIssuedTokens({
        accessToken: accessToken("theirs"),
        refreshToken: refreshToken("their refresh token"),
      }),
    );
    expect((await broker.accessToken(ACCOUNT)).reveal()).toBe("A1");
    expect((await broker.accessToken("another")).reveal()).toBe("theirs");
    expect(server.requests).toEqual(["R0"]);
    expect(keychain.texts({ ...REFRESH_TOKEN, accountId: "another" })?.current).toBe("their refresh token");
  });

  test("is refused where nobody has signed in, without a request", async () => {
    const { token, server } = await createBrokerRig({ signedIn: false });
    expect((await failureOf(token())).code).toBe("signed-out");
    expect(server.requests).toEqual([]);
  });

  test("tells a lost keychain entry from a sign-in that never was", async () => {
    const { token, known } = await createBrokerRig({ signedIn: false });
    known.signedInBefore = true;
    expect((await failureOf(token())).code).toBe("keychain-entry-missing");
  });

  test("is refused while the keychain cannot be read, and works again by itself", async () => {
    const { token, keychain, server } = await createBrokerRig();
    keychain.failReads(true);
    expect((await failureOf(token())).code).toBe("keychain-failed");
    expect(server.requests).toEqual([]);
    keychain.failReads(false);
    expect(await token()).toBe("A1");
  });
});

describe("an access token ends", () => {
  test("by the monotonic clock, though the wall clock was set back", async () => {
    const { token, clock } = await createBrokerRig();
    await token();
    clock.jumpWall(-10 * HOUR);
    await clock.advance(HOUR);
    expect(await token()).toBe("A2");
  });

  test("by the wall clock, though the machine slept and the monotonic one stood still", async () => {
    const { token, clock } = await createBrokerRig();
    await token();
    clock.jumpWall(HOUR);
    expect(await token()).toBe("A2");
  });

  test("two minutes before its end already: the mail server must still take it", async () => {
    const { token, clock, server } = await createBrokerRig();
    await token();
    await clock.advance(HOUR - 2 * MINUTE - 1);
    server.failures.push(new PosternError("authorization-server-failing", { retryAfter: 30_000 }));
    expect(await token()).toBe("A1");
    await clock.advance(1);
    expect((await failureOf(token())).code).toBe("authorization-server-failing");
  });

  test("is renewed in the background before, while the old one is handed out", async () => {
    const { token, clock, server } = await createBrokerRig();
    await token();
    await clock.advance(HOUR - 7 * MINUTE);
    expect(await token()).toBe("A1");
    expect(server.requests).toHaveLength(1);
    await clock.advance(2 * MINUTE);
    const open = server.gate();
    expect(await token()).toBe("A1");
    expect(await token()).toBe("A1");
    await settle();
    expect(server.requests).toHaveLength(2);
    open();
    await settle();
    expect(await token()).toBe("A2");
  });

  test("is renewed in the background once for each pause only, when that fails", async () => {
    const { token, clock, server } = await createBrokerRig();
    await token();
    await clock.advance(HOUR - 5 * MINUTE);
    server.failures.push("authorization-server-unreachable", "authorization-server-unreachable");
    for (let login = 0; login < 10; login++) expect(await token()).toBe("A1");
    await settle();
    for (let login = 0; login < 10; login++) expect(await token()).toBe("A1");
    await settle();
    expect(server.requests).toHaveLength(2);
  });

  test("after seconds: no loop of refreshes, one for each that is asked for and over", async () => {
    const { token, clock, server } = await createBrokerRig();
    server.lifetime = 5;
    await token();
    await clock.advance(MINUTE);
    expect(server.requests).toHaveLength(1);
    expect(await token()).toBe("A2");
    expect(await token()).toBe("A2");
    expect(server.requests).toHaveLength(2);
  });
});

describe("a token that the mail server has rejected", () => {
  test("is replaced by exactly one refresh, though ten logins reject it at once", async () => {
    const { token, server } = await createBrokerRig();
    await token();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => token("A1")));
    expect(new Set(tokens)).toEqual(new Set(["A2"]));
    expect(server.requests).toHaveLength(2);
  });

  test("is replaced by exactly one refresh, though ten logins reject it one after another", async () => {
    const { token, server } = await createBrokerRig();
    await token();
    for (let login = 0; login < 10; login++) expect(await token("A1")).toBe("A2");
    expect(server.requests).toHaveLength(2);
  });

  test("is not handed out again when there is no other one", async () => {
    const { token, server } = await createBrokerRig();
    await token();
    server.failures.push("authorization-server-unreachable");
    expect((await failureOf(token("A1"))).code).toBe("authorization-server-unreachable");
  });
});

describe("what is known of an account", () => {
  test("is found out from the keychain, without a request", async () => {
    const { state, server } = await createBrokerRig();
    expect(await state()).toBe("stored");
    expect(server.requests).toEqual([]);
  });

  test("is found out again for one that was signed out: its entry may have come back", async () => {
    const { broker, state, issue } = await createBrokerRig({ signedIn: false });
    expect(await state()).toBe("signed-out");
    await broker.signedIn(ACCOUNT, issue("new"));
    expect(await state()).toBe("active");
  });

  test("is told as changed at every turn", async () => {
    const { token, changes, broker, issue, server } = await createBrokerRig();
    const changed = async (work: Promise<unknown>): Promise<boolean> => {
      changes.length = 0;
      await work;
      return changes.length > 0;
    };
    expect(await changed(token())).toBe(true);
    server.failures.push("authorization-server-unreachable");
    expect(await changed(failureOf(token("A1")))).toBe(true);
    expect(await changed(broker.signedIn(ACCOUNT, issue("new")))).toBe(true);
    expect(await changed(broker.forget(ACCOUNT))).toBe(true);
  });
});
