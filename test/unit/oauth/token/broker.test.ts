import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../../../../src/errors/catalogue.ts";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { accessToken, refreshToken } from "../../../../src/secret/secret.ts";
import { ACCOUNT, createBrokerRig, REFRESH_TOKEN } from "../../../support/broker-rig.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { settle } from "../../../support/fake-clock.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;

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
    await broker.signedIn("another", {
      accessToken: accessToken("theirs"),
      lifetime: 3600,
      refreshToken: refreshToken("their refresh token"),
      identity: undefined,
    });
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

describe("a person who signs in while a refresh is on its way", () => {
  test("wins: the refresh changes nothing any more, and its login gets the new token", async () => {
    const { broker, server, token, stored, issue, journal, keychain } = await createBrokerRig();
    const open = server.gate();
    const asking = broker.accessToken(ACCOUNT);
    await settle();
    await broker.signedIn(ACCOUNT, issue("new"));
    open();
    expect((await asking).reveal()).toBe("A-new");
    expect(stored()).toBe("R-new");
    expect(keychain.texts(REFRESH_TOKEN)?.predecessor).toBeUndefined();
    expect(await token()).toBe("A-new");
    expect(journal.marks.size).toBe(0);
  });

  test("wins though the refresh fails", async () => {
    const { broker, server, token, issue } = await createBrokerRig();
    server.dead.add("R0");
    const open = server.gate();
    const asking = failureOf(broker.accessToken(ACCOUNT));
    await settle();
    await broker.signedIn(ACCOUNT, issue("new"));
    open();
    await asking;
    expect(broker.outage(ACCOUNT)).toBeUndefined();
    expect(await token()).toBe("A-new");
  });

  test("wins over a refusal's second opinion: there is no request", async () => {
    const { broker, server, token, issue, clock } = await createBrokerRig();
    server.dead.add("R0");
    await failureOf(token());
    await broker.signedIn(ACCOUNT, issue("new"));
    await clock.advance(5 * MINUTE);
    expect(server.requests).toEqual(["R0"]);
    expect(await token()).toBe("A-new");
  });

  test("wins while the token before is tried, though that is refused too", async () => {
    const { token, server, clock, broker, issue, state } = await createBrokerRig();
    await token();
    server.dead.add("R1");
    await clock.advance(2 * HOUR);
    await failureOf(token());
    // The second opinion: R1 is refused at once, and R0, the one before, is held back.
    let open = (): void => {};
    const { push } = server.requests;
    server.requests.push = (...texts) => {
      if (texts[0] === "R0") open = server.gate();
      return push.apply(server.requests, texts);
    };
    await clock.advance(MINUTE);
    expect(server.requests.slice(-2)).toEqual(["R1", "R0"]);
    await broker.signedIn(ACCOUNT, issue("new"));
    expect(await token()).toBe("A-new");
    open();
    await settle();
    expect(await state()).toBe("active");
    expect(await token()).toBe("A-new");
  });

  test("wins over a token that is still waiting to be saved", async () => {
    const { broker, keychain, token, stored, issue, clock } = await createBrokerRig();
    keychain.failWrites(1);
    await token();
    const open = keychain.gate();
    const signingIn = broker.signedIn(ACCOUNT, issue("new"));
    await clock.advance(5000);
    open();
    await signingIn;
    await clock.advance(MINUTE);
    expect(stored()).toBe("R-new");
    expect((await broker.look(ACCOUNT)).unsaved).toBe(false);
  });

  test("is told when it cannot be stored; then nothing has changed, and the refresh's token is kept", async () => {
    const { broker, keychain, server, token, stored, issue } = await createBrokerRig();
    const open = server.gate();
    const asking = broker.accessToken(ACCOUNT);
    await settle();
    keychain.failWrites(1);
    expect((await failureOf(broker.signedIn(ACCOUNT, issue("new")))).code).toBe("keychain-failed");
    open();
    expect((await asking).reveal()).toBe("A1");
    expect(stored()).toBe("R1");
    expect(await token()).toBe("A1");
  });

  test("without getting a refresh token is not signed in: it would end within the hour", async () => {
    const { broker, stored, issue } = await createBrokerRig();
    const failure = await failureOf(broker.signedIn(ACCOUNT, { ...issue("new"), refreshToken: undefined }));
    expect(failure.code).toBe("sign-in-not-lasting");
    expect(stored()).toBe("R0");
  });
});

describe("a person who signs out", () => {
  test("while a refresh is on its way wins: nothing of it is stored or handed out", async () => {
    const { broker, server, stored, state, journal } = await createBrokerRig();
    const open = server.gate();
    const asking = failureOf(broker.accessToken(ACCOUNT));
    await settle();
    await broker.forget(ACCOUNT);
    open();
    expect((await asking).code).toBe("signed-out");
    expect(stored()).toBeUndefined();
    expect(await state()).toBe("signed-out");
    expect(journal.marks.size).toBe(0);
  });

  test("takes a token that is still waiting to be saved with it", async () => {
    const { broker, keychain, token, stored, clock } = await createBrokerRig();
    keychain.failWrites(1);
    await token();
    const open = keychain.gate();
    const forgetting = broker.forget(ACCOUNT);
    await clock.advance(5000);
    open();
    await forgetting;
    await clock.advance(MINUTE);
    expect(stored()).toBeUndefined();
  });

  test("ends the handing out at once, before the keychain has answered", async () => {
    const { broker, keychain, token } = await createBrokerRig();
    await token();
    const open = keychain.gate();
    const forgetting = broker.forget(ACCOUNT);
    const asking = failureOf(token());
    open();
    await forgetting;
    expect((await asking).code).toBe("signed-out");
  });

  test("keeps a second opinion from asking any more", async () => {
    const { broker, server, token, clock } = await createBrokerRig();
    server.dead.add("R0");
    await failureOf(token());
    await broker.forget(ACCOUNT);
    await clock.advance(5 * MINUTE);
    expect(server.requests).toEqual(["R0"]);
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
