// Times and amounts as people read them.
import { expect, test } from "vitest";
import { clockTime, exactTime, formatOctets, relativeTime } from "../../../renderer/format.ts";

const NOW = Date.UTC(2026, 10, 28, 20, 0, 0);
const MINUTE = 60_000;

test.each([
  [-59_000, undefined, undefined],
  [-2 * MINUTE, "2 minutes ago", "2 分前"],
  [-59 * MINUTE - 59_000, "59 minutes ago", "59 分前"],
  [-60 * MINUTE, "1 hour ago", "1 時間前"],
  [-24 * 60 * MINUTE, "1 day ago", "1 日前"],
  [-90 * 24 * 60 * MINUTE, "3 months ago", "3 か月前"],
  [30_000, undefined, undefined],
  [5 * MINUTE, "in 5 minutes", "5 分後"],
])("%d milliseconds from now are %s, %s", (distance, en, ja) => {
  expect(relativeTime(NOW + distance, NOW, "en")).toBe(en);
  expect(relativeTime(NOW + distance, NOW, "ja")).toBe(ja);
});

test("the exact time has the day, the hour and the second", () => {
  expect(exactTime(NOW, "en", "UTC")).toMatch(/Nov 28, 2026.*8:00:00\sPM/);
  expect(exactTime(NOW, "ja", "Asia/Tokyo")).toBe("2026/11/29 5:00:00");
  expect(clockTime(NOW, "en", "UTC")).toBe("20:00:00");
});

test.each([
  [0, "0 bytes", "0 バイト"],
  [1, "1 byte", "1 バイト"],
  [999, "999 bytes", "999 バイト"],
  [1000, "1 kB", "1 KB"],
  [12_345, "12.3 kB", "12.3 KB"],
  [7_000_000, "7 MB", "7 MB"],
  [4_000_000_000_000_000, "4,000 TB", "4,000 TB"],
])("%d octets are %s, %s", (octets, en, ja) => {
  expect(formatOctets(octets, "en")).toBe(en);
  expect(formatOctets(octets, "ja")).toBe(ja);
});
