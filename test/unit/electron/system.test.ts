// What differs between systems: tray, icons, menu, where the program lies, what the machine tells.
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { applicationMenu } from "../../../electron/application-menu.ts";
import { createIconFiles } from "../../../electron/icons.ts";
import { passOnMachineEvents } from "../../../electron/machine-events.ts";
import { daemonCommand, spawnDaemon } from "../../../electron/spawn-daemon.ts";
import { type Ask, hasTray } from "../../../electron/tray-presence.ts";
import { wordsIn } from "../../../electron/words.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const words = wordsIn("en", "");

describe("whether there is a tray", () => {
  const answering =
    (answers: Record<string, string>): Ask =>
    async (program) => {
      const answer = answers[program];
      if (answer === undefined) throw new Error("ENOENT");
      return answer;
    };

  test.each([
    [{ gdbus: "(true,)\n" }, true],
    [{ gdbus: "(false,)\n", busctl: "b true\n" }, false],
    [{ busctl: "b true\n" }, true],
    [{ busctl: "b false\n" }, false],
    // Nobody can be asked: none is relied upon.
    [{}, false],
  ])("on Linux the session bus says: %j", async (answers, expected) => {
    expect(await hasTray("linux", answering(answers))).toBe(expected);
  });

  test("macOS and Windows have one", async () => {
    expect(await hasTray("darwin", answering({}))).toBe(true);
    expect(await hasTray("win32", answering({}))).toBe(true);
  });
});

describe("the program", () => {
  const place = { appPath: "/clone", resourcesPath: "/app/resources", env: { POSTERN_NODE: "/n/node" } };
  test("lies beside the installed app, and in dist of a clone", () => {
    const installed = { ...place, isPackaged: true };
    expect(daemonCommand({ ...installed, platform: "linux" })).toEqual([
      "/app/resources/bin/postern",
      "serve",
    ]);
    expect(daemonCommand({ ...installed, platform: "win32" })[0]).toMatch(/postern\.exe$/);
    expect(daemonCommand({ ...place, isPackaged: false, platform: "linux" })).toEqual([
      "/n/node",
      "/clone/dist/cli/main.js",
      "serve",
    ]);
  });

  test("that is not there, or fails, says why", async () => {
    const missing = spawnDaemon(["/nonexistent/postern", "serve"], process.env);
    expect(await missing.ended).toBeUndefined();
    expect(missing.lastWords()).toContain("ENOENT");
    const script = `console.error('{"level":"warn"}'); console.error('postern: The home is a file.'); process.exit(78)`;
    const failing = spawnDaemon([process.execPath, "-e", script], process.env);
    expect(await failing.ended).toBe(78);
    expect(failing.lastWords()).toBe("The home is a file.");
  });
});

describe("what the machine tells", () => {
  test("goes to the daemon, each change once", async () => {
    const clock = createFakeClock();
    const powerMonitor = new EventEmitter();
    const told: string[] = [];
    let online = true;
    passOnMachineEvents({
      powerMonitor,
      isOnline: () => online,
      clock,
      tell: (what) => void told.push(what),
    });
    powerMonitor.emit("suspend");
    powerMonitor.emit("resume");
    online = false;
    await clock.advance(20_000);
    online = true;
    await clock.advance(20_000);
    expect(told).toEqual(["suspending", "resumed", "offline", "online"]);
  });
});

describe("the icons", () => {
  const folder = join(import.meta.dirname, "../../../electron/icons");
  test.each(["linux", "darwin", "win32"] as const)("are there for %s, each of another shape", (platform) => {
    const fileOf = createIconFiles(folder, platform);
    const files = (["working", "attention", "offline", "blocked"] as const).map(fileOf);
    const contents = files.map((file) => readFileSync(file));
    expect(new Set(contents.map((content) => content.toString("base64"))).size).toBe(4);
    for (const content of contents) {
      const isIcon =
        platform === "win32" ? content.readUInt16LE(2) === 1 : content.subarray(1, 4).toString() === "PNG";
      expect(isIcon).toBe(true);
    }
    if (platform !== "darwin") return;
    for (const file of files) {
      expect(file).toMatch(/Template\.png$/);
      // Width, in the header: for usual and for fine screens.
      expect(readFileSync(file).readUInt32BE(16)).toBe(16);
      expect(readFileSync(file.replace(".png", "@2x.png")).readUInt32BE(16)).toBe(32);
    }
  });
});

describe("the application's menu", () => {
  test("quits on every system, and has developer tools only in a clone", () => {
    for (const platform of ["linux", "darwin", "win32"] as const) {
      const tell = (isPackaged: boolean) =>
        JSON.stringify(applicationMenu({ platform, isPackaged, words, quit: () => {} }));
      expect(tell(true)).toContain("Quit Postern");
      expect(tell(true)).not.toContain("toggleDevTools");
      expect(tell(false)).toContain("toggleDevTools");
    }
  });
});
