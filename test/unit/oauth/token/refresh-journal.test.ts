import { readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRefreshJournal } from "../../../../src/oauth/token/refresh-journal.ts";
import { createTemporaryFolder } from "../../../support/temporary-folder.ts";

describe("the refresh journal", () => {
  test("knows of an interrupted refresh after a restart, by account and generation", async () => {
    const folder = createTemporaryFolder();
    await createRefreshJournal(folder).begin("a", 7);
    const after = createRefreshJournal(folder);
    expect(await after.interrupted("a")).toBe(7);
    expect(await after.interrupted("b")).toBeUndefined();
  });

  test("knows of none once it is cleared, and leaves no file behind", async () => {
    const folder = createTemporaryFolder();
    const journal = createRefreshJournal(folder);
    await journal.begin("a", 7);
    await journal.begin("a", 8);
    expect(await journal.interrupted("a")).toBe(8);
    await journal.clear("a");
    await journal.clear("a");
    expect(await journal.interrupted("a")).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(["", "{}", "garbage", '{"generation":"x"}', '{"generation":'])(
    "takes a file that says %j for no mark",
    async (content) => {
      const folder = createTemporaryFolder();
      writeFileSync(join(folder, "a.json"), content);
      expect(await createRefreshJournal(folder).interrupted("a")).toBeUndefined();
    },
  );

  test("fails where its folder has vanished: a refresh that cannot be marked must not be sent", async () => {
    const folder = createTemporaryFolder();
    rmSync(folder, { recursive: true });
    await expect(createRefreshJournal(folder).begin("a", 1)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test.skipIf(process.platform === "win32")("does not read through a symbolic link", async () => {
    const folder = createTemporaryFolder();
    writeFileSync(join(folder, "target"), '{"generation":7}');
    symlinkSync(join(folder, "target"), join(folder, "a.json"));
    await expect(createRefreshJournal(folder).interrupted("a")).rejects.toMatchObject({ code: "ELOOP" });
  });
});
