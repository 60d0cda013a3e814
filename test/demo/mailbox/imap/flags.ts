// Flags (RFC 3501 §2.3.2): system flags and keywords, compared without regard to case.
// Invariant: a list holds no flag twice, system flags in their one spelling, and never \Recent, which is not stored.
import type { CommandCursor } from "./command-cursor.ts";

export const SYSTEM_FLAGS = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"] as const;

const FLAG = /\\?(?:(?![(){%*"\\\]])[!-~])+/y;

export function readFlag(cursor: CommandCursor): string {
  const flag = cursor.match(FLAG, "a flag");
  return SYSTEM_FLAGS.find((known) => isSameFlag(known, flag)) ?? flag;
}

/** A parenthesised list, or for STORE also flags without parentheses. */
export function readFlags(cursor: CommandCursor): readonly string[] {
  if (cursor.peek() === "(")
    return addFlags(
      [],
      cursor.list(() => readFlag(cursor)),
    );
  const flags = [readFlag(cursor)];
  while (cursor.accept(" ")) flags.push(readFlag(cursor));
  return addFlags([], flags);
}

export function hasFlag(flags: readonly string[], flag: string): boolean {
  return flags.some((present) => isSameFlag(present, flag));
}

export function addFlags(flags: readonly string[], added: readonly string[]): readonly string[] {
  const all = [...flags];
  for (const flag of added) {
    if (!hasFlag(all, flag) && !isSameFlag(flag, "\\Recent")) all.push(flag);
  }
  return all;
}

export function removeFlags(flags: readonly string[], removed: readonly string[]): readonly string[] {
  return flags.filter((flag) => !hasFlag(removed, flag));
}

function isSameFlag(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
