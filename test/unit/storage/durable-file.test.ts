import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readOwnFile, writeDurably } from "../../../src/storage/durable-file.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

describe("writing a file", () => {
  test("replaces its content as a whole and leaves nothing else behind", async () => {
    const folder = createTemporaryFolder();
    const path = join(folder, "file");
    await writeDurably(path, "a long first content");
    await writeDurably(path, Buffer.from([0, 255]));
    expect(await readOwnFile(path)).toEqual(Buffer.from([0, 255]));
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test.skipIf(process.platform === "win32")(
    "makes it for its owner alone, also where it was open before",
    async () => {
      const path = join(createTemporaryFolder(), "file");
      writeFileSync(path, "open", { mode: 0o666 });
      const before = process.umask(0);
      try {
        await writeDurably(path, "closed");
      } finally {
        process.umask(before);
      }
      expect(statSync(path).mode & 0o777).toBe(0o600);
    },
  );

  test("that fails leaves no temporary file and the old state of things", async () => {
    const folder = createTemporaryFolder();
    const path = join(folder, "file");
    mkdirSync(path);
    writeFileSync(join(path, "inside"), "x");
    await expect(writeDurably(path, "content")).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(readdirSync(path)).toEqual(["inside"]);
  });

  test("fails where the folder has vanished", async () => {
    await expect(writeDurably(join(createTemporaryFolder(), "gone", "file"), "x")).rejects.toMatchObject({
      code: "ENOENT",
    });
  });

  test("replaces a symbolic link, and does not write through it", async () => {
    const folder = createTemporaryFolder();
    const target = join(folder, "target");
    writeFileSync(target, "untouched");
    symlinkSync(target, join(folder, "file"));
    await writeDurably(join(folder, "file"), "content");
    expect(readFileSync(target, "utf8")).toBe("untouched");
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("content");
  });

  test("at the same time as others leaves one of the contents, whole", async () => {
    const folder = createTemporaryFolder();
    const contents = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
    await Promise.all(contents.map((content) => writeDurably(join(folder, "file"), content)));
    expect(contents).toContain(readFileSync(join(folder, "file"), "utf8"));
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});

describe("reading a file", () => {
  test("that is not there gives nothing", async () => {
    expect(await readOwnFile(join(createTemporaryFolder(), "none"))).toBeUndefined();
  });

  test.skipIf(process.platform === "win32")("that is a symbolic link is refused", async () => {
    const folder = createTemporaryFolder();
    writeFileSync(join(folder, "target"), "x");
    symlinkSync(join(folder, "target"), join(folder, "link"));
    await expect(readOwnFile(join(folder, "link"))).rejects.toMatchObject({ code: "ELOOP" });
  });

  test("that is a folder fails", async () => {
    await expect(readOwnFile(createTemporaryFolder())).rejects.toThrow();
  });
});
