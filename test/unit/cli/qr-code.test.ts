// The QR code on a terminal: its modules, its colours, its margin. (That it scans was seen with zbar; here it is
// taken apart into modules again.)
import { encode } from "uqr";
import { describe, expect, it } from "vitest";
import { formatQrCode } from "../../../src/cli/qr-code.ts";

const ADDRESS = "https://microsoft.com/devicelogin?user_code=WDJB-MJHT";

interface Line {
  readonly colours: string;
  readonly blocks: string;
  readonly end: string;
}

function linesOf(text: string): Line[] {
  return (formatQrCode(text) ?? "").split("\n").map((line) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is looked at
    const [, colours = "", blocks = "", end = ""] = /^(\u001b\[[\d;]*m)([ ▀▄█]*)(.*)$/.exec(line) ?? [];
    return { colours, blocks, end };
  });
}

/** What a camera sees: true for black. */
function modulesOf(text: string): boolean[][] {
  return linesOf(text).flatMap(({ blocks }) => [
    [...blocks].map((block) => "▀█".includes(block)),
    [...blocks].map((block) => "▄█".includes(block)),
  ]);
}

describe("a QR code on a terminal", () => {
  it.each([ADDRESS, "https://example.test/device", `https://example.test/${"x".repeat(300)}`])(
    "has exactly the modules of %s, with four white ones on every side",
    (text) => {
      const { data, size } = encode(text, { border: 0 });
      const modules = modulesOf(text);
      for (const [row, line] of modules.entries()) {
        for (const [column, isBlack] of line.entries()) {
          expect(isBlack).toBe(data[row - 4]?.[column - 4] ?? false);
        }
      }
      expect(modules[0]).toHaveLength(size + 8);
      // Half blocks come in pairs, and the number of a code's rows is odd: one more white row.
      expect(modules).toHaveLength(size + 9);
    },
  );

  it("is black on white in every line, and ends with the terminal's own colours", () => {
    const lines = linesOf(ADDRESS);
    expect(lines.length).toBeGreaterThan(10);
    for (const { colours, end } of lines) {
      expect(colours).toBe("\u001b[38;5;16;48;5;231m");
      expect(end).toBe("\u001b[0m");
    }
  });

  it("fits a terminal of 80 columns and 24 lines with a usual address", () => {
    const lines = linesOf(ADDRESS);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines[0]?.blocks.length).toBeLessThanOrEqual(80);
  });

  it("is left out where its lines would be broken", () => {
    const width = linesOf(ADDRESS)[0]?.blocks.length ?? 0;
    expect(formatQrCode(ADDRESS, width)).toBe(formatQrCode(ADDRESS));
    expect(formatQrCode(ADDRESS, width - 1)).toBeUndefined();
  });
});
