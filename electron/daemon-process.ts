// The daemon behind the window: one that runs already is used, otherwise the `postern` program is started as a child.
// Invariant: never two; a daemon that somebody else started is left running when the window ends.
import { type ChildProcess, spawn } from "node:child_process";
import { type ControlClient, connectToDaemon } from "../src/control/client.ts";

export interface DaemonProcess {
  /** A connection to the daemon as it is now; it may have restarted since the last time. */
  connect(): Promise<ControlClient>;
  /** Whether the window started it, and so ends it. */
  readonly ours: boolean;
  stop(): void;
}

export interface DaemonProgram {
  /** The per-user file in which a running daemon names its endpoint. */
  readonly controlFile: string;
  /** Program and arguments of `postern serve`. */
  readonly command: readonly [string, ...string[]];
}

/** @throws Error when the program ends before it is ready */
export async function attachOrStart({ controlFile, command }: DaemonProgram): Promise<DaemonProcess> {
  const connect = (): Promise<ControlClient> => connectToDaemon(controlFile);
  const running = await connect().then(
    () => true,
    () => false,
  );
  if (running) return { connect, ours: false, stop: () => {} };
  const [program, ...words] = command;
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"], windowsHide: true });
  await ready(child);
  return { connect, ours: true, stop: () => void child.kill() };
}

/** Waits for the one line that the daemon prints when it is ready. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`postern serve ended with ${code} before it was ready`)));
  });
}
