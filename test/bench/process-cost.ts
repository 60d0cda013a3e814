// What a process group costs the machine, as Linux counts it (proc(5)).
import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ: 100 on every Linux that Node runs on. */
const JIFFIES_PER_SECOND = 100;

/** The living processes of a group. Zombies do not count: in a container nobody may ever reap them. */
export function groupMembers(group: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((processId) => {
      const [state, , processGroup] = statOf(processId);
      return state !== undefined && state !== "Z" && Number(processGroup) === group;
    });
}

/** Seconds of user and system time, of the living and of the children that they have reaped. In steps of 10 ms. */
export function cpuSeconds(group: number): number {
  let jiffies = 0;
  for (const processId of groupMembers(group)) {
    // Fields 14 to 17: utime, stime, cutime, cstime; the state is field 3.
    for (const field of statOf(processId).slice(11, 15)) jiffies += Number(field);
  }
  return jiffies / JIFFIES_PER_SECOND;
}

/** Memory in kB: VmRSS of a single process, the sum of Pss where several share pages. */
export function memoryKilobytes(group: number): number {
  const members = groupMembers(group);
  const [single, ...others] = members;
  if (single !== undefined && others.length === 0) return readField(`/proc/${single}/status`, "VmRSS");
  return members.reduce((sum, processId) => sum + readField(`/proc/${processId}/smaps_rollup`, "Pss"), 0);
}

/** The fields of /proc/PID/stat from the third on; none for a process that is gone. */
function statOf(processId: number): readonly string[] {
  const stat = readText(`/proc/${processId}/stat`);
  // "pid (name) state ppid pgrp …", and the name may hold anything, also parentheses.
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function readField(file: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readText(file))?.[1] ?? 0);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
