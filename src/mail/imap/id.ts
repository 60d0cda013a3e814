// What a mail program calls itself with ID (RFC 2971): before the login, or as one of the first commands after it.
// Invariant: who looks on after the login changes nothing and keeps at most its window.
import type { Part } from "./command.ts";

/** Octets after the login among which an ID is looked for. */
const WINDOW = 4096;
const LINES = 10;

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|(NIL)|([()]))/giy;

/** Name and version, or undefined where it tells neither. */
export function parseId(parts: readonly Part[]): string | undefined {
  const words = parts.flatMap(({ kind, octets }) =>
    kind === "literal" ? [octets.toString("utf8")] : stringsOf(octets.toString("utf8")),
  );
  const fields = new Map<string, string | undefined>();
  for (let place = 0; place + 1 < words.length; place += 2) {
    fields.set(words[place]?.toLowerCase() ?? "", words[place + 1]);
  }
  const told = [fields.get("name"), fields.get("version")].filter(
    (word) => word !== undefined && word !== "",
  );
  return told.length === 0 ? undefined : told.join(" ");
}

/** The strings of a list, undefined for NIL; what stands behind something unreadable is left. */
function stringsOf(text: string): (string | undefined)[] {
  const strings: (string | undefined)[] = [];
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
    if (token[3] === undefined) strings.push(token[1]?.replace(/\\(.)/g, "$1"));
  }
  return strings;
}

/** @returns takes what the mail program says after the login, in pieces of any size; false when it needs no more */
export function createIdObserver(onId: (program: string) => void): (octets: Buffer) => boolean {
  let left = WINDOW;
  let lines = LINES;
  let line = "";

  function look(octets: Buffer): boolean {
    const pieces = (line + octets.toString("latin1")).split("\n");
    line = pieces.pop() ?? "";
    for (const whole of pieces) {
      lines -= 1;
      const list = /^[^\s+*]+ ID (\(.*\))\r?$/i.exec(whole)?.[1];
      const program = list && parseId([{ kind: "text", octets: Buffer.from(list, "latin1") }]);
      if (program !== undefined && program !== "") onId(program);
      if (list !== undefined || lines === 0) return false;
    }
    return true;
  }

  return (octets) => {
    const more = look(octets.subarray(0, left));
    left -= octets.length;
    if (more && left > 0) return true;
    // The session may last for days, and this with it.
    line = "";
    return false;
  };
}
