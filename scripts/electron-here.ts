// Whether Electron can run here: a display, not as root, and its binary, which its package fetches only when it is wanted.
// Invariant: nothing here waits longer than it was told to, and every no comes with its reason.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Here {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined on Windows. */
  readonly userId: number | undefined;
}

/** Why it is not even tried; undefined when it can be. */
export function whyNotTried({ platform, env, userId }: Here): string | undefined {
  if (platform === "darwin" || platform === "win32") {
    return env.SSH_CONNECTION ? "this is a session over ssh, without a display" : undefined;
  }
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return "there is no display";
  // Chromium's sandbox refuses root, and the window does without the sandbox never.
  return userId === 0 ? "Electron does not run as root" : undefined;
}

export interface FetchOptions {
  /** node_modules/electron */
  readonly folder: string;
  /** Milliseconds that fetching may take. */
  readonly within: number;
  say(sentence: string): void;
}

const PROGRESS_EVERY = 10_000;

/** Electron's program, fetched where it is missing. */
export async function haveElectron(
  options: FetchOptions,
): Promise<{ readonly program: string } | { readonly reason: string }> {
  const there = installedProgram(options.folder);
  if (there !== undefined) return { program: there };
  const reason = await fetchBinary(options);
  if (reason !== undefined) return { reason };
  const program = installedProgram(options.folder);
  return program === undefined ? { reason: "what was fetched has no program in it" } : { program };
}

/** As electron/index.js finds it; that one would fetch by itself, without an end. */
function installedProgram(folder: string): string | undefined {
  const pathFile = join(folder, "path.txt");
  if (!existsSync(pathFile)) return undefined;
  const program = join(folder, "dist", readFileSync(pathFile, "utf8"));
  return existsSync(program) ? program : undefined;
}

/** Why it could not be had; undefined when it was. */
async function fetchBinary({ folder, within, say }: FetchOptions): Promise<string | undefined> {
  say(`fetching Electron's program, once (${within / 1000} seconds at most)`);
  const child = spawn(process.execPath, [join(folder, "install.js")], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const since = performance.now();
  const progress = setInterval(
    () => say(`still fetching, ${Math.round((performance.now() - since) / 1000)} seconds so far`),
    PROGRESS_EVERY,
  );
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, within);
  const [code] = await once(child, "close");
  clearInterval(progress);
  clearTimeout(deadline);
  if (late) return `Electron's program did not come within ${within / 1000} seconds`;
  if (code === 0) return undefined;
  const [first = `its installer ended with ${code}`] = said.split(/\r?\n/).filter((line) => line !== "");
  return `Electron's program could not be had (${first.trim().slice(0, 200)})`;
}
