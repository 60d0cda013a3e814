// A refresh that fails: what passes by itself, and how often the server must refuse before a sign-in has ended.
import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../../../../src/errors/catalogue.ts";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { ACCOUNT, createBrokerRig } from "../../../support/broker-rig.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { HOUR, MINUTE } from "../../../support/fake-clock.ts";

describe("a temporary failure", () => {
  test("keeps the sign-in, and is over by itself", async () => {
    const { token, server, stored, state, clock, broker } = await createBrokerRig();
    server.failures.push("authorization-server-unreachable");
    expect((await failureOf(token())).code).toBe("authorization-server-unreachable");
    expect(stored()).toBe("R0");
    expect(broker.outage(ACCOUNT)?.error.code).toBe("authorization-server-unreachable");
    await clock.advance(10_000);
    expect(await token()).toBe("A1");
    expect(broker.outage(ACCOUNT)).toBeUndefined();
    expect(await state()).toBe("active");
  });

  test("makes the pauses longer and longer, up to a minute", async () => {
    const { token, server, clock, broker } = await createBrokerRig();
    server.failures.push(...Array.from({ length: 8 }, () => "authorization-server-failing" as const));
    const pauses: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      await failureOf(token());
      const pause = (broker.outage(ACCOUNT)?.retryAt ?? 0) - clock.monotonic();
      pauses.push(pause);
      await clock.advance(pause);
    }
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("costs no request during a long pause: logins fail at once with its reason", async () => {
    const { token, server, clock } = await createBrokerRig();
    server.failures.push(new PosternError("authorization-server-failing", { retryAfter: 120_000 }));
    await failureOf(token());
    for (let login = 0; login < 20; login++) {
      expect((await failureOf(token())).code).toBe("authorization-server-failing");
      await clock.advance(5000);
    }
    expect(server.requests).toHaveLength(1);
    await clock.advance(20_000);
    expect(await token()).toBe("A1");
    expect(server.requests).toHaveLength(2);
  });

  test("is waited out by logins where the pause is short, with one request for all of them", async () => {
    const { token, server, clock } = await createBrokerRig();
    server.failures.push("authorization-server-unreachable");
    await failureOf(token());
    const logins = Promise.all(Array.from({ length: 10 }, () => token()));
    await clock.advance(1999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    expect(new Set(await logins)).toEqual(new Set(["A1"]));
    expect(server.requests).toHaveLength(2);
  });

  test.each([HOUR, -HOUR])("pauses as long when the wall clock is set by %i ms", async (jump) => {
    const { token, server, clock } = await createBrokerRig();
    server.failures.push(new PosternError("authorization-server-failing", { retryAfter: 30_000 }));
    await failureOf(token());
    clock.jumpWall(jump);
    await failureOf(token());
    expect(server.requests).toHaveLength(1);
    await clock.advance(30_000);
    expect(await token()).toBe("A1");
  });

  test("never becomes the end of the sign-in, however often it comes", async () => {
    const { token, server, clock, stored, state } = await createBrokerRig();
    const codes: ErrorCode[] = [
      "authorization-server-unreachable",
      "authorization-server-failing",
      "authorization-server-certificate",
      "oauth-client-refused",
      "internal",
    ];
    for (let failure = 0; failure < 50; failure++) {
      server.failures.push(codes[failure % codes.length] ?? "internal");
      await failureOf(token());
      await clock.advance(MINUTE);
    }
    expect(stored()).toBe("R0");
    expect(await state()).toBe("stored");
    expect(await token()).toBe("A1");
  });
});

describe("invalid_grant", () => {
  test("once is not believed: the sign-in stays, and it is told as something that may pass", async () => {
    const { token, server, stored, state, clock } = await createBrokerRig();
    server.failures.push("sign-in-ended");
    const failure = await failureOf(token());
    expect([failure.code, failure.temporary]).toEqual(["sign-in-refused-once", true]);
    expect(stored()).toBe("R0");
    await clock.advance(59_000);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1000);
    expect(server.requests).toHaveLength(2);
    expect(await state()).toBe("active");
    expect(await token()).toBe("A1");
  });

  test("a second time after a minute ends the sign-in, without anybody asking, and keeps the token", async () => {
    const { token, server, stored, state, clock, broker } = await createBrokerRig();
    server.dead.add("R0");
    await failureOf(token());
    await clock.advance(MINUTE);
    expect(await state()).toBe("needs-attention");
    expect(stored()).toBe("R0");
    expect(broker.outage(ACCOUNT)).toBeUndefined();
    expect((await failureOf(token())).code).toBe("sign-in-ended");
  });

  test("that has ended a sign-in is the last request until somebody signs in", async () => {
    const { token, server, clock, broker, issue } = await createBrokerRig();
    server.dead.add("R0");
    await failureOf(token());
    await clock.advance(MINUTE);
    const requests = server.requests.length;
    for (let login = 0; login < 20; login++) {
      await failureOf(token());
      await clock.advance(10 * MINUTE);
    }
    expect(server.requests).toHaveLength(requests);
    await broker.signedIn(ACCOUNT, issue("new"));
    expect(await token()).toBe("A-new");
  });

  test("does not count twice within a minute, whatever the wall clock says", async () => {
    const { token, server, clock, state } = await createBrokerRig();
    server.failures.push("sign-in-ended");
    await failureOf(token());
    clock.jumpWall(HOUR);
    await failureOf(token());
    expect(await state()).not.toBe("needs-attention");
    expect(server.requests).toHaveLength(1);
  });

  test("is not the second one when a success lies between", async () => {
    const { token, server, clock, state } = await createBrokerRig();
    server.failures.push("sign-in-ended");
    await failureOf(token());
    await clock.advance(MINUTE);
    expect(await token()).toBe("A1");
    server.failures.push("sign-in-ended");
    await clock.advance(2 * HOUR);
    expect((await failureOf(token())).code).toBe("sign-in-refused-once");
    expect(await state()).not.toBe("needs-attention");
  });

  test("behind an outage is still only the first one", async () => {
    const { token, server, clock, state } = await createBrokerRig();
    server.failures.push("authorization-server-failing", "sign-in-ended");
    await failureOf(token());
    await clock.advance(10_000);
    expect((await failureOf(token())).code).toBe("sign-in-refused-once");
    await clock.advance(MINUTE);
    expect(await state()).toBe("active");
  });

  test("for a rejected token leaves the old one out of it, and comes back", async () => {
    const { token, server, clock } = await createBrokerRig();
    await token();
    server.failures.push("sign-in-ended");
    expect((await failureOf(token("A1"))).code).toBe("sign-in-refused-once");
    await clock.advance(MINUTE);
    expect(await token("A1")).toBe("A2");
  });

  test("at the second refusal the refresh token before is tried: its successor may never have become good", async () => {
    const { token, server, clock, stored, state } = await createBrokerRig();
    await token();
    server.dead.delete("R0");
    server.dead.add("R1");
    await clock.advance(2 * HOUR);
    expect((await failureOf(token())).code).toBe("sign-in-refused-once");
    expect(server.requests).toEqual(["R0", "R1"]);
    await clock.advance(MINUTE);
    expect(server.requests).toEqual(["R0", "R1", "R1", "R0"]);
    expect(await state()).toBe("active");
    expect(stored()).toBe("R2");
    expect(await token()).toBe("A2");
  });

  test("that ended with the one before at work: that one is sent from then on", async () => {
    const { token, server, clock, broker } = await createBrokerRig();
    await token();
    server.dead.delete("R0");
    server.dead.add("R1");
    server.rotates = false;
    await clock.advance(2 * HOUR);
    await failureOf(token());
    await clock.advance(MINUTE);
    expect(await token()).toBe("A2");
    await clock.advance(2 * HOUR);
    expect(await token()).toBe("A3");
    expect(broker.outage(ACCOUNT)).toBeUndefined();
  });

  test("for the one before as well ends the sign-in", async () => {
    const { token, server, clock, state } = await createBrokerRig();
    await token();
    server.dead.add("R1");
    await clock.advance(2 * HOUR);
    await failureOf(token());
    await clock.advance(MINUTE);
    expect(await state()).toBe("needs-attention");
    expect(server.requests).toEqual(["R0", "R1", "R1", "R0"]);
  });

  test("is not the end when the try with the one before only fails for a while", async () => {
    const { token, server, clock, state, broker } = await createBrokerRig();
    await token();
    server.dead.add("R1");
    await clock.advance(2 * HOUR);
    await failureOf(token());
    server.failures.push("sign-in-ended", "authorization-server-unreachable");
    await clock.advance(MINUTE);
    expect(await state()).not.toBe("needs-attention");
    expect(broker.outage(ACCOUNT)?.error.code).toBe("authorization-server-unreachable");
  });
});
