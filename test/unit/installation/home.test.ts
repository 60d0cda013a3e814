import { dirname, isAbsolute, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { locateHome } from "../../../src/installation/home.ts";

describe("the home", () => {
  test("is where POSTERN_HOME says, made absolute so that a change of folder cannot move it", () => {
    const { folder, config, lock } = locateHome({ POSTERN_HOME: "some/where" });
    expect(folder).toBe(resolve("some/where"));
    expect([config, lock].every(isAbsolute)).toBe(true);
  });

  test.each<[NodeJS.Platform, Record<string, string>, RegExp]>([
    ["linux", { XDG_STATE_HOME: "/state" }, /^\/state\/postern$/],
    ["linux", {}, /\.local\/state\/postern$/],
    ["linux", { POSTERN_HOME: "" }, /\.local\/state\/postern$/],
    ["darwin", { XDG_STATE_HOME: "/state" }, /Library\/Application Support\/Postern$/],
    ["win32", { APPDATA: "/appdata" }, /\/appdata\/Postern$/],
  ])("is in the usual place of %s with %j", (platform, env, expected) => {
    expect(locateHome(env, platform).folder).toMatch(expected);
  });

  test("keeps every file in itself", () => {
    const { folder, ...paths } = locateHome({ POSTERN_HOME: "/home/of/postern" });
    for (const path of Object.values(paths)) expect(dirname(path)).toBe(folder);
  });
});
