// Times and amounts as people read them, in their language. Pure.
import type { Language } from "../src/messages/language.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Undefined for less than a minute in either direction: for that there are words (texts.tsx). */
export function relativeTime(at: number, now: number, language: Language): string | undefined {
  const difference = at - now;
  const distance = Math.abs(difference);
  if (distance < MINUTE) return undefined;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  if (distance < HOUR) return format.format(Math.trunc(difference / MINUTE), "minute");
  if (distance < DAY) return format.format(Math.trunc(difference / HOUR), "hour");
  if (distance < 60 * DAY) return format.format(Math.trunc(difference / DAY), "day");
  return format.format(Math.trunc(difference / (30 * DAY)), "month");
}

/** Day and time, for hovering and for whoever wants to know exactly. */
export function exactTime(at: number, language: Language, timeZone?: string): string {
  return new Intl.DateTimeFormat(language, {
    dateStyle: "medium",
    timeStyle: "medium",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);
}

/** The time of the day. */
export function clockTime(at: number, language: Language, timeZone?: string): string {
  return new Intl.DateTimeFormat(language, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** "12 kB", "3.4 MB": at most three digits that mean something. */
export function formatOctets(octets: number, language: Language): string {
  const steps = octets < 1000 ? 0 : Math.min(Math.floor(Math.log10(octets) / 3), UNITS.length - 1);
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[steps] ?? "byte",
    // "12 bytes", but "12 kB".
    unitDisplay: steps === 0 ? "long" : "short",
    maximumFractionDigits: steps === 0 ? 0 : 1,
  }).format(octets / 1000 ** steps);
}
