import { describe, expect, test } from "vitest";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import type { IssuedTokens } from "../../../../src/oauth/client/settings.ts";
import { createSignIns } from "../../../../src/oauth/token/sign-in.ts";
import { accessToken, refreshToken } from "../../../../src/secret/secret.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock, settle } from "../../../support/fake-clock.ts";

const TOKENS: IssuedTokens = {
  accessToken: accessToken("A"),
  lifetime: 3600,
  refreshToken: refreshToken("R"),
  identity: undefined,
};

/** Sign-ins whose browsers the test plays. */
function start({ keychainFails = false } = {}) {
  const browsers: { accountId: string; finish(): void; fail(error: unknown): void; cancelled: boolean }[] =
    [];
  const accepted: { accountId: string; anyIdentity: boolean }[] = [];
  const log: string[] = [];
  const clock = createFakeClock();
  const signIns = createSignIns({
    clock,
    async prepareKeychain() {
      if (keychainFails) throw new PosternError("keychain-failed");
    },
    async begin(accountId, accept) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      promise.catch(() => {});
      const browser = {
        accountId,
        cancelled: false,
        finish: () => void accept(TOKENS).then(resolve, reject),
        fail: reject,
      };
      browsers.push(browser);
      return {
        authorizationUrl: `https://issuer.example/authorize?attempt=${browsers.length}`,
        completed: promise as Promise<never>,
        cancel() {
          browser.cancelled = true;
          reject(new PosternError("sign-in-cancelled"));
        },
      };
    },
    accept: async (accountId, _tokens, { anyIdentity }) => void accepted.push({ accountId, anyIdentity }),
    onEnd: (accountId, failure) => void log.push(`end ${accountId} ${failure?.code ?? "signed-in"}`),
  });
  const signIn = (accountId: string, anyIdentity = false) => signIns.start(accountId, { anyIdentity });
  return { signIns, signIn, browsers, accepted, log, clock };
}

describe("a sign-in", () => {
  test("is not begun where its outcome could not be stored", async () => {
    const { signIn, browsers } = start({ keychainFails: true });
    expect((await failureOf(signIn("a"))).code).toBe("keychain-failed");
    expect(browsers).toEqual([]);
  });

  test("ends with its outcome for whoever waits and for whoever asks later", async () => {
    const { signIns, signIn, browsers, accepted, log } = start();
    const { attemptId } = await signIn("a");
    const waiting = signIns.outcome(attemptId);
    expect(signIns.waiting("a")).toBe(1);
    browsers[0]?.finish();
    await waiting;
    await signIns.outcome(attemptId);
    expect(accepted).toEqual([{ accountId: "a", anyIdentity: false }]);
    expect(signIns.waiting("a")).toBe(0);
    expect(log).toEqual(["end a signed-in"]);
  });

  test("that nobody waits for within three seconds was given up, and is cancelled", async () => {
    const { signIns, signIn, browsers, clock } = start();
    const [, awaited] = [await signIn("a"), await signIn("a")];
    const waiting = signIns.outcome(awaited.attemptId);
    await clock.advance(3000);
    expect(browsers.map(({ cancelled }) => cancelled)).toEqual([true, false]);
    expect(signIns.waiting("a")).toBe(1);
    browsers[1]?.finish();
    await waiting;
  });

  test("for which any identity will do says so to whoever accepts it, and no other does", async () => {
    const { signIns, signIn, browsers, accepted } = start();
    const attempts = [await signIn("a", true), await signIn("b")];
    for (const browser of browsers) browser.finish();
    for (const { attemptId } of attempts) await signIns.outcome(attemptId);
    expect(accepted).toEqual([
      { accountId: "a", anyIdentity: true },
      { accountId: "b", anyIdentity: false },
    ]);
  });

  test("that fails tells why, more than once", async () => {
    const { signIns, signIn, browsers } = start();
    const { attemptId } = await signIn("a");
    browsers[0]?.fail(new PosternError("sign-in-denied"));
    for (const _time of [1, 2])
      expect((await failureOf(signIns.outcome(attemptId))).code).toBe("sign-in-denied");
  });

  test("that works ends the account's other attempts, and no other account's", async () => {
    const { signIns, signIn, browsers } = start();
    const other = await signIn("a");
    await signIn("a");
    await signIn("b");
    browsers[1]?.finish();
    expect((await failureOf(signIns.outcome(other.attemptId))).code).toBe("sign-in-cancelled");
    await settle();
    expect([signIns.waiting("a"), signIns.waiting("b")]).toEqual([0, 1]);
  });

  test("that fails leaves the account's other attempts alone", async () => {
    const { signIns, signIn, browsers } = start();
    await signIn("a");
    await signIn("a");
    browsers[0]?.fail(new PosternError("sign-in-denied"));
    await settle();
    expect(signIns.waiting("a")).toBe(1);
  });

  test("is the fifth of an account only when the first has been given up", async () => {
    const { signIns, signIn, browsers } = start();
    for (let attempt = 0; attempt < 5; attempt++) await signIn("a");
    expect(browsers.map(({ cancelled }) => cancelled)).toEqual([true, false, false, false, false]);
    await settle();
    expect(signIns.waiting("a")).toBe(4);
  });

  test("can be cancelled by its id, and an unknown id is no bug", async () => {
    const { signIns, signIn } = start();
    const { attemptId } = await signIn("a");
    signIns.cancel("unknown");
    signIns.cancel(attemptId);
    expect((await failureOf(signIns.outcome(attemptId))).code).toBe("sign-in-cancelled");
    expect((await failureOf(signIns.outcome("unknown"))).code).toBe("request-invalid");
  });

  test("of an account that is being removed is cancelled with all of its kind; at the end all are", async () => {
    const { signIns, signIn } = start();
    for (const accountId of ["a", "a", "b"]) await signIn(accountId);
    signIns.cancelAll("a");
    await settle();
    expect([signIns.waiting("a"), signIns.waiting("b")]).toEqual([0, 1]);
    signIns.cancelAll();
    await settle();
    expect(signIns.waiting("b")).toBe(0);
  });

  test("has an id that nobody guesses", async () => {
    const { signIn } = start();
    const [first, second] = [await signIn("a"), await signIn("a")];
    expect(first.attemptId).not.toBe(second.attemptId);
    expect(Buffer.from(first.attemptId, "base64url").length).toBeGreaterThanOrEqual(12);
  });

  test("that ended long ago is forgotten, one that is waiting never is", async () => {
    const { signIns, signIn, browsers } = start();
    const waiting = await signIn("waiting");
    const old = await signIn("old");
    browsers[1]?.fail(new PosternError("sign-in-denied"));
    await settle();
    for (let attempt = 0; attempt < 110; attempt++) {
      await signIn(`account ${attempt}`);
      browsers.at(-1)?.fail(new PosternError("sign-in-denied"));
      await settle();
    }
    expect((await failureOf(signIns.outcome(old.attemptId))).code).toBe("request-invalid");
    expect(signIns.waiting("waiting")).toBe(1);
    browsers[0]?.finish();
    await signIns.outcome(waiting.attemptId);
  });
});
