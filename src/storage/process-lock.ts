// A lock between processes, as a file that names its holder. Invariant: a lock whose process is gone, or whose number now
// belongs to another process, is taken over; a living one never is.

import { randomBytes } from "node:crypto";
import { link, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type Clock, systemClock, wait } from "../clock/clock.ts";
import { systemCode } from "../errors/postern-error.ts";

export type LockAttempt =
  | { readonly kind: "acquired"; release(): Promise<void> }
  | { readonly kind: "held"; readonly processId: number };

interface Holder {
  readonly processId: number;
  /** When that process started, as the system tells it; undefined where it does not. */
  readonly startTime: string | undefined;
}

/**
 * @param path the lock's file, in a folder of the user's own
 * @param isHolderAlive decides where the system does not tell when a process started; by default a process of that
 *   number is taken for the holder
 * @throws the system's error when the file cannot be made
 */
export async function tryToLock(
  path: string,
  isHolderAlive: () => Promise<boolean> = async () => true,
  clock: Clock = systemClock,
): Promise<LockAttempt> {
  const mine = JSON.stringify({ processId: process.pid, startTime: await startTimeOf(process.pid) });
  for (let tries = 0; tries < 20; tries++) {
    if (await create(path, mine)) return { kind: "acquired", release: () => rm(path, { force: true }) };
    const seen = await readFile(path, "utf8").catch(() => undefined);
    if (seen === undefined) continue;
    const holder = parseHolder(seen);
    if (holder !== undefined && (await isAlive(holder, isHolderAlive))) {
      return { kind: "held", processId: holder.processId };
    }
    await takeAway(path, seen, clock);
  }
  throw new Error("the lock changes hands too fast");
}

/** Makes the lock with all its content at once, so that nobody finds it half-written; false when there is one. */
async function create(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(temporary, content, { flag: "wx", mode: 0o600 });
    await link(temporary, path);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === "EEXIST") return false;
    throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A takeover that takes longer than this was abandoned, in milliseconds. */
const LONGEST_TAKEOVER = 10_000;
const TAKEOVER_POLL = 20;

/** Removes a stale lock. Only one process at a time may do that, and only while the lock is still the stale one. */
async function takeAway(path: string, stale: string, clock: Clock): Promise<void> {
  const takeover = `${path}.takeover`;
  try {
    await writeFile(takeover, "", { flag: "wx", mode: 0o600 });
  } catch (thrown) {
    if (systemCode(thrown) !== "EEXIST") throw thrown;
    const { mtimeMs } = await stat(takeover).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    // Both times are the file system's or this machine's; a jump of the clock costs one more try.
    if (clock.now() - mtimeMs > LONGEST_TAKEOVER) await rm(takeover, { force: true });
    else await wait(clock, TAKEOVER_POLL);
    return;
  }
  try {
    if ((await readFile(path, "utf8").catch(() => undefined)) === stale) await rm(path, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null || !("processId" in json)) return undefined;
    const { processId } = json;
    if (typeof processId !== "number" || !Number.isInteger(processId) || processId <= 0) return undefined;
    const startTime = "startTime" in json && typeof json.startTime === "string" ? json.startTime : undefined;
    return { processId, startTime };
  } catch {
    return undefined;
  }
}

async function isAlive(holder: Holder, isHolderAlive: () => Promise<boolean>): Promise<boolean> {
  try {
    process.kill(holder.processId, 0);
  } catch (thrown) {
    // EPERM: it lives, and is somebody else's.
    if (systemCode(thrown) !== "EPERM") return false;
  }
  const now = await startTimeOf(holder.processId);
  if (holder.startTime === undefined || now === undefined) return isHolderAlive();
  return holder.startTime === now;
}

/** Linux tells it in /proc (field 22 of stat, after the name in parentheses); elsewhere the number alone must do. */
async function startTimeOf(processId: number): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  const stat = await readFile(`/proc/${processId}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
