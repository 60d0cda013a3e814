// Whether `npm start` tries Electron, and what it says when it cannot be had; it never waits longer than it was told to.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { haveElectron, whyNotTried } from "../../../scripts/electron-here.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

describe("Electron is tried", () => {
  test.each([
    ["linux", {}, 1000, "there is no display"],
    ["linux", { DISPLAY: ":0" }, 0, "Electron does not run as root"],
    ["linux", { DISPLAY: ":0" }, 1000, undefined],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, 1000, undefined],
    ["darwin", {}, 501, undefined],
    ["darwin", { SSH_CONNECTION: "a 1 b 22" }, 501, "this is a session over ssh, without a display"],
    ["win32", {}, undefined, undefined],
  ] as const)("on %s with %j as %s: %s", (platform, env, userId, reason) => {
    expect(whyNotTried({ platform, env, userId })).toBe(reason);
  });
});

describe("Electron's program", () => {
  /** Its package, with an installer that does as the test says. */
  async function fetchWith(installer: string, within = 20_000) {
    const folder = createTemporaryFolder();
    writeFileSync(join(folder, "install.js"), installer);
    const said: string[] = [];
    const result = await haveElectron({ folder, within, say: (sentence) => void said.push(sentence) });
    return { folder, said, result };
  }

  test("that is there is used, and nothing is fetched", async () => {
    const folder = createTemporaryFolder();
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "dist", "electron"), "");
    chmodSync(join(folder, "dist", "electron"), 0o755);
    writeFileSync(join(folder, "path.txt"), "electron");
    const result = await haveElectron({ folder, within: 1, say: () => expect.unreachable() });
    expect(result).toEqual({ program: join(folder, "dist", "electron") });
  });

  test("is fetched where it is missing, and that is said", async () => {
    const { folder, said, result } = await fetchWith(`
      const fs = require("node:fs");
      fs.mkdirSync(__dirname + "/dist");
      fs.writeFileSync(__dirname + "/dist/electron", "");
      fs.writeFileSync(__dirname + "/path.txt", "electron");`);
    expect(result).toEqual({ program: join(folder, "dist", "electron") });
    expect(said).toEqual(["fetching Electron's program, once (20 seconds at most)"]);
  });

  test("that cannot be had gives its installer's reason", async () => {
    const { result } = await fetchWith(`console.error("Error: getaddrinfo ENOTFOUND"); process.exit(1);`);
    expect(result).toEqual({ reason: "Electron's program could not be had (Error: getaddrinfo ENOTFOUND)" });
  });

  test("that does not come is given up in time", async () => {
    const { result } = await fetchWith("setInterval(() => {}, 1000);", 500);
    expect(result).toEqual({ reason: "Electron's program did not come within 0.5 seconds" });
  });
});
