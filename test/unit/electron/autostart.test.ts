// The tray app starts with the person's session, hidden, on three systems; and the system's own word on it holds.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAutostart, formatDesktopEntry } from "../../../electron/autostart.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

function prepare(platform: NodeJS.Platform, isPackaged = true, env: Record<string, string> = {}) {
  const asked: object[] = [];
  let openAtLogin = false;
  const folder = createTemporaryFolder();
  const autostart = createAutostart({
    app: {
      isPackaged,
      setLoginItemSettings(settings) {
        asked.push(settings);
        openAtLogin = settings.openAtLogin;
      },
      getLoginItemSettings: () => ({ openAtLogin }),
    },
    platform,
    env: { XDG_CONFIG_HOME: folder, ...env },
    execPath: "/opt/Postern/postern-tray",
  });
  return { autostart, asked, entry: join(folder, "autostart", "postern.desktop") };
}

test.each(["darwin", "win32"] as const)("%s has a login item", async (platform) => {
  const { autostart, asked } = prepare(platform);
  expect(await autostart.get()).toEqual({ supported: true, enabled: false });
  expect(await autostart.set(true)).toEqual({ supported: true, enabled: true });
  expect(asked).toEqual([{ openAtLogin: true, args: ["--hidden"] }]);
  expect(await autostart.set(false)).toEqual({ supported: true, enabled: false });
});

test("Linux has an entry in the person's autostart folder", async () => {
  const { autostart, entry } = prepare("linux");
  expect(await autostart.get()).toEqual({ supported: true, enabled: false });
  expect(await autostart.set(true)).toEqual({ supported: true, enabled: true });
  expect(readFileSync(entry, "utf8")).toMatch(/^Exec="\/opt\/Postern\/postern-tray" --hidden$/m);
  expect(await autostart.set(true)).toEqual({ supported: true, enabled: true });
  expect(await autostart.set(false)).toEqual({ supported: true, enabled: false });
  expect(await autostart.set(false)).toEqual({ supported: true, enabled: false });
});

test("an AppImage starts itself, and not the mount that it runs from", async () => {
  const { autostart, entry } = prepare("linux", true, { APPIMAGE: "/home/a b/Postern 100%.AppImage" });
  await autostart.set(true);
  expect(readFileSync(entry, "utf8")).toMatch(/^Exec="\/home\/a b\/Postern 100%%\.AppImage" --hidden$/m);
});

test.each(["Hidden=true", "X-GNOME-Autostart-enabled=false"])(
  "what the desktop's own settings have switched off (%s) is off",
  async (line) => {
    const { autostart, entry } = prepare("linux");
    await autostart.set(true);
    writeFileSync(entry, `${readFileSync(entry, "utf8").replace(/^X-GNOME.*$/m, "")}${line}\n`);
    expect(await autostart.get()).toEqual({ supported: true, enabled: false });
  },
);

test("a clone has nothing to start", async () => {
  const { autostart, asked } = prepare("darwin", false);
  expect(await autostart.set(true)).toEqual({ supported: false, enabled: false });
  expect(asked).toEqual([]);
});

test("no path can become a second command or a field code", () => {
  const line = /^Exec=(.*)$/m.exec(formatDesktopEntry('/opt/a"b`c$d\\e%f'))?.[1];
  expect(line).toBe(String.raw`"/opt/a\\"b\\` + "`" + String.raw`c\\$d\\\\e%%f" --hidden`);
});
