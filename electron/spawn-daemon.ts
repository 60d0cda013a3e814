// Starts `postern serve` as a child, and knows where the program is: beside the app where it is installed, in dist/ of a
// clone. Invariant: the child is never Electron's own binary, whose fuses keep it from being Node.
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { DaemonChild } from "./daemon-process.ts";

export interface Installation {
  readonly isPackaged: boolean;
  /** Of the clone. */
  readonly appPath: string;
  /** Of the installed app, where files lie beside it. */
  readonly resourcesPath: string;
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
}

/** Program and words of `postern serve`. */
export function daemonCommand(installation: Installation): readonly [string, ...string[]] {
  const { isPackaged, appPath, resourcesPath, platform, env } = installation;
  if (isPackaged) {
    return [join(resourcesPath, "bin", platform === "win32" ? "postern.exe" : "postern"), "serve"];
  }
  // `npm start` names the Node that it runs on: the machine's own may be too old.
  return [env.POSTERN_NODE || "node", join(appPath, "dist", "cli", "main.js"), "serve"];
}

/** Characters of standard error that are kept for `lastWords`. */
const KEPT = 4096;

export function spawnDaemon(
  [program, ...words]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): DaemonChild {
  const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-KEPT);
    process.stderr.write(text);
  });
  const ready = Promise.withResolvers<void>();
  child.stdout.on("data", () => ready.resolve());
  const ended = Promise.withResolvers<number | undefined>();
  child.once("error", ({ message }) => {
    said = message;
    ended.resolve(undefined);
  });
  child.once("close", (code) => ended.resolve(code ?? undefined));
  return {
    ready: ready.promise,
    ended: ended.promise,
    kill: (signal) => void child.kill(signal),
    lastWords: () => lastWords(said),
  };
}

/** What a command says to people when it fails ("postern: …"); its log is lines of JSON. */
function lastWords(text: string): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("{"));
  const told = lines.find((line) => line.startsWith("postern: "));
  return told?.slice("postern: ".length) ?? lines.at(-1);
}
