// A real GNOME Keyring on a session bus of its own, under dbus-run-session. Invariant: nothing of the user's own keyring
// or session is touched; `stop` ends bus and keyring.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect, firstLine } from "./process.ts";
import { runProgram } from "./run-program.ts";

export interface GnomeKeyring {
  /** For whoever shall use this keyring. */
  readonly env: { readonly DBUS_SESSION_BUS_ADDRESS: string; readonly XDG_RUNTIME_DIR: string };
  lock(): Promise<void>;
  unlock(): Promise<void>;
  /** Removes every entry of Postern's, as a person would in the keyring's own program. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

const PASSWORD = "keyring-password";
const COLLECTION = "/org/freedesktop/secrets/collection/login";

export async function startGnomeKeyring(): Promise<GnomeKeyring> {
  const folder = await mkdtemp(join(tmpdir(), "keyring-"));
  await mkdir(join(folder, "home"));
  const own = { HOME: join(folder, "home"), XDG_RUNTIME_DIR: folder, PATH: process.env.PATH ?? "" };
  // The keyring lives in the background of the shell, and the shell until its standard input ends.
  const script = `printf %s ${PASSWORD} | gnome-keyring-daemon --unlock --components=secrets --control-directory=${folder} >&2
    printf '%s\\n' "$DBUS_SESSION_BUS_ADDRESS"; cat >&2`;
  const session: ChildProcessWithoutNullStreams = spawn("dbus-run-session", ["--", "sh", "-c", script], {
    env: own,
  });
  const address = await firstLine(session, collect(session));
  const environment = { ...own, DBUS_SESSION_BUS_ADDRESS: address };

  async function must(program: string, words: readonly string[], input = ""): Promise<void> {
    const { exitCode, stderr } = await runProgram(program, words, { environment, input });
    if (exitCode !== 0) throw new Error(`${program}: ${stderr}`);
  }

  return {
    env: { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: folder },
    lock: () =>
      must("gdbus", [
        ...["call", "--session", "--dest", "org.freedesktop.secrets"],
        ...["--object-path", "/org/freedesktop/secrets", "--method", "org.freedesktop.Secret.Service.Lock"],
        `[objectpath '${COLLECTION}']`,
      ]),
    unlock: () =>
      must("/usr/bin/python3", [join(import.meta.dirname, "python", "unlock_keyring.py")], PASSWORD),
    clear: () => must("secret-tool", ["clear", "service", "Postern"]),
    async stop() {
      session.stdin.end();
      if (session.exitCode === null) await once(session, "close");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
