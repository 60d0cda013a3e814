// Runs a foreign server program (Dovecot, Postfix) as an ordinary process in a process group of its own.
// Invariant: when stop() has resolved, no process of the group is left. The server also ends when this process dies, however it dies.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePorts, readGreeting } from "./loopback-port.ts";

export interface ForegroundDaemon {
  stop(): Promise<void>;
}

export interface ForegroundDaemonOptions {
  readonly program: string;
  /** What makes the program stay in the foreground belongs here. */
  readonly arguments: readonly string[];
  /** Added to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Receives what the program writes to stdout and stderr; truncated first. */
  readonly outputFile: string;
  /** Ports on 127.0.0.1 without TLS whose greeting says that the server is ready. */
  readonly greetingPorts: readonly number[];
  /** Everything the server logged so far, for the error when it does not get ready. */
  readonly log: () => Promise<string>;
}

/** IMAP, POP3 and SMTP. */
const GREETING = /^(?:\* OK|\+OK|220)[ -]/;
const READY_WITHIN = 30_000;
const STOP_WITHIN = 10_000;
const POLL_INTERVAL = 20;
const ATTEMPTS = 5;

/*
 * The server becomes the group's leader. Beside it waits one shell (orphaned at once, so that the server never reaps a child
 * it does not know) for the end of its stdin, which comes also when this process is killed.
 */
const WITH_WATCHER =
  'exec 3<&0; ( ( read -r _ <&3; kill -TERM $$ 2> /dev/null ) & ); exec 3<&-; exec "$@" < /dev/null';

/** Starts the program and resolves when every greeting port has greeted. Throws with the log when that does not come. */
export async function startForegroundDaemon(options: ForegroundDaemonOptions): Promise<ForegroundDaemon> {
  const output = openSync(options.outputFile, "w");
  const child = spawn("/bin/sh", ["-c", WITH_WATCHER, "sh", options.program, ...options.arguments], {
    detached: true,
    env: { ...process.env, ...options.environment },
    stdio: ["pipe", output, output],
  });
  closeSync(output);
  // The pipe breaks when the watcher goes before we close our end; that is no error.
  child.stdin?.on("error", () => {});
  await once(child, "spawn");
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));

  const abandoned = new AbortController();
  try {
    const deadline = AbortSignal.any([AbortSignal.timeout(READY_WITHIN), abandoned.signal]);
    await Promise.race([
      Promise.all(options.greetingPorts.map((port) => waitForGreeting(port, deadline))),
      ended.then(() => Promise.reject(new Error(`${options.program} ended while it started`))),
    ]);
    if (hasEnded(child)) throw new Error(`${options.program} ended while it started`);
  } catch (cause) {
    await stopGroup(child, ended);
    throw new Error(`${options.program} did not get ready:\n${await options.log()}`, { cause });
  } finally {
    abandoned.abort();
  }

  let stopped: Promise<void> | undefined;
  return {
    stop() {
      stopped ??= stopGroup(child, ended);
      return stopped;
    },
  };
}

/**
 * Calls `start` with `count` free ports, and again with others where one of them was taken in the meantime (the server's
 * log, which `start` puts into its error, then says so).
 */
export async function startOnFreePorts<T>(
  count: number,
  start: (ports: readonly number[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await findFreePorts(count));
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes("Address already in use")) throw error;
    }
  }
}

/** Connects until the server greets. It tells nobody when it is ready, so this asks again and again. */
async function waitForGreeting(port: number, deadline: AbortSignal): Promise<void> {
  for (;;) {
    const greeting = await readGreeting(port, deadline);
    if (GREETING.test(greeting)) return;
    // Dovecot says BYE, for example, when its own SASL service could not start.
    if (greeting !== "") throw new Error(`port ${port} says ${JSON.stringify(greeting)}`);
    await delay(POLL_INTERVAL, undefined, { signal: deadline });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Ends the server politely, waits for it and for everything it started, and kills what is still there after the deadline. */
async function stopGroup(child: ChildProcess, ended: Promise<void>): Promise<void> {
  const group = child.pid;
  if (group === undefined) return;
  const deadline = Date.now() + STOP_WITHIN;
  if (!hasEnded(child)) child.kill("SIGTERM");
  await Promise.race([ended, delay(STOP_WITHIN, undefined, { ref: false })]);
  signalGroup(group, "SIGTERM");
  while ((await listGroup(group)).length > 0) {
    if (Date.now() > deadline) signalGroup(group, "SIGKILL");
    await delay(POLL_INTERVAL);
  }
  child.stdin?.destroy();
  await ended;
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Living processes of a group. Zombies do not count: in a container nobody may ever reap them. */
async function listGroup(group: number): Promise<readonly number[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const members = await Promise.all(
    names.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
      // proc(5): "pid (name) state ppid pgrp ...", and the name may hold anything, also parentheses.
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state !== "Z" && Number(processGroup) === group ? [Number(name)] : [];
    }),
  );
  return members.flat();
}
