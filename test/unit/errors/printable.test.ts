import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable, printableAscii } from "../../../src/errors/printable.ts";

describe("text from elsewhere", () => {
  test.each([
    ["a forged log line", "x\n2026 INFO ok", "x 2026 INFO ok"],
    ["a forged reply", "401\r\na1 OK", "401 a1 OK"],
    ["an escape sequence", "\x1b[31mred\x1b[0m", "[31mred [0m"],
    ["a C1 control", "a\x9b31mb", "a 31mb"],
    ["a bidirectional override", "abc\u202egnp.exe", "abc gnp.exe"],
    ["bidirectional isolates", "a\u2066b\u2069c", "a b c"],
    ["a zero-width space", "pay\u200bpal", "pay pal"],
    ["line and paragraph separators", "a\u2028b\u2029c", "a b c"],
    ["NUL", "a\0b", "a b"],
    ["a lone surrogate", "a\ud800b", "a b"],
    ["spaces around and between", "  a    b  ", "a b"],
    ["letters of other scripts, which stay", "Grüße, 世界 🙂", "Grüße, 世界 🙂"],
  ])("is made safe to show: %s", (_what, text, expected) => {
    expect(printable(text, 100)).toBe(expected);
  });

  test("is cut with an ellipsis where it is too long, and not where it just fits", () => {
    expect(printable("x".repeat(100), 100)).toBe("x".repeat(100));
    expect(printable("x".repeat(101), 100)).toBe(`${"x".repeat(99)}…`);
  });

  test("is not cut through a character", () => {
    expect(printable("🙂".repeat(60), 100)).not.toMatch(/\p{Cs}/u);
    expect(printable("🙂".repeat(60), 50)).toBe(`${"🙂".repeat(49)}…`);
  });

  test("in ASCII for the wire is not longer than asked for", () => {
    expect(printableAscii("x".repeat(300), 200).length).toBeLessThanOrEqual(200);
  });

  test("is one line without control characters, whatever it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text, 50)).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]{0,50}$/u);
        expect(printableAscii(text, 50)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
