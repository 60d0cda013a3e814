// A cursor over one received command, with the terminals of the grammar (RFC 3501 §9).
// Invariant: it only moves forward, and whatever does not fit the grammar throws CommandSyntaxError.
import type { ReceivedCommand } from "./command-reader.ts";

export class CommandSyntaxError extends Error {}

export interface CommandCursor {
  /** The next character, or an empty string at the end. */
  peek(): string;
  /** Moves past `text` when it comes next (case-sensitive), and tells whether it did. */
  accept(text: string): boolean;
  /** What `pattern` matches here; `expected` names it in the error. The pattern must be sticky. */
  match(pattern: RegExp, expected: string): string;
  space(): void;
  /** Nothing may be left. */
  end(): void;
  atom(): string;
  number(): number;
  /** Atom, quoted string or literal, as latin1. */
  astring(): string;
  /** Like astring, with the wildcards "*" and "%". */
  listMailbox(): string;
  literal(): Buffer;
  /** "(" items with a space between each ")"; may be empty. */
  list<T>(readItem: () => T): T[];
}

/** Printable ASCII without the specials; "]" may stand in an astring, and wildcards in a mailbox pattern. */
const ATOM = /(?:(?![(){%*"\\\]])[!-~])+/y;
const ASTRING_ATOM = /(?:(?![(){%*"\\])[!-~])+/y;
const LIST_ATOM = /(?:(?![(){"\\])[!-~])+/y;
const QUOTED = /"(?:[^"\\\r\n]|\\["\\])*"/y;
const NUMBER = /\d{1,10}/y;
const LITERAL_LENGTH = /\{\d+\+?\}\r\n/y;

export function createCommandCursor(command: ReceivedCommand): CommandCursor {
  const { text } = command;
  let position = 0;
  let literalsTaken = 0;

  function peek(): string {
    return text.charAt(position);
  }

  function accept(expected: string): boolean {
    if (!text.startsWith(expected, position)) return false;
    position += expected.length;
    return true;
  }

  function match(pattern: RegExp, expected: string): string {
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) throw new CommandSyntaxError(`expected ${expected} at octet ${position}`);
    position += found.length;
    return found;
  }

  function space(): void {
    if (!accept(" ")) throw new CommandSyntaxError(`expected a space at octet ${position}`);
  }

  function end(): void {
    if (position < text.length) throw new CommandSyntaxError(`unexpected text at octet ${position}`);
  }

  function literal(): Buffer {
    match(LITERAL_LENGTH, "a literal");
    const octets = command.literals[literalsTaken];
    if (octets === undefined) throw new CommandSyntaxError("expected a literal");
    literalsTaken += 1;
    return octets;
  }

  function stringOr(atomPattern: RegExp, expected: string): string {
    if (peek() === "{") return literal().toString("latin1");
    if (peek() !== '"') return match(atomPattern, expected);
    return match(QUOTED, "a quoted string")
      .slice(1, -1)
      .replace(/\\(["\\])/g, "$1");
  }

  function list<T>(readItem: () => T): T[] {
    if (!accept("(")) throw new CommandSyntaxError(`expected "(" at octet ${position}`);
    const items: T[] = [];
    while (!accept(")")) {
      if (items.length > 0) space();
      items.push(readItem());
    }
    return items;
  }

  return {
    peek,
    accept,
    match,
    space,
    end,
    atom: () => match(ATOM, "an atom"),
    number: () => Number(match(NUMBER, "a number")),
    astring: () => stringOr(ASTRING_ATOM, "a string"),
    listMailbox: () => stringOr(LIST_ATOM, "a mailbox pattern"),
    literal,
    list,
  };
}
