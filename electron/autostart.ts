// Whether the tray app starts, hidden, when the person logs in: a login item on macOS and Windows, an XDG autostart entry
// elsewhere. Invariant: the truth is the system's, asked each time; what a person removed by other means is off.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Autostart } from "../src/control/native.ts";
import type { AppSlice } from "./electron-api.ts";

export interface AutostartParts {
  readonly app: Pick<AppSlice, "isPackaged" | "setLoginItemSettings" | "getLoginItemSettings">;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The running program. */
  readonly execPath: string;
}

export interface AutostartSwitch {
  get(): Promise<Autostart>;
  set(enabled: boolean): Promise<Autostart>;
}

export const HIDDEN = "--hidden";

export function createAutostart({ app, platform, env, execPath }: AutostartParts): AutostartSwitch {
  // A clone has nothing that could be started without npm.
  if (!app.isPackaged) {
    const unsupported = async (): Promise<Autostart> => ({ supported: false, enabled: false });
    return { get: unsupported, set: unsupported };
  }
  if (platform === "darwin" || platform === "win32") {
    const get = async (): Promise<Autostart> => ({
      supported: true,
      enabled: app.getLoginItemSettings({ args: [HIDDEN] }).openAtLogin,
    });
    return {
      get,
      set(enabled) {
        app.setLoginItemSettings({ openAtLogin: enabled, args: [HIDDEN] });
        return get();
      },
    };
  }
  const path = entryPath(env);
  const get = async (): Promise<Autostart> => ({
    supported: true,
    enabled: isOn(await readFile(path, "utf8").catch(() => undefined)),
  });
  return {
    get,
    async set(enabled) {
      if (enabled) {
        await mkdir(dirname(path), { recursive: true });
        // An AppImage runs from a mount that is gone after it.
        await writeFile(path, formatDesktopEntry(env.APPIMAGE || execPath));
      } else await rm(path, { force: true });
      return get();
    },
  };
}

function entryPath(env: Readonly<Record<string, string | undefined>>): string {
  return join(env.XDG_CONFIG_HOME || join(homedir(), ".config"), "autostart", "postern.desktop");
}

/** Desktop settings switch an entry off without removing it. */
function isOn(entry: string | undefined): boolean {
  return (
    entry !== undefined &&
    !/^Hidden\s*=\s*true\s*$/m.test(entry) &&
    !/^X-GNOME-Autostart-enabled\s*=\s*false\s*$/m.test(entry)
  );
}

/** Desktop Entry Specification 1.5. */
export function formatDesktopEntry(program: string): string {
  return [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Postern",
    "Comment=Mail programs sign in through Postern",
    `Exec=${quoteForExec(program)} ${HIDDEN}`,
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
    "",
  ].join("\n");
}

/** In quotes, with the Exec key's own escapes; then those of any string value; and no field code. */
function quoteForExec(program: string): string {
  const quoted = `"${program.replaceAll(/["`$\\]/g, (character) => `\\${character}`)}"`;
  return quoted.replaceAll("\\", "\\\\").replaceAll("%", "%%");
}
