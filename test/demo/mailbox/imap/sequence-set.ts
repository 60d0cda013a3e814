// Sequence sets (RFC 3501 §9 sequence-set): which sequence numbers or UIDs a command means.
import type { CommandCursor } from "./command-cursor.ts";

/** "*" is Infinity until the largest number in use is known. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

const SEQUENCE_SET = /(?:\d+|\*)(?::(?:\d+|\*))?(?:,(?:\d+|\*)(?::(?:\d+|\*))?)*/y;

export function readSequenceSet(cursor: CommandCursor): readonly SequenceRange[] {
  return cursor.match(SEQUENCE_SET, "a sequence set").split(",").map(parseRange);
}

function parseRange(range: string): SequenceRange {
  const [first = "", second = first] = range.split(":");
  return { from: parseNumber(first), to: parseNumber(second) };
}

function parseNumber(text: string): number {
  return text === "*" ? Number.POSITIVE_INFINITY : Number(text);
}

/** Whether the set holds `number`, where "*" means `largest`. Numbers that are not in use are simply never met. */
export function isInSequenceSet(set: readonly SequenceRange[], number: number, largest: number): boolean {
  return set.some((range) => {
    const from = range.from === Number.POSITIVE_INFINITY ? largest : range.from;
    const to = range.to === Number.POSITIVE_INFINITY ? largest : range.to;
    return number >= Math.min(from, to) && number <= Math.max(from, to);
  });
}

/** Ascending UIDs as a set, with ranges where they are consecutive: for COPYUID (RFC 4315). */
export function formatUidSet(uids: readonly number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const uid of uids) {
    const last = ranges.at(-1);
    if (last !== undefined && uid === last.to + 1) last.to = uid;
    else ranges.push({ from: uid, to: uid });
  }
  return ranges.map(({ from, to }) => (from === to ? String(from) : `${from}:${to}`)).join(",");
}
