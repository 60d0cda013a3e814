import { describe, expect, test } from "vitest";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import type { Acceptance } from "../../../../src/oauth/client/settings.ts";
import { createSignIns } from "../../../../src/oauth/token/sign-in.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock, settle } from "../../../support/fake-clock.ts";
import { createIssuedTokens } from "../../../support/issued-tokens.ts";

const TOKENS = createIssuedTokens();

/** Sign-ins whose browsers the test plays; whoever signs in to the account "other's" is somebody else. */
function start({ keychainFails = false } = {}) {
  const browsers: { accountId: string; finish(): void; fail(error: unknown): void; cancelled: boolean }[] =
    [];
  const kept: string[] = [];
  const log: string[] = [];
  const clock = createFakeClock();
  const signIns = createSignIns<string>({
    clock,
    async prepareKeychain() {
      if (keychainFails) throw new PosternError("keychain-failed");
    },
    async begin(accountId, _options, accept) {
      const { promise, resolve, reject } = Promise.withResolvers<Acceptance>();
      promise.catch(() => {});
      const browser = {
        accountId,
        cancelled: false,
        finish: () => void accept(TOKENS).then(resolve, reject),
        fail: reject,
      };
      browsers.push(browser);
      return {
        started: `https://issuer.example/authorize?attempt=${browsers.length}`,
        attempt: {
          completed: promise,
          cancel() {
            browser.cancelled = true;
            reject(new PosternError("sign-in-cancelled"));
          },
        },
      };
    },
    judge: async (accountId) =>
      accountId === "other's"
        ? { kind: "somebody-else", identity: "mallory@example.com" }
        : { kind: "owner", identity: undefined },
    async keep(accountId, _tokens, identity) {
      kept.push(`${accountId} ${identity ?? "nobody said"}`);
      return ["a notice"];
    },
    onEnd: (accountId, failure) => void log.push(`end ${accountId} ${failure?.code ?? "signed-in"}`),
  });
  const signIn = (accountId: string, anyIdentity = false) =>
    signIns.start(accountId, { flow: "loopback", browserHere: true, anyIdentity });
  return { signIns, signIn, browsers, kept, log, clock };
}

describe("a sign-in", () => {
  test("is not begun where its outcome could not be stored", async () => {
    const { signIn, browsers } = start({ keychainFails: true });
    expect((await failureOf(signIn("a"))).code).toBe("keychain-failed");
    expect(browsers).toEqual([]);
  });

  test("ends with its outcome for whoever waits and for whoever asks later", async () => {
    const { signIns, signIn, browsers, kept, log } = start();
    const { attemptId } = await signIn("a");
    const waiting = signIns.outcome(attemptId);
    expect(signIns.waiting("a")).toBe(1);
    browsers[0]?.finish();
    const outcome = { kind: "signed-in", identity: undefined, notices: ["a notice"] };
    expect(await waiting).toEqual(outcome);
    expect(await signIns.outcome(attemptId)).toEqual(outcome);
    expect(kept).toEqual(["a nobody said"]);
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

  test("of somebody else is kept only when a person agrees, and then once", async () => {
    const { signIns, signIn, browsers, kept, log } = start();
    const { attemptId } = await signIn("other's");
    browsers[0]?.finish();
    const asked = { kind: "somebody-else", identity: "mallory@example.com" };
    expect(await signIns.outcome(attemptId)).toEqual(asked);
    expect([kept, log]).toEqual([[], []]);
    expect(signIns.waiting("other's")).toBe(1);
    expect(await signIns.agree(attemptId)).toMatchObject({ kind: "signed-in", identity: asked.identity });
    expect(kept).toEqual(["other's mallory@example.com"]);
    expect(log).toEqual(["end other's signed-in"]);
    expect((await failureOf(signIns.agree(attemptId))).code).toBe("request-invalid");
    expect(kept).toHaveLength(1);
  });

  test.each<[string, (parts: ReturnType<typeof start>, attemptId: string) => unknown]>([
    ["after ten minutes", ({ clock }) => clock.advance(600_000)],
    ["when it is cancelled", ({ signIns }, attemptId) => signIns.cancel(attemptId)],
    ["when the account is removed", ({ signIns }) => signIns.cancelAll("other's")],
  ])("of somebody else that nobody agrees to is forgotten %s", async (_when, forget) => {
    const parts = start();
    const { attemptId } = await parts.signIn("other's");
    parts.browsers[0]?.finish();
    await parts.signIns.outcome(attemptId);
    await forget(parts, attemptId);
    expect((await failureOf(parts.signIns.agree(attemptId))).code).toBe("request-invalid");
    expect([parts.kept, parts.log]).toEqual([[], ["end other's sign-in-not-agreed"]]);
    expect(parts.signIns.waiting("other's")).toBe(0);
  });

  test("for which any identity will do is kept whoever it was", async () => {
    const { signIns, signIn, browsers, kept } = start();
    const { attemptId } = await signIn("other's", true);
    browsers[0]?.finish();
    expect((await signIns.outcome(attemptId)).kind).toBe("signed-in");
    expect(kept).toEqual(["other's mallory@example.com"]);
  });

  test("that takes no pasted answer says so", async () => {
    const { signIns, signIn } = start();
    const { attemptId } = await signIn("a");
    expect(() => signIns.answer(attemptId, "code")).toThrow(
      expect.objectContaining({ code: "answer-unusable" }),
    );
    expect(() => signIns.answer("unknown", "code")).toThrow(
      expect.objectContaining({ code: "request-invalid" }),
    );
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
