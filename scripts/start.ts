// `npm start`: the tray app where Electron can run, and otherwise Postern with its window in the browser, saying why.
// Invariant: it never hangs, and one of the two runs; what follows `--` goes to the one that does.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { haveElectron, whyNotTried } from "./electron-here.ts";

const root = join(import.meta.dirname, "..");
const words = process.argv.slice(2);
/** Electron that ends with a failure this soon has never shown anything: a library that is missing, say. */
const SOON = 10_000;

const reason = await startTray();
if (reason !== undefined) {
  say(`no tray app: ${reason}. Postern runs here instead, with its window in your browser; Ctrl-C ends it.`);
  const program = join(root, "dist", "cli", "main.js");
  process.exitCode = await run(process.execPath, [program, "ui", "--serve", ...words], process.env);
}

/** Why it is not there; undefined when it has run and ended. */
async function startTray(): Promise<string | undefined> {
  const { platform, env } = process;
  const notTried = whyNotTried({ platform, env, userId: process.getuid?.() });
  if (notTried !== undefined) return notTried;
  const electron = await haveElectron({
    folder: join(root, "node_modules", "electron"),
    within: 120_000,
    say,
  });
  if ("reason" in electron) return electron.reason;
  const built = spawnSync("npm", ["run", "--silent", "build:tray"], {
    cwd: root,
    stdio: "inherit",
    shell: platform === "win32",
  });
  if (built.status !== 0) return "it could not be built";
  const since = performance.now();
  // The Node that runs this is new enough to be the daemon's.
  const code = await run(electron.program, [root, ...words], { ...env, POSTERN_NODE: process.execPath });
  if (code !== 0 && performance.now() - since < SOON) return `Electron ended at once (${code})`;
  process.exitCode = code;
  return undefined;
}

/** Ctrl-C reaches it too: this waits for its orderly end. @returns its exit code */
async function run(program: string, arguments_: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, [...arguments_], { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // From a terminal the child has had it already, and takes a second one to be meant.
    process.on(signal, () => void (signal === "SIGINT" || child.kill(signal)));
  }
  try {
    const [code] = await once(child, "close");
    return code ?? 1;
  } catch {
    return 1;
  }
}

function say(sentence: string): void {
  process.stderr.write(`start: ${sentence}\n`);
}
