// `postern watch` beside everything else that happens: its lines as they come.
// Invariant: what it printed stays, also after it has ended; it never outlives its test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type { ControlEvent } from "../../src/control/contract.ts";
import { eventSchema } from "../../src/control/snapshot-shapes.ts";
import { PROGRAM } from "./postern.ts";

export interface Watcher {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** The lines of `--json`, each checked against the contract. */
  events(): ControlEvent[];
  /** Waits for the first event from `start` on that fits, and gives its place behind it. */
  saw(fits: (event: ControlEvent) => boolean, start?: number): Promise<number>;
  /** Ends it as Ctrl-C does, and gives how it ended. */
  stop(): Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
}

const DEADLINE = 10_000;

export function startWatcher(words: readonly string[], env: NodeJS.ProcessEnv): Watcher {
  const child = spawn(process.execPath, [PROGRAM, "watch", ...words], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // It would wait for a Postern that never comes back.
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "close").then(([exitCode, signal]) => ({ exitCode, signal }));
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on("line", (line) => {
      lines.push(line);
      for (const look of [...waiting]) look();
    });
  }
  const events = (): ControlEvent[] => lines.map((line) => eventSchema.parse(JSON.parse(line)));
  return {
    process: child,
    lines,
    events,
    saw(fits, start = 0) {
      return new Promise((resolve, reject) => {
        const settle = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const timer = setTimeout(() => {
          settle();
          reject(new Error(`not within ${DEADLINE} ms: ${fits}\n${lines.slice(start).join("\n")}`));
        }, DEADLINE);
        const look = (): void => {
          const place = events().findIndex((event, index) => index >= start && fits(event));
          if (place < 0) return;
          settle();
          resolve(place + 1);
        };
        waiting.add(look);
        look();
      });
    },
    async stop() {
      child.kill("SIGINT");
      return await ended;
    },
  };
}
