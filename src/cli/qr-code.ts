// A QR code (ISO/IEC 18004) of half blocks for a terminal.
// Invariant: black on white whatever the terminal's own colours are, with the quiet zone that scanners need.
import { encode } from "uqr";

/** Modules of white around the code (ISO/IEC 18004 §6.3.8). */
const QUIET_ZONE = 4;

/** Of the 256 colours, these two belong to no theme. */
const BLACK_ON_WHITE = "\u001b[38;5;16;48;5;231m";
const PLAIN = "\u001b[0m";

/** Two modules above each other: `[upper][lower]`, true for black. */
const blockOf = (upper: boolean, lower: boolean): string => (upper ? (lower ? "█" : "▀") : lower ? "▄" : " ");

/**
 * The code as lines, without an LF behind the last, for a terminal that knows colours.
 * @param columns the terminal's width: undefined is returned for a code that would be broken over its lines
 */
export function formatQrCode(text: string, columns = Number.POSITIVE_INFINITY): string | undefined {
  const { data, size } = encode(text, { border: QUIET_ZONE });
  if (size > columns) return undefined;
  const isBlack = (row: number, column: number): boolean => data[row]?.[column] ?? false;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    const blocks = Array.from({ length: size }, (_, column) =>
      blockOf(isBlack(row, column), isBlack(row + 1, column)),
    );
    lines.push(`${BLACK_ON_WHITE}${blocks.join("")}${PLAIN}`);
  }
  return lines.join("\n");
}
