import { describe, expect, test } from "vitest";
import { matchesLocalPassword } from "../../../src/account/local-password.ts";
import type { State } from "../../../src/daemon/config/state.ts";
import { createPasswordBook } from "../../../src/daemon/password-book.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import type { Document } from "../../../src/storage/document.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function start() {
  let state: State = { version: 2, passwords: [], signIns: {}, leftInKeychain: [], smtpKeywords: {} };
  const disk = { failing: false, writes: 0 };
  const document: Document<State> = {
    current: () => state,
    async change(edit) {
      const next = edit(state);
      await Promise.resolve();
      if (disk.failing) throw new PosternError("state-not-saved");
      disk.writes += 1;
      state = next;
    },
    damage: undefined,
  };
  const clock = createFakeClock();
  return { clock, disk, book: createPasswordBook(document, clock), stored: () => state };
}

describe("local passwords", () => {
  test("are made, and only their hash is kept", async () => {
    const { book, stored } = start();
    const password = await book.create("id", "laptop");
    expect(JSON.stringify(stored())).not.toContain(password.reveal());
    const [record] = book.of("id");
    expect(record && matchesLocalPassword(record, password)).toBe(true);
  });

  test("have one name each in an account, and may have the same in another", async () => {
    const { book } = start();
    await book.create("id", "laptop");
    expect((await failureOf(book.create("id", "laptop"))).code).toBe("local-password-exists");
    await book.create("another", "laptop");
    expect(book.records()).toHaveLength(2);
  });

  test("are revoked by account and name, and no other with them", async () => {
    const { book } = start();
    for (const [id, name] of [
      ["id", "laptop"],
      ["id", "phone"],
      ["another", "laptop"],
    ] as const) {
      await book.create(id, name);
    }
    await book.revoke("id", "laptop");
    expect(book.records().map(({ accountId, name }) => [accountId, name])).toEqual([
      ["id", "phone"],
      ["another", "laptop"],
    ]);
    expect((await failureOf(book.revoke("id", "laptop"))).code).toBe("local-password-unknown");
  });

  test("do not exist when they could not be saved", async () => {
    const { book, disk } = start();
    disk.failing = true;
    expect((await failureOf(book.create("id", "laptop"))).code).toBe("state-not-saved");
    expect(book.records()).toEqual([]);
  });

  test("that are lent work, are never listed or saved, and end", () => {
    const { book, disk } = start();
    const { password, revoke } = book.lend("id");
    expect(book.records().some((record) => matchesLocalPassword(record, password))).toBe(true);
    expect(book.of("id")).toEqual([]);
    revoke();
    expect(book.records()).toEqual([]);
    expect(disk.writes).toBe(0);
  });
});

describe("the last use of a password", () => {
  test("is told at once and saved within a minute, however often it is used", async () => {
    const { book, clock, disk, stored } = start();
    await book.create("id", "laptop");
    await clock.advance(1000);
    for (let use = 0; use < 100; use++) book.used("id", "laptop");
    expect(book.of("id")[0]?.lastUsedAt).toBe(clock.now());
    expect(disk.writes).toBe(1);
    const usedAt = clock.now();
    await clock.advance(60_000);
    expect(disk.writes).toBe(2);
    expect(stored().passwords[0]?.lastUsedAt).toBe(usedAt);
  });

  test("is saved later when the disk refuses it once", async () => {
    const { book, clock, disk, stored } = start();
    await book.create("id", "laptop");
    book.used("id", "laptop");
    disk.failing = true;
    await clock.advance(60_000);
    disk.failing = false;
    book.used("id", "laptop");
    const usedAt = clock.now();
    await clock.advance(60_000);
    expect(stored().passwords[0]?.lastUsedAt).toBe(usedAt);
  });

  test("is not forgotten when it falls into the moment of saving", async () => {
    const { book, clock, stored } = start();
    await book.create("id", "laptop");
    book.used("id", "laptop");
    const saving = book.flush();
    await clock.advance(5);
    book.used("id", "laptop");
    await saving;
    await book.flush();
    expect(stored().passwords[0]?.lastUsedAt).toBe(clock.now());
  });
});
