// Where Postern's files are, for the daemon that writes them and for the fronts that look for it.
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Every path that Postern writes to. */
export interface Home {
  readonly folder: string;
  readonly config: string;
  readonly state: string;
  readonly keychainFile: string;
  readonly journalFolder: string;
  readonly lock: string;
  /** The per-user file in which the daemon names its control endpoint. */
  readonly controlFile: string;
}

/** `POSTERN_HOME`, or the usual place of the system. */
export function locateHome(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Home {
  const folder = resolve(env.POSTERN_HOME || usualPlace(env, platform));
  return {
    folder,
    config: join(folder, "config.json"),
    state: join(folder, "state.json"),
    keychainFile: join(folder, "keychain.encrypted"),
    journalFolder: join(folder, "journal"),
    lock: join(folder, "daemon.lock"),
    controlFile: join(folder, "control.json"),
  };
}

function usualPlace(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string {
  if (platform === "win32") return join(env.APPDATA || join(homedir(), "AppData", "Roaming"), "Postern");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "Postern");
  return join(env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "postern");
}
