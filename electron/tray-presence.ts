// Whether the desktop shows tray icons at all. macOS and Windows do; on Linux somebody must own the StatusNotifierWatcher's
// name on the session bus (GNOME has nobody there without an extension).
// Invariant: where nobody can be asked, no tray is relied upon: the window opens, and closing it says how to get back.
import { execFile } from "node:child_process";

/** Runs a program and gives what it prints. @throws Error when it cannot be run, or fails */
export type Ask = (program: string, words: readonly string[]) => Promise<string>;

const WATCHER = "org.kde.StatusNotifierWatcher";
const BUS = "org.freedesktop.DBus";

/** Whichever of these is there: GLib's, systemd's. Each prints a boolean. */
const QUESTIONS: readonly (readonly [string, readonly string[]])[] = [
  [
    "gdbus",
    [
      "call",
      "--session",
      ...["--dest", BUS, "--object-path", "/org/freedesktop/DBus"],
      ...["--method", `${BUS}.NameHasOwner`, WATCHER],
    ],
  ],
  ["busctl", ["--user", "call", BUS, "/org/freedesktop/DBus", BUS, "NameHasOwner", "s", WATCHER]],
];

export async function hasTray(platform: NodeJS.Platform, ask: Ask = run): Promise<boolean> {
  if (platform === "darwin" || platform === "win32") return true;
  for (const [program, words] of QUESTIONS) {
    const answer = await ask(program, words).catch(() => undefined);
    if (answer !== undefined) return answer.includes("true");
  }
  return false;
}

const run: Ask = (program, words) =>
  new Promise((resolve, reject) => {
    execFile(program, [...words], { timeout: 2000, windowsHide: true }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
