// The benchmark's own helper processes, the stub and the load; each ends when the channel to this process does.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { LoadAnswer, LoadRequest } from "./load-request.ts";

export interface Load {
  /** @throws Error with the reason when it could not be done */
  ask(request: LoadRequest): Promise<readonly number[]>;
  stop(): Promise<void>;
}

export interface Stub {
  readonly port: number;
  stop(): Promise<void>;
}

/** @param key, certificate PEM files */
export async function startStub(key: string, certificate: string): Promise<Stub> {
  const child = fork(join(import.meta.dirname, "stub-upstream.ts"), [key, certificate]);
  const port = await nextMessage<number>(child);
  return { port, stop: () => end(child) };
}

export function startLoad(): Load {
  const child = fork(join(import.meta.dirname, "load.ts"));
  return {
    async ask(request) {
      const answered = nextMessage<LoadAnswer>(child);
      child.send(request);
      const answer = await answered;
      if (answer.kind === "failed") throw new Error(answer.reason);
      return answer.numbers;
    },
    stop: () => end(child),
  };
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`${child.spawnargs[1]} ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as T);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  await exited;
}
