// A person who signs in or out while the broker is at work: the person always wins.
import { describe, expect, test } from "vitest";
import { ACCOUNT, createBrokerRig, REFRESH_TOKEN } from "../../../support/broker-rig.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { HOUR, MINUTE, settle } from "../../../support/fake-clock.ts";

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
