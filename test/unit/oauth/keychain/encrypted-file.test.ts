import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createEncryptedFileKeychain } from "../../../../src/oauth/keychain/encrypted-file.ts";
import { type EntryName, keychainValue } from "../../../../src/oauth/keychain/keychain.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createTemporaryFolder } from "../../../support/temporary-folder.ts";

const ALICE: EntryName = { purpose: "refresh-token", accountId: "account-of-alice" };
const BOB: EntryName = { purpose: "refresh-token", accountId: "account-of-bob" };
const KEY = "k".repeat(32);

function create(key: string | Buffer = KEY) {
  const folder = createTemporaryFolder();
  const path = join(folder, "keychain.encrypted");
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, key);
  const open = () => createEncryptedFileKeychain({ path, keyFile });
  const useKey = (other: string | Buffer): void => writeFileSync(keyFile, other);
  return { folder, path, open, useKey, keychain: open() };
}

describe("the encrypted keychain", () => {
  test("gives back what was put into it, after a restart too, whatever the text", async () => {
    const { keychain, open } = create();
    const text = `${"x".repeat(9000)} \0\r\n€ "quoted"`;
    await keychain.replace(ALICE, keychainValue(text));
    expect((await open().read(ALICE))?.current.value.reveal()).toBe(text);
  });

  test("is empty, and there is no file, before the first write", async () => {
    const { keychain, path } = create();
    await keychain.check();
    expect(await keychain.read(ALICE)).toBeUndefined();
    await keychain.remove(ALICE);
    await keychain.dropPredecessor(ALICE);
    expect(existsSync(path)).toBe(false);
  });

  test("counts generations up by one, and keeps the one before", async () => {
    const { keychain } = create();
    expect(await keychain.replace(ALICE, keychainValue("one"))).toBe(1);
    expect(await keychain.replace(ALICE, keychainValue("two"))).toBe(2);
    expect(await keychain.replace(ALICE, keychainValue("three"))).toBe(3);
    const entry = await keychain.read(ALICE);
    expect(entry?.current).toMatchObject({ number: 3 });
    expect(entry?.current.value.reveal()).toBe("three");
    expect(entry?.predecessor).toMatchObject({ number: 2 });
    expect(entry?.predecessor?.value.reveal()).toBe("two");
    await keychain.dropPredecessor(ALICE);
    expect(await keychain.read(ALICE)).toMatchObject({ current: { number: 3 }, predecessor: undefined });
  });

  test("has no predecessor for the first", async () => {
    const { keychain } = create();
    await keychain.replace(ALICE, keychainValue("one"));
    expect((await keychain.read(ALICE))?.predecessor).toBeUndefined();
  });

  test("keeps entries apart by account and by purpose", async () => {
    const { keychain } = create();
    const secret: EntryName = { purpose: "client-secret", accountId: ALICE.accountId };
    await keychain.replace(ALICE, keychainValue("alice"));
    await keychain.replace(secret, keychainValue("secret"));
    await keychain.replace(BOB, keychainValue("bob"));
    await keychain.remove(ALICE);
    expect(await keychain.read(ALICE)).toBeUndefined();
    expect((await keychain.read(secret))?.current.value.reveal()).toBe("secret");
    expect((await keychain.read(BOB))?.current.value.reveal()).toBe("bob");
  });

  test("loses none of the writes made at the same time", async () => {
    const { keychain, open } = create();
    const many = Array.from(
      { length: 10 },
      (_, number): EntryName => ({ ...ALICE, accountId: `a${number}` }),
    );
    await Promise.all(many.map((name) => keychain.replace(name, keychainValue(name.accountId))));
    const found = await Promise.all(many.map((name) => open().read(name)));
    expect(found.map((entry) => entry?.current.value.reveal())).toEqual(
      many.map(({ accountId }) => accountId),
    );
  });

  test("tells nothing in clear: neither tokens nor whose they are", async () => {
    const { keychain, folder } = create();
    await keychain.replace(ALICE, keychainValue("the-refresh-token"));
    await keychain.replace(ALICE, keychainValue("the-next-refresh-token"));
    const all = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join("\n");
    for (const clear of [
      "the-refresh-token",
      "the-next",
      "account-of-alice",
      "refresh-token",
      "generation",
    ]) {
      expect(all).not.toContain(clear);
      expect(all).not.toContain(Buffer.from(clear).toString("base64").slice(0, -4));
    }
  });

  test("writes no two files alike, though the content is", async () => {
    const { keychain, path } = create();
    await keychain.replace(ALICE, keychainValue("same"));
    const before = JSON.parse(readFileSync(path, "utf8"));
    await keychain.prepare();
    const after = JSON.parse(readFileSync(path, "utf8"));
    for (const field of ["salt", "nonce", "tag", "ciphertext"]) expect(after[field]).not.toBe(before[field]);
  });

  test.skipIf(process.platform === "win32")("is a file for its owner alone", async () => {
    const { keychain, path } = create();
    await keychain.prepare();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe("with another key", () => {
  test("nothing is read or written, and the file stays byte for byte", async () => {
    const { keychain, useKey, path } = create();
    await keychain.replace(ALICE, keychainValue("one"));
    const before = readFileSync(path);
    useKey("q".repeat(32));
    const tries = [
      () => keychain.check(),
      () => keychain.prepare(),
      () => keychain.read(ALICE),
      () => keychain.replace(ALICE, keychainValue("two")),
      () => keychain.replace(BOB, keychainValue("two")),
      () => keychain.dropPredecessor(ALICE),
      () => keychain.remove(ALICE),
    ];
    for (const attempt of tries) expect((await failureOf(attempt)).code).toBe("keychain-wrong-key");
    expect(readFileSync(path)).toEqual(before);
    useKey(KEY);
    expect((await keychain.read(ALICE))?.current.value.reveal()).toBe("one");
  });

  test.each(["", "\n", "\r\n"])("it is not another one for a newline at its end: %j", async (newline) => {
    const { keychain, useKey } = create(`${KEY}\n`);
    await keychain.replace(ALICE, keychainValue("one"));
    useKey(`${KEY}${newline}`);
    expect((await keychain.read(ALICE))?.current.value.reveal()).toBe("one");
  });

  test.each(["\n\n", " ", "\r", "\n "])(
    "it is another one for anything more at its end: %j",
    async (more) => {
      const { keychain, useKey } = create(KEY);
      await keychain.replace(ALICE, keychainValue("one"));
      useKey(`${KEY}${more}`);
      expect((await failureOf(keychain.read(ALICE))).code).toBe("keychain-wrong-key");
    },
  );

  test("every octet of a long one counts", async () => {
    const { keychain, useKey } = create("k".repeat(1000));
    await keychain.replace(ALICE, keychainValue("one"));
    useKey(`${"k".repeat(999)}q`);
    expect((await failureOf(keychain.read(ALICE))).code).toBe("keychain-wrong-key");
  });
});

describe("a key that is not good enough", () => {
  test.each([
    ["31 bytes", "k".repeat(31)],
    ["31 bytes and a newline", `${"k".repeat(31)}\n`],
    ["31 bytes and CR LF", `${"k".repeat(31)}\r\n`],
    ["nothing", ""],
  ])("is refused before anything is written: %s", async (_what, key) => {
    const { keychain, path } = create(key);
    expect((await failureOf(keychain.replace(ALICE, keychainValue("one")))).code).toBe(
      "keychain-key-unusable",
    );
    expect((await failureOf(keychain.check())).code).toBe("keychain-key-unusable");
    expect(existsSync(path)).toBe(false);
  });

  test("is refused when its file is missing, and the failure names that, not the key", async () => {
    const folder = createTemporaryFolder();
    const keychain = createEncryptedFileKeychain({ path: join(folder, "k"), keyFile: join(folder, "none") });
    const failure = await failureOf(keychain.check());
    expect(failure.code).toBe("keychain-key-unusable");
    expect(failure.detail).toContain("ENOENT");
  });

  test("is any 32 octets otherwise", async () => {
    const key = Buffer.concat([randomBytes(31), Buffer.from([0xff])]);
    const { keychain } = create(key);
    await keychain.replace(ALICE, keychainValue("one"));
    expect((await keychain.read(ALICE))?.current.value.reveal()).toBe("one");
  });
});

describe("a file that was tampered with", () => {
  const flip = (base64: string): string => {
    const octets = Buffer.from(base64, "base64");
    octets[0] = (octets[0] ?? 0) ^ 1;
    return octets.toString("base64");
  };
  type Envelope = Record<string, string | number>;

  test.each<[string, (envelope: Envelope) => unknown]>([
    ["in its ciphertext", (one) => ({ ...one, ciphertext: flip(String(one.ciphertext)) })],
    ["in its tag", (one) => ({ ...one, tag: flip(String(one.tag)) })],
    [
      "by a shortened tag",
      (one) => ({ ...one, tag: Buffer.from(String(one.tag), "base64").subarray(0, 4).toString("base64") }),
    ],
    ["in its nonce", (one) => ({ ...one, nonce: flip(String(one.nonce)) })],
    ["in its salt", (one) => ({ ...one, salt: flip(String(one.salt)) })],
    ["by an unknown key", (one) => ({ ...one, more: 1 })],
    ["in its version", (one) => ({ ...one, version: 2 })],
    ["by cutting it off", (one) => JSON.stringify(one).slice(0, -10)],
    ["by emptying it", () => ""],
  ])("%s is refused and left as it is", async (_how, tamper) => {
    const { keychain, path } = create();
    await keychain.replace(ALICE, keychainValue("one"));
    const tampered = tamper(JSON.parse(readFileSync(path, "utf8")));
    const text = typeof tampered === "string" ? tampered : JSON.stringify(tampered);
    writeFileSync(path, text);
    expect((await failureOf(keychain.read(ALICE))).code).toBe("keychain-wrong-key");
    const failure = await failureOf(keychain.replace(ALICE, keychainValue("two")));
    expect(failure.code).toBe("keychain-wrong-key");
    expect(failure.cause).toBeUndefined();
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});

test("a write that fails says so, leaves the old file, and does not stop the next one", async () => {
  const { folder } = create();
  const keyFile = join(folder, "key");
  const keychain = createEncryptedFileKeychain({ path: join(folder, "gone", "keychain"), keyFile });
  expect((await failureOf(keychain.replace(ALICE, keychainValue("one")))).code).toBe("keychain-failed");
  expect(await keychain.read(ALICE)).toBeUndefined();
});
