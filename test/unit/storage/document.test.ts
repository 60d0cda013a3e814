import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openDocument } from "../../../src/storage/document.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

const schema = z.strictObject({
  version: z.literal(3),
  names: z.array(z.string()),
  notes: z.record(z.string(), z.string()).optional(),
});
type Names = z.infer<typeof schema>;

const names = (...list: string[]): Names => ({ version: 3, names: list });
const add =
  (name: string) =>
  (current: Names): Names => ({ ...current, names: [...current.names, name] });

function create() {
  const folder = createTemporaryFolder();
  const path = join(folder, "names.json");
  const clock = createFakeClock();
  const open = () =>
    openDocument(
      {
        path,
        schema,
        version: 3,
        empty: names(),
        migrations: {
          1: (old) => ({ names: [`${String(old.name)}, lifted from 1`] }),
          2: (old) => ({ names: [...(old.names as string[]), "lifted from 2"] }),
        },
      },
      clock,
    );
  const files = (): string[] => readdirSync(folder).sort();
  return { folder, path, clock, open, files };
}

describe("a document", () => {
  test("starts empty, writes nothing before the first change, and is found again", async () => {
    const { open, files } = create();
    const first = await open();
    expect(first.current()).toEqual(names());
    expect(files()).toEqual([]);
    await first.change(add("one"));
    expect(first.current()).toEqual(names("one"));
    const second = await open();
    expect(second.current()).toEqual(names("one"));
    expect(second.damage).toBeUndefined();
  });

  test("takes changes made at the same time one after another, and loses none", async () => {
    const { open } = create();
    const document = await open();
    const wanted = Array.from({ length: 20 }, (_, number) => `name ${number}`);
    await Promise.all(wanted.map((name) => document.change(add(name))));
    expect(document.current().names).toEqual(wanted);
    expect((await open()).current().names).toEqual(wanted);
  });

  test("is read though an editor put a byte order mark in front", async () => {
    const { path, open } = create();
    writeFileSync(path, `\uFEFF${JSON.stringify(names("one"))}`);
    expect((await open()).current()).toEqual(names("one"));
  });

  test("is not written for a change that changes nothing", async () => {
    const { open, files } = create();
    await (await open()).change((current) => current);
    expect(files()).toEqual([]);
  });
});

describe("a damaged file", () => {
  const damages: [string, string | Buffer][] = [
    ["of 0 bytes", ""],
    ["that was cut off", '{"version":3,"names":["one"'],
    ["that is not JSON", "<html>"],
    ["of zeros, as a crash leaves them", Buffer.alloc(200)],
    ["without a version", '{"names":[]}'],
    ["with a version that is no number", '{"version":"3","names":[]}'],
    ["that is a list", "[3]"],
    ["that is null", "null"],
    ["with a wrong type", '{"version":3,"names":"one"}'],
    ["with an unknown key", '{"version":3,"names":[],"preload":"evil.js"}'],
    ["with a version that never was", '{"version":0,"names":[]}'],
    ["with half a version", '{"version":2.5,"names":[]}'],
    ["of an older version, over which its migration stumbles", '{"version":2}'],
    ["that is too large", JSON.stringify(names("x".repeat(1_100_000)))],
  ];

  test.each(damages)("%s is set aside as it is, and a first start begins empty", async (_what, content) => {
    const { folder, path, open, files } = create();
    writeFileSync(path, content);
    const document = await open();
    expect(document.current()).toEqual(names());
    expect(document.damage).toMatchObject({ startedWith: "empty" });
    expect(document.damage?.keptAs.replace(/[0-9a-f]{12}$/, "")).toBe(join(folder, "names.json.damaged-"));
    await document.change(add("new"));
    expect(readFileSync(document.damage?.keptAs ?? "")).toEqual(Buffer.from(content));
    expect(files()).toHaveLength(3);
    expect((await open()).current()).toEqual(names("new"));
  });

  test.each(damages)("%s is replaced by the last good copy", async (_what, content) => {
    const { path, open } = create();
    const before = await open();
    await before.change(add("one"));
    await before.change(add("two"));
    writeFileSync(path, content);
    const after = await open();
    expect(after.current()).toEqual(names("one", "two"));
    expect(after.damage).toMatchObject({ startedWith: "last-good" });
  });

  test("that nothing replaces is set aside once, not at every start", async () => {
    const { path, clock, open, files } = create();
    writeFileSync(path, "damaged");
    for (let start = 0; start < 3; start++) {
      await open();
      await clock.advance(60_000);
    }
    expect(files().filter((name) => name.includes("damaged"))).toHaveLength(1);
  });

  test("is told with the place where it is wrong", async () => {
    const { path, open } = create();
    writeFileSync(path, '{"version":3,"names":["one",2]}');
    expect((await open()).damage?.reason).toMatch(/^names\.1: /);
  });

  test("that is missing is replaced by the last good copy, and that is told", async () => {
    const { path, open } = create();
    await (await open()).change(add("one"));
    rmSync(path);
    const after = await open();
    expect(after.current()).toEqual(names("one"));
    expect(after.damage).toMatchObject({ startedWith: "last-good" });
  });

  test("together with a damaged copy begins empty", async () => {
    const { path, open } = create();
    writeFileSync(path, "damaged");
    writeFileSync(`${path}.last-good`, "damaged too");
    const document = await open();
    expect(document.current()).toEqual(names());
    expect(document.damage).toMatchObject({ startedWith: "empty" });
  });
});

describe("a file of a newer version", () => {
  test("is refused and left byte for byte, and so is everything beside it", async () => {
    const { path, open, files } = create();
    const newer = '{ "version": 4,\n "names": {} }';
    writeFileSync(path, newer);
    const failure = await failureOf(open());
    expect(failure.code).toBe("state-from-the-future");
    expect(failure.detail).toContain("4");
    expect(readFileSync(path, "utf8")).toBe(newer);
    expect(files()).toEqual(["names.json"]);
  });

  test("is refused as a copy too, rather than begun afresh", async () => {
    const { path, open } = create();
    writeFileSync(path, "damaged");
    writeFileSync(`${path}.last-good`, '{"version":4}');
    expect((await failureOf(open())).code).toBe("state-from-the-future");
  });
});

describe("a file of an older version", () => {
  test.each([
    ['{"version":1,"name":"one"}', ["one, lifted from 1", "lifted from 2"]],
    ['{"version":2,"names":["one"]}', ["one", "lifted from 2"]],
  ])("is lifted from version to version: %s", async (content, lifted) => {
    const { path, open } = create();
    writeFileSync(path, content);
    const document = await open();
    expect(document.current()).toEqual(names(...lifted));
    expect(document.damage).toBeUndefined();
    expect(readFileSync(path, "utf8")).toBe(content);
  });
});

describe("a change that cannot be saved", () => {
  test("changes nothing here or on the disk, and later ones work", async () => {
    const { folder, path, open } = create();
    const document = await open();
    await document.change(add("one"));
    const before = readFileSync(path);
    renameSync(folder, `${folder}-away`);
    expect((await failureOf(document.change(add("two")))).code).toBe("state-not-saved");
    expect(document.current()).toEqual(names("one"));
    renameSync(`${folder}-away`, folder);
    expect(readFileSync(path)).toEqual(before);
    await document.change(add("three"));
    expect((await open()).current()).toEqual(names("one", "three"));
  });

  test.each<[string, Names]>([
    ["it is not valid", { version: 3, names: [5 as unknown as string] }],
    ["it has an unknown key", { ...names(), preload: "evil.js" } as Names],
    ["it could not be read back", names("x".repeat(1_100_000))],
  ])("is refused because %s", async (_why, next) => {
    const { open } = create();
    const document = await open();
    await document.change(add("one"));
    expect((await failureOf(document.change(() => next))).code).toBe("state-not-saved");
    expect(document.current()).toEqual(names("one"));
    expect((await open()).current()).toEqual(names("one"));
  });

  test("because its edit throws is told, and does not stop the next one", async () => {
    const document = await create().open();
    const failing = document.change(() => {
      throw new Error("refused");
    });
    const next = document.change(add("one"));
    await expect(failing).rejects.toThrow("refused");
    await next;
    expect(document.current()).toEqual(names("one"));
  });

  test("because a folder is in its way says where", async () => {
    const { path, open } = create();
    const document = await open();
    mkdirSync(join(path, "inside"), { recursive: true });
    const failure = await failureOf(document.change(add("one")));
    expect(failure.code).toBe("state-not-saved");
    expect(failure.detail).toContain(path);
    expect(document.current()).toEqual(names());
  });
});

describe("a file that is an attack", () => {
  test("by __proto__ changes no prototype", async () => {
    const { path, open } = create();
    writeFileSync(
      path,
      '{"version":3,"names":["one"],"notes":{"__proto__":"x","a":"b"},"__proto__":{"admin":true}}',
    );
    const document = await open();
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
    expect((document.current() as Record<string, unknown>).admin).toBeUndefined();
    expect(Object.getPrototypeOf(document.current().notes ?? {})).not.toBe("x");
  });

  test.skipIf(process.platform === "win32")("by a symbolic link is refused", async () => {
    const { folder, path, open } = create();
    writeFileSync(join(folder, "target"), JSON.stringify(names("theirs")));
    symlinkSync(join(folder, "target"), path);
    expect((await failureOf(open())).code).toBe("home-unusable");
  });
});
