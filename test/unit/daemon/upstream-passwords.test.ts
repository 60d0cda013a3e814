import { describe, expect, test } from "vitest";
import { createUpstreamPasswords } from "../../../src/daemon/upstream-passwords.ts";
import type { MailProtocol } from "../../../src/proxy/outages.ts";
import { upstreamPassword } from "../../../src/secret/secret.ts";
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
  /** What comes of a login that is refused, or not even tried. */
  const refused = async (protocol: MailProtocol = "imap", text = "secret") =>
    failureOf(passwords.password("a", protocol, { password: upstreamPassword(text), detail: "it said NO" }));
  return { keychain, clock, changes, known, passwords, refused, restart: create };
}

describe("a mailbox's password", () => {
  test("is kept in the keychain, and handed out after a restart", async () => {
    const { keychain, restart } = await start();
    expect(keychain.texts(NAME)?.current).toBe("secret");
    expect((await restart().password("a", "imap")).reveal()).toBe("secret");
    expect((await restart().look("a")).state).toMatchObject({ kind: "stored", used: false });
  });

  test("that was refused once is doubted, not tried for a minute, and then tried again", async () => {
    const { passwords, clock, refused } = await start();
    expect(await refused()).toMatchObject({ code: "sign-in-refused-once", detail: "it said NO" });
    await clock.advance(MINUTE / 2);
    const waiting = await failureOf(passwords.password("a", "imap"));
    expect(waiting).toMatchObject({ code: "sign-in-refused-once", temporary: true });
    const { state, outage } = await passwords.look("a");
    expect([state.kind, outage?.error.code]).toEqual(["stored", "sign-in-refused-once"]);
    expect(outage?.retryAt).toBe(clock.monotonic() + MINUTE / 2);
    await clock.advance(MINUTE / 2);
    expect((await passwords.password("a", "imap")).reveal()).toBe("secret");
    expect((await passwords.look("a")).outage?.retryAt).toBe(clock.monotonic());
  });

  test("that was refused to many logins at once is refused once", async () => {
    const { refused } = await start();
    const codes = await Promise.all(Array.from({ length: 5 }, async () => (await refused()).code));
    expect(codes).toEqual(Array(5).fill("sign-in-refused-once"));
  });

  test("that was refused again a minute later is not tried any more, and is still kept", async () => {
    const { passwords, clock, refused, keychain, changes } = await start();
    await refused();
    await clock.advance(MINUTE);
    const before = changes.length;
    expect(await refused()).toMatchObject({ code: "upstream-password-refused", detail: "it said NO" });
    expect(changes).toHaveLength(before + 1);
    await clock.advance(60 * MINUTE);
    expect((await failureOf(passwords.password("a", "imap"))).code).toBe("upstream-password-refused");
    expect((await passwords.look("a")).state.kind).toBe("needs-attention");
    expect(keychain.texts(NAME)?.current).toBe("secret");
    await passwords.keep("a", "the new one");
    expect((await passwords.password("a", "imap")).reveal()).toBe("the new one");
    expect((await passwords.look("a")).state.kind).toBe("stored");
  });

  test("that worked between two refusals starts with a clean slate", async () => {
    const { passwords, clock, refused } = await start();
    await refused();
    await clock.advance(MINUTE);
    passwords.worked("a", "imap");
    expect((await passwords.look("a")).outage).toBeUndefined();
    expect((await refused()).code).toBe("sign-in-refused-once");
  });

  test("that one of the two mail servers refuses is still good for the other", async () => {
    const { passwords, clock, refused } = await start();
    await refused("smtp");
    expect((await passwords.password("a", "imap")).reveal()).toBe("secret");
    passwords.worked("a", "imap");
    await clock.advance(MINUTE);
    expect((await refused("smtp")).code).toBe("upstream-password-refused");
    expect((await passwords.password("a", "imap")).reveal()).toBe("secret");
    expect((await passwords.look("a")).state.kind).toBe("needs-attention");
  });

  test("that was refused while a person gave another one says nothing about that one", async () => {
    const { passwords } = await start();
    await passwords.keep("a", "the new one");
    const late = { password: upstreamPassword("secret"), detail: "it said NO" };
    expect((await passwords.password("a", "imap", late)).reveal()).toBe("the new one");
    expect((await passwords.look("a")).outage).toBeUndefined();
  });

  test("is told to have been used once it has been", async () => {
    const { restart, changes } = await start();
    const passwords = restart();
    const before = changes.length;
    passwords.worked("a", "smtp");
    passwords.worked("a", "imap");
    expect((await passwords.look("a")).state).toMatchObject({ used: true });
    expect(changes).toHaveLength(before + 1);
  });

  test("that nobody has given is not there; one that vanished says so", async () => {
    const { passwords, known } = await start({ signedIn: false });
    expect((await failureOf(passwords.password("a", "imap"))).code).toBe("signed-out");
    known.signedIn = true;
    expect((await failureOf(passwords.password("a", "imap"))).code).toBe("keychain-entry-missing");
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
    expect((await passwords.password("a", "imap")).reveal()).toBe("secret");
  });
});
