// Reads IMAP astrings (RFC 9051 §9): atom, quoted string or literal, separated by single spaces.
import type { Part } from "./command.ts";

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** NUL, CR and LF (RFC 9051 §9 TEXT-CHAR). */
const NOT_QUOTED = new Set([0x00, 0x0a, 0x0d]);
/** atom-specials of RFC 9051 less "]", which an astring may have; octets above 0x7f are accepted (programs send UTF-8). */
const ATOM_SPECIALS = new Set([...'(){%*"\\ '].map((character) => character.charCodeAt(0)));

/** All astrings of a command's argument, or undefined when it is not exactly a list of them. */
export function parseAstrings(parts: readonly Part[]): Buffer[] | undefined {
  const strings: Buffer[] = [];
  // True where an astring must follow: at the start and after each space.
  let expecting = true;
  for (const part of parts) {
    if (part.kind === "literal") {
      if (!expecting) return undefined;
      strings.push(part.octets);
      expecting = false;
      continue;
    }
    let place = 0;
    const { octets } = part;
    while (place < octets.length) {
      if (!expecting) {
        if (octets[place] !== SPACE) return undefined;
        place += 1;
        expecting = true;
        continue;
      }
      const string = octets[place] === QUOTE ? readQuoted(octets, place) : readAtom(octets, place);
      if (string === undefined) return undefined;
      strings.push(string.value);
      place = string.end;
      expecting = false;
    }
  }
  return expecting ? undefined : strings;
}

interface Piece {
  readonly value: Buffer;
  /** The place behind it. */
  readonly end: number;
}

function readQuoted(octets: Buffer, start: number): Piece | undefined {
  const value: number[] = [];
  for (let place = start + 1; place < octets.length; place++) {
    const octet = octets[place];
    if (octet === QUOTE) return { value: Buffer.from(value), end: place + 1 };
    if (octet === undefined || NOT_QUOTED.has(octet)) return undefined;
    if (octet !== BACKSLASH) {
      value.push(octet);
      continue;
    }
    place += 1;
    const escaped = octets[place];
    if (escaped !== QUOTE && escaped !== BACKSLASH) return undefined;
    value.push(escaped);
  }
  return undefined;
}

function readAtom(octets: Buffer, start: number): Piece | undefined {
  let end = start;
  while (end < octets.length && isAtomOctet(octets[end] ?? 0)) end += 1;
  return end === start ? undefined : { value: octets.subarray(start, end), end };
}

function isAtomOctet(octet: number): boolean {
  return octet > 0x1f && octet !== 0x7f && !ATOM_SPECIALS.has(octet);
}
