// The date forms of IMAP (RFC 3501 §9 date-time and date). Written in UTC; a date alone is a day in UTC.
import { type CommandCursor, CommandSyntaxError } from "./command-cursor.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
const DATE_TIME =
  /^(?<day>[ \d]\d)-(?<month>[A-Za-z]{3})-(?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) (?<zone>[+-]\d{4})$/;
const DATE = /^(?<day>\d{1,2})-(?<month>[A-Za-z]{3})-(?<year>\d{4})$/;
const HEADER_DATE = /(?<day>\d{1,2})\s+(?<month>[A-Za-z]{3})[a-z]*\s+(?<year>\d{4})/;

/** `17-Jul-1996 02:44:25 +0000` */
export function formatDateTime(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, " ");
  const month = MONTHS[date.getUTCMonth()];
  return `${day}-${month}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`;
}

/** A quoted date-time of APPEND. */
export function readDateTime(cursor: CommandCursor): Date {
  const groups = DATE_TIME.exec(cursor.astring())?.groups ?? {};
  const date = new Date(`${groups.day} ${groups.month} ${groups.year} ${groups.time} ${groups.zone}`);
  if (Number.isNaN(date.getTime())) throw new CommandSyntaxError("expected a date-time");
  return date;
}

/** A date of SEARCH, as the number of days since 1970. */
export function readDay(cursor: CommandCursor): number {
  const day = parseDay(DATE, cursor.astring());
  if (day === undefined) throw new CommandSyntaxError("expected a date");
  return day;
}

/** Days since 1970 in UTC. */
export function toDay(date: Date): number {
  return Math.floor(date.getTime() / DAY_MILLISECONDS);
}

/** The day written in a Date header field, disregarding time and zone as RFC 3501 §6.4.4 asks; undefined if none. */
export function parseHeaderDay(value: string): number | undefined {
  return parseDay(HEADER_DATE, value);
}

function parseDay(pattern: RegExp, text: string): number | undefined {
  const groups = pattern.exec(text)?.groups ?? {};
  const month = MONTHS.findIndex((name) => name.toLowerCase() === groups.month?.toLowerCase());
  if (month === -1) return undefined;
  return Date.UTC(Number(groups.year), month, Number(groups.day)) / DAY_MILLISECONDS;
}
