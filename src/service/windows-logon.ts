// Windows: a value of the person's Run key starts Postern when they log on. Not a Windows service: that runs as somebody
// else, whose Credential Manager has none of the person's sign-ins. Not tried on Windows so far.
// Invariant: a path ends neither its quotes nor the command.
import type { StartCommand } from "./start-command.ts";

export const RUN_KEY = "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run";
export const RUN_VALUE = "Postern";

/** conhost's --headless gives the program a console that nobody sees; by itself it would open a window. */
export function formatRunValue({ program, words }: StartCommand): string {
  return ["conhost.exe", "--headless", program, ...words].map(quote).join(" ");
}

/** As Windows programs take their command line apart: quotes around, and backslashes doubled in front of a quote. */
function quote(word: string): string {
  if (/^[\w.:\\/-]+$/.test(word)) return word;
  return `"${word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&")}"`;
}
