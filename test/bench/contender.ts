// One of the programs that are compared: how it is started, and how long it takes to greet.
// Invariant: when stop() has resolved, no process of it is left; it also ends when this process dies, however it dies.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePorts, readGreeting } from "../support/loopback-port.ts";
import type { LoginForm } from "./load-request.ts";
import { groupMembers } from "./process-cost.ts";

export interface Contender {
  readonly name: string;
  readonly form: LoginForm;
  /** Where its output goes. */
  readonly logFile: string;
  /** Prepares its files for listening on this port of 127.0.0.1, and says what to run, in the foreground. */
  command(port: number): Promise<Command>;
}

export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
  /** Instead of this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface Running {
  readonly contender: Contender;
  readonly port: number;
  /** The process group with everything that it started. */
  readonly group: number;
  /** Milliseconds from the start of the process to its greeting. */
  readonly readyAfter: number;
  stop(): Promise<void>;
}

const READY_WITHIN = 20_000;
const STOP_WITHIN = 5000;
const POLL_INTERVAL = 2;

/** @throws Error with what the program printed when it does not greet */
export async function startContender(contender: Contender): Promise<Running> {
  const [port = 0] = await findFreePorts(1);
  const command = await contender.command(port);
  const log = openSync(contender.logFile, "w");
  const start = performance.now();
  // setpriv becomes the program; the kernel then ends it with this process.
  const child = spawn("setpriv", ["--pdeathsig", "TERM", command.program, ...command.arguments], {
    detached: true,
    stdio: ["ignore", log, log],
    env: command.environment ?? process.env,
  });
  closeSync(log);
  await once(child, "spawn");
  const group = child.pid ?? 0;
  const exited = once(child, "exit");

  const stop = async (): Promise<void> => {
    const deadline = performance.now() + STOP_WITHIN;
    signal(group, "SIGTERM");
    await Promise.race([exited, delay(STOP_WITHIN, undefined, { ref: false })]);
    // What a program leaves behind tells nobody when it is gone.
    signal(-group, "SIGTERM");
    while (groupMembers(group).length > 0) {
      if (performance.now() > deadline) signal(-group, "SIGKILL");
      await delay(10);
    }
    await exited;
  };

  for (;;) {
    if ((await readGreeting(port)).startsWith("* OK")) {
      return { contender, port, group, readyAfter: performance.now() - start, stop };
    }
    if (child.exitCode !== null || performance.now() - start > READY_WITHIN) {
      await stop();
      throw new Error(`${contender.name} does not greet:\n${readFileSync(contender.logFile, "utf8")}`);
    }
    await delay(POLL_INTERVAL);
  }
}

function signal(processId: number, name: NodeJS.Signals): void {
  try {
    process.kill(processId, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
