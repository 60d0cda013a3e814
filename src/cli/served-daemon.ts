// The daemon that `postern ui --serve` starts where none runs, and ends with itself.
// Invariant: one that ran already is never stopped; one that was started is asked to stop in an orderly way, and waited for.
import { spawn } from "node:child_process";
import { once } from "node:events";

import { systemClock } from "../clock/clock.ts";
import { PosternError } from "../errors/postern-error.ts";
import { programCommand } from "../installation/program.ts";
import { daemon } from "./daemon.ts";

export interface ServedDaemon {
  /** Its exit code, when it has ended by itself or by `stop`; null after a signal. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

/** Milliseconds for an orderly end: sessions in the middle of something have ten seconds of them. */
const ORDERLY_END = 20_000;

/** Undefined where one runs already. @throws PosternError `daemon-not-running` when it does not start */
export async function startDaemonIfNeeded(): Promise<ServedDaemon | undefined> {
  const isRunning = await daemon().then(
    () => true,
    () => false,
  );
  if (isRunning) return undefined;
  const [program, ...words] = programCommand();
  const child = spawn(program, [...words, "serve", "--log-level", "error"], {
    stdio: ["ignore", "pipe", "inherit"],
    windowsHide: true,
  });
  const ended = once(child, "exit").then(([code]): number | null => code);
  const isReady = await Promise.race([once(child.stdout, "data").then(() => true), ended.then(() => false)]);
  if (!isReady) throw new PosternError("daemon-not-running", { detail: describeEnd(await ended) });
  return {
    ended,
    async stop() {
      // Ctrl-C at a terminal has reached it too: then it is on its way already, and a second signal would cut that short.
      const asked = daemon().then((client) => client.call("stop", {}));
      asked.catch(() => {});
      const cancel = systemClock.schedule(ORDERLY_END, () => child.kill("SIGKILL"));
      await ended;
      cancel();
    },
  };
}

export const describeEnd = (code: number | null): string =>
  `postern serve ended ${code === null ? "by a signal" : `with ${code}`}`;
