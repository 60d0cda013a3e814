// Every keychain keeps the same promises: GNOME Keyring (the real one), the encrypted file, and a store with Windows' limit.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock/clock.ts";
import { createEncryptedFileKeychain } from "../../src/oauth/keychain/encrypted-file.ts";
import { type EntryName, type Keychain, keychainValue } from "../../src/oauth/keychain/keychain.ts";
import { createKeytarStore } from "../../src/oauth/keychain/keytar-store.ts";
import { createOsKeychain } from "../../src/oauth/keychain/os-keychain.ts";
import { oneAtATime } from "../../src/oauth/keychain/password-store.ts";
import { createFakePasswordStore, ProcessEnded } from "../support/fake-password-store.ts";
import { type GnomeKeyring, startGnomeKeyring } from "../support/gnome-keyring.ts";
import { describeWithRealServers } from "../support/real-servers.ts";

const TOKEN: EntryName = { purpose: "refresh-token", accountId: "a1" };
const OTHER: EntryName = { purpose: "refresh-token", accountId: "a2" };
const SECRET: EntryName = { purpose: "client-secret", accountId: "a1" };
/** CRED_MAX_CREDENTIAL_BLOB_SIZE. */
const WINDOWS_LIMIT = 2560;

const storedValue = async (keychain: Keychain, name: EntryName): Promise<string | undefined> =>
  (await keychain.read(name))?.current.value.reveal();

/** What every keychain must do. `open` gives one that finds what the former ones stored. */
function keepsItsPromises(open: () => Keychain): void {
  it("has nothing before anything was stored", async () => {
    expect(await open().read({ purpose: "refresh-token", accountId: "never" })).toBeUndefined();
  });

  it.each([1, 599, 600, 601, 2559, 2560, 2561, 10_000])(
    "keeps a value of %i bytes over a restart",
    async (size) => {
      const value = Array.from({ length: size }, (_, place) => String.fromCharCode(33 + (place % 90))).join(
        "",
      );
      await open().replace(TOKEN, keychainValue(value));
      expect(await storedValue(open(), TOKEN)).toBe(value);
    },
  );

  it("keeps text of any script", async () => {
    const value = "пароль 密码 🔑".repeat(300);
    await open().replace(SECRET, keychainValue(value));
    expect(await storedValue(open(), SECRET)).toBe(value);
  });

  it("counts generations up and keeps the predecessor until it is dropped", async () => {
    const keychain = open();
    const first = await keychain.replace(OTHER, keychainValue("one"));
    expect(await keychain.replace(OTHER, keychainValue("two".repeat(1000)))).toBe(first + 1);
    const entry = await open().read(OTHER);
    expect(entry?.current.number).toBe(first + 1);
    expect(entry?.predecessor?.value.reveal()).toBe("one");
    await keychain.dropPredecessor(OTHER);
    expect((await open().read(OTHER))?.predecessor).toBeUndefined();
    expect(await storedValue(open(), OTHER)).toBe("two".repeat(1000));
  });

  it("keeps entries apart, and removes one without the other", async () => {
    const keychain = open();
    await keychain.replace(TOKEN, keychainValue("a token"));
    await keychain.replace(SECRET, keychainValue("a secret"));
    await keychain.remove(TOKEN);
    expect(await open().read(TOKEN)).toBeUndefined();
    expect(await storedValue(open(), SECRET)).toBe("a secret");
    await keychain.remove(TOKEN);
  });

  it("does parallel changes one after the other", async () => {
    const keychain = open();
    await Promise.all(
      Array.from({ length: 10 }, (_, place) =>
        keychain.replace(place % 2 === 0 ? TOKEN : OTHER, keychainValue(`v${place}`)),
      ),
    );
    expect(await storedValue(open(), TOKEN)).toBe("v8");
    expect(await storedValue(open(), OTHER)).toBe("v9");
  });

  it("is ready, and can be made ready for storing", async () => {
    await open().prepare();
    await open().check();
  });
}

describe("the encrypted file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "keychain-"));
    await writeFile(join(folder, "key"), "k".repeat(32));
  });
  afterAll(() => rm(folder, { recursive: true }));
  keepsItsPromises(() =>
    createEncryptedFileKeychain({ path: join(folder, "encrypted"), keyFile: join(folder, "key") }),
  );
});

describe("a store with Windows' limit", () => {
  const entries = new Map<string, string>();
  keepsItsPromises(() =>
    createOsKeychain(createFakePasswordStore({ largest: WINDOWS_LIMIT, entries }), () => entries.size > 0),
  );

  it("leaves nothing behind when everything was removed", async () => {
    const keychain = createOsKeychain(
      createFakePasswordStore({ largest: WINDOWS_LIMIT, entries }),
      () => true,
    );
    for (const name of [TOKEN, OTHER, SECRET]) await keychain.remove(name);
    expect([...entries.keys()]).toEqual(["in-use"]);
  });
});

describe("the system's keychain, when things go wrong", () => {
  const open = (store = createFakePasswordStore()) => ({
    store,
    keychain: createOsKeychain(store, () => store.entries.size > 0),
  });
  const code = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => "no failure",
      (error: unknown) => (error as { code: unknown }).code,
    );
  const [before, after] = ["old ".repeat(400), "new ".repeat(900)];

  it("holds the old value or the new one wherever the process ends during a replacement", async () => {
    const seen = new Set<string>();
    for (let call = 1; ; call++) {
      const { store, keychain } = open();
      await keychain.replace(TOKEN, keychainValue("older"));
      await keychain.replace(TOKEN, keychainValue(before));
      store.dieBefore(call);
      const ended = await keychain.replace(TOKEN, keychainValue(after)).then(
        () => false,
        (error: unknown) => error instanceof ProcessEnded,
      );
      const next = createOsKeychain(createFakePasswordStore({ entries: store.entries }), () => true);
      const value = await storedValue(next, TOKEN);
      expect([before, after], `after call ${call}`).toContain(value);
      seen.add(value ?? "");
      // And the next start can go on from there.
      await next.replace(TOKEN, keychainValue("newest"));
      expect(await storedValue(next, TOKEN)).toBe("newest");
      if (!ended && seen.size === 2) break;
    }
    expect(seen).toEqual(new Set([before, after]));
  });

  it("says locked, not signed out, when the keyring answers like an empty one, and goes on when it is unlocked", async () => {
    const { store, keychain } = open();
    await keychain.replace(TOKEN, keychainValue(before));
    store.setLocked(true);
    expect(await code(keychain.check())).toBe("keychain-locked");
    expect(await code(keychain.read(TOKEN))).toBe("keychain-locked");
    expect(await code(keychain.replace(TOKEN, keychainValue(after)))).toBe("keychain-locked");
    expect(await code(keychain.prepare())).toBe("keychain-locked");
    store.setLocked(false);
    expect(await storedValue(keychain, TOKEN)).toBe(before);
  });

  it("says that an entry deleted by hand is gone, and only that one", async () => {
    const { store, keychain } = open();
    await keychain.replace(TOKEN, keychainValue(before));
    await keychain.replace(OTHER, keychainValue("other"));
    store.entries.delete("refresh-token:a1");
    expect(await keychain.read(TOKEN)).toBeUndefined();
    expect(await storedValue(keychain, OTHER)).toBe("other");
  });

  it("says damaged when a chunk was deleted or changed, and takes a new value in its place", async () => {
    for (const spoil of [
      (entries: Map<string, string>) => entries.delete("refresh-token:a1:1:1"),
      (entries: Map<string, string>) => entries.set("refresh-token:a1:1:0", "changed"),
      (entries: Map<string, string>) => entries.set("refresh-token:a1", "not a head"),
    ]) {
      const { store, keychain } = open();
      await keychain.replace(TOKEN, keychainValue(before));
      spoil(store.entries);
      expect(await code(keychain.read(TOKEN))).toBe("keychain-damaged");
      await keychain.replace(TOKEN, keychainValue(after));
      expect(await storedValue(keychain, TOKEN)).toBe(after);
    }
  });

  it.each([
    ["The stub received bad data.", "keychain-too-large"],
    ["No space left on device", "keychain-full"],
    ["Cannot autolaunch D-Bus without X11 $DISPLAY", "keychain-absent"],
    ["Unknown or unsupported transport 'disabled' for address 'disabled:'", "keychain-absent"],
    ["Unknown or unsupported transport “disabled” for address “disabled:”", "keychain-absent"],
    ['Failed to load keytar native addon, checked ["../build/Release"] on linux-x64', "keychain-absent"],
    ["Cannot create an item in a locked collection", "keychain-locked"],
    ["User interaction is not allowed.", "keychain-locked"],
    ["something else", "keychain-failed"],
  ])("when the system says %j, keeps the old value and says %s", async (text, expected) => {
    const { store, keychain } = open();
    await keychain.replace(TOKEN, keychainValue(before));
    store.refuseWrites(text);
    expect(await code(keychain.replace(TOKEN, keychainValue(after)))).toBe(expected);
    store.refuseWrites(undefined);
    expect(await storedValue(keychain, TOKEN)).toBe(before);
  });

  it("notices a store that loses writes, and keeps the old value", async () => {
    const { store, keychain } = open();
    await keychain.replace(TOKEN, keychainValue(before));
    store.loseWrites();
    expect(await code(keychain.replace(TOKEN, keychainValue(after)))).toBe("keychain-failed");
    expect(await storedValue(keychain, TOKEN)).toBe(before);
  });
});

describeWithRealServers("GNOME Keyring", () => {
  let keyring: GnomeKeyring;
  const before = { ...process.env };
  const open = (): Keychain =>
    createOsKeychain(oneAtATime(createKeytarStore("Postern"), systemClock), () => true);

  beforeAll(async () => {
    keyring = await startGnomeKeyring();
    // libsecret reads the bus's address from this process's environment, once.
    Object.assign(process.env, keyring.env);
    await open().prepare();
  });
  afterAll(async () => {
    process.env = before;
    await keyring.stop();
  });

  keepsItsPromises(open);

  it("is locked and unlocked while Postern uses it, and nothing is lost", async () => {
    const keychain = open();
    await keychain.replace(TOKEN, keychainValue("before the lock"));
    await keyring.lock();
    await expect(keychain.read(TOKEN)).rejects.toMatchObject({ code: "keychain-locked" });
    await expect(keychain.prepare()).rejects.toMatchObject({ code: "keychain-locked" });
    await keyring.unlock();
    expect(await storedValue(keychain, TOKEN)).toBe("before the lock");
  });

  it("stores 9 kB as chunks and head in well under a second", async () => {
    const started = performance.now();
    await open().replace(TOKEN, keychainValue("x".repeat(9000)));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
