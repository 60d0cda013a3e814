// The text of one transcript line: characters, escapes and placeholders, and the octets that they stand for.
// Invariant: whatever is not a known escape or placeholder is an error, so that no typing mistake becomes an expectation.

/** What a placeholder may need to know. */
export interface Surroundings {
  /** The port of the upstream server. */
  readonly port: number;
}

/** A stretch of known octets, or a command tag of Postern's, which is random. */
export type Piece = Buffer | "tag";

const TAG = "tag";

/** @throws SyntaxError */
export function parseOctets(text: string, surroundings: Surroundings): readonly Piece[] {
  return readPieces({ text, place: 0 }, surroundings, false);
}

/** The octets of a text without `{tag}`. @throws SyntaxError */
export function parseFixedOctets(text: string, surroundings: Surroundings): Buffer {
  return fixed(parseOctets(text, surroundings));
}

/** The octets of `pieces`, with `tag` where a tag stands. */
export function withTag(pieces: readonly Piece[], tag: string): Buffer {
  return Buffer.concat(pieces.map((piece) => (piece === TAG ? Buffer.from(tag) : piece)));
}

interface Reader {
  readonly text: string;
  place: number;
}

/** Reads to the end of the text or, in a placeholder's argument, to its closing brace. */
function readPieces(reader: Reader, surroundings: Surroundings, inside: boolean): Piece[] {
  const pieces: Piece[] = [];
  while (reader.place < reader.text.length) {
    const rest = reader.text.slice(reader.place);
    if (inside && rest.startsWith("}")) return pieces;
    const placeholder = /^\{([a-z][a-z0-9]*)/.exec(rest);
    if (placeholder !== null) {
      reader.place += placeholder[0].length;
      pieces.push(...readPlaceholder(placeholder[1] ?? "", reader, surroundings));
      continue;
    }
    if (rest.startsWith("\\")) {
      pieces.push(readEscape(rest, reader));
      continue;
    }
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    reader.place += character.length;
    pieces.push(Buffer.from(character));
  }
  if (inside) throw new SyntaxError("a placeholder has no end");
  return pieces;
}

const ESCAPES: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };

function readEscape(rest: string, reader: Reader): Buffer {
  const octet = /^\\x([0-9a-f]{2})/.exec(rest)?.[1];
  if (octet !== undefined) {
    reader.place += 4;
    return Buffer.from(octet, "hex");
  }
  const character = ESCAPES[rest.charAt(1)];
  if (character === undefined) throw new SyntaxError(`no such escape: ${rest.slice(0, 2)}`);
  reader.place += 2;
  return Buffer.from(character);
}

function readPlaceholder(name: string, reader: Reader, surroundings: Surroundings): Piece[] {
  if (reader.text[reader.place] === " ") reader.place += 1;
  const argument = readPieces(reader, surroundings, true);
  reader.place += 1;
  switch (name) {
    case "tag":
      return [TAG];
    case "port":
      return [Buffer.from(String(surroundings.port))];
    case "base64":
      return [Buffer.from(fixed(argument).toString("base64"))];
    case "xoauth2": {
      const [user, token] = twoWords(fixed(argument));
      return [Buffer.from(Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString("base64"))];
    }
    case "oauthbearer": {
      const [user, token] = twoWords(fixed(argument));
      const server = `host=127.0.0.1\x01port=${surroundings.port}`;
      const message = `n,a=${user},\x01${server}\x01auth=Bearer ${token}\x01\x01`;
      return [Buffer.from(Buffer.from(message).toString("base64"))];
    }
    case "repeat": {
      const [count, what] = twoWords(fixed(argument));
      return [Buffer.from(what.repeat(Number(count)))];
    }
    default:
      throw new SyntaxError(`no such placeholder: {${name}}`);
  }
}

function fixed(pieces: readonly Piece[]): Buffer {
  if (pieces.includes(TAG)) throw new SyntaxError("{tag} has no place here");
  return withTag(pieces, "");
}

/** The first word, and everything behind the space that follows it. */
function twoWords(octets: Buffer): [string, string] {
  const [first = "", ...more] = octets.toString("utf8").split(" ");
  const rest = more.join(" ");
  if (first === "" || rest === "") throw new SyntaxError("a placeholder lacks an argument");
  return [first, rest];
}
