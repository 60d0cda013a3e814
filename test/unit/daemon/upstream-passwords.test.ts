import { describe, expect, test } from "vitest";
import { createUpstreamPasswords } from "../../../src/daemon/upstream-passwords.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createMemoryKeychain } from "../../support/memory-keychain.ts";

const NAME = { purpose: "upstream-password", accountId: "a" } as const;
const MINUTE = 60_000;

async function start({ signedIn = true } = {}) {
  const keychain = createMemoryKeychain();
  const clock = createFakeClock();
  const changes: string[] = [];
  const known = { signedIn };
  const create = () =>
    createUpstreamPasswords({
      keychain,
      clock,
      wasSignedIn: () => known.signedIn,
      onChange: (accountId) => changes.push(accountId),
    });
  const passwords = create();
  if (signedIn) await passwords.keep("a", "secret");
  const codeOf = async (rejected: boolean) => (await failureOf(passwords.password("a", rejected))).code;
  return { keychain, clock, changes, known, passwords, codeOf, restart: create };
}

describe("a mailbox's password", () => {
  test("is kept in the keychain, and handed out after a restart", async () => {
    const { keychain, restart } = await start();
    expect(keychain.texts(NAME)?.current).toBe("secret");
    expect((await restart().password("a", false)).reveal()).toBe("secret");
    expect((await restart().look("a")).state.kind).toBe("stored");
  });

  test("that was refused once is doubted, not tried for a minute, and then tried again", async () => {
    const { passwords, clock, codeOf } = await start();
    expect(await codeOf(true)).toBe("sign-in-refused-once");
    expect(await codeOf(false)).toBe("sign-in-refused-once");
    await clock.advance(MINUTE);
    expect((await passwords.password("a", false)).reveal()).toBe("secret");
    expect((await passwords.look("a")).state.kind).toBe("stored");
  });

  test("that was refused again a minute later is not tried any more, and is still kept", async () => {
    const { passwords, clock, codeOf, keychain } = await start();
    await codeOf(true);
    await clock.advance(MINUTE);
    expect(await codeOf(true)).toBe("upstream-password-refused");
    await clock.advance(60 * MINUTE);
    expect(await codeOf(false)).toBe("upstream-password-refused");
    expect((await passwords.look("a")).state.kind).toBe("needs-attention");
    expect(keychain.texts(NAME)?.current).toBe("secret");
    await passwords.keep("a", "the new one");
    expect((await passwords.password("a", false)).reveal()).toBe("the new one");
  });

  test("that worked between two refusals starts with a clean slate", async () => {
    const { passwords, clock, codeOf } = await start();
    await codeOf(true);
    await clock.advance(MINUTE);
    passwords.worked("a");
    expect(await codeOf(true)).toBe("sign-in-refused-once");
  });

  test("that nobody has given is not there; one that vanished says so", async () => {
    const { passwords, known } = await start({ signedIn: false });
    expect((await failureOf(passwords.password("a", false))).code).toBe("signed-out");
    known.signedIn = true;
    expect((await failureOf(passwords.password("a", false))).code).toBe("keychain-entry-missing");
    expect((await passwords.look("a")).state).toMatchObject({ reason: "keychain-entry-missing" });
  });

  test("is forgotten when a person asks for it", async () => {
    const { passwords, keychain, known } = await start();
    await passwords.forget("a");
    known.signedIn = false;
    expect(keychain.texts(NAME)).toBeUndefined();
    expect((await passwords.look("a")).state.kind).toBe("signed-out");
  });

  test("that the keychain refuses to take leaves the former one in place", async () => {
    const { passwords, keychain } = await start();
    keychain.failWrites(1);
    expect((await failureOf(passwords.keep("a", "other"))).code).toBe("keychain-failed");
    expect((await passwords.password("a", false)).reveal()).toBe("secret");
  });
});
