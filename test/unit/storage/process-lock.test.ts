import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tryToLock } from "../../../src/storage/process-lock.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

const pathOf = (folder: string): string => join(folder, "lock");

/** The number of a process that has ended. */
function deadProcessId(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

describe("a lock", () => {
  test("is had by one, and the next learns by which process", async () => {
    const path = pathOf(createTemporaryFolder());
    expect((await tryToLock(path)).kind).toBe("acquired");
    expect(await tryToLock(path)).toEqual({ kind: "held", processId: process.pid });
  });

  test("can be had again after its release, which leaves nothing behind", async () => {
    const folder = createTemporaryFolder();
    const first = await tryToLock(pathOf(folder));
    if (first.kind === "acquired") await first.release();
    expect(readdirSync(folder)).toEqual([]);
    expect((await tryToLock(pathOf(folder))).kind).toBe("acquired");
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  test("is had by exactly one of many who try at once", async () => {
    const folder = createTemporaryFolder();
    const attempts = await Promise.all(Array.from({ length: 30 }, () => tryToLock(pathOf(folder))));
    expect(attempts.filter(({ kind }) => kind === "acquired")).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  test.skipIf(process.platform === "win32")("is a file for its owner alone", async () => {
    const path = pathOf(createTemporaryFolder());
    await tryToLock(path);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test("cannot be had in a folder that is not there", async () => {
    await expect(tryToLock(join(createTemporaryFolder(), "gone", "lock"))).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
});

describe("a lock left behind", () => {
  test.each<[string, () => string]>([
    ["by a process that has ended", () => JSON.stringify({ processId: deadProcessId(), startTime: "1" })],
    [
      "by a process that has ended, without its start time",
      () => JSON.stringify({ processId: deadProcessId() }),
    ],
    ["as an empty file", () => ""],
    ["as garbage", () => "\0\0\0"],
    ["with something else in it", () => '["lock"]'],
    ["with no process in it", () => '{"processId":"me"}'],
    ["with a number that no process has: 0", () => '{"processId":0}'],
    ["with a number that no process has: -1, which stands for all", () => '{"processId":-1}'],
    ["with a number that no process has: 1.5", () => '{"processId":1.5}'],
    ["with a number beyond all processes", () => '{"processId":9007199254740991}'],
  ])("%s is taken over", async (_how, content) => {
    const folder = createTemporaryFolder();
    writeFileSync(pathOf(folder), content());
    expect((await tryToLock(pathOf(folder))).kind).toBe("acquired");
    expect(JSON.parse(readFileSync(pathOf(folder), "utf8"))).toMatchObject({ processId: process.pid });
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  test.runIf(process.platform === "linux")(
    "by a process whose number belongs to another one by now is taken over",
    async () => {
      const path = pathOf(createTemporaryFolder());
      writeFileSync(path, JSON.stringify({ processId: process.ppid, startTime: "1" }));
      expect((await tryToLock(path)).kind).toBe("acquired");
    },
  );

  test("is taken over by exactly one of many who try at once", async () => {
    const folder = createTemporaryFolder();
    writeFileSync(pathOf(folder), JSON.stringify({ processId: deadProcessId(), startTime: "1" }));
    const attempts = await Promise.allSettled(Array.from({ length: 2 }, () => tryToLock(pathOf(folder))));
    const kinds = attempts.map((attempt) => (attempt.status === "fulfilled" ? attempt.value.kind : "failed"));
    expect(kinds.toSorted()).toEqual(["acquired", "held"]);
    expect(existsSync(pathOf(folder))).toBe(true);
  });
});

describe("a lock of a living process whose start time nobody knows", () => {
  test.each([
    [true, "held"],
    [false, "acquired"],
  ])("is decided by whether the holder answers: %s", async (answers, kind) => {
    const path = pathOf(createTemporaryFolder());
    writeFileSync(path, JSON.stringify({ processId: process.ppid }));
    expect((await tryToLock(path, async () => answers)).kind).toBe(kind);
  });
});
