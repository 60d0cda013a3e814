// Whole IMAP commands off the wire: the text with every literal counted out (RFC 3501 §4.3, RFC 7888).
// Invariant: in the text, CRLF stands only behind the length of a literal, and the literals follow in that order.
import type { ByteReader } from "./byte-reader.ts";

export interface ReceivedCommand {
  /** Octets as latin1, for instance `a1 LOGIN {5}\r\n secret`. */
  readonly text: string;
  readonly literals: readonly Buffer[];
}

export interface CommandLimits {
  /** Octets of one line. */
  readonly line: number;
  /** Octets of one literal. */
  readonly literal: number;
}

/** A literal over the limit. When it is synchronizing, nothing of it was sent and the connection can go on. */
export class LiteralTooLarge extends Error {
  readonly text: string;
  readonly isSynchronizing: boolean;

  constructor(text: string, isSynchronizing: boolean) {
    super("literal too large");
    this.text = text;
    this.isSynchronizing = isSynchronizing;
  }
}

/**
 * The next command, or undefined when the stream ends before it is whole. `requestContinuation` is called for each
 * synchronizing literal. Throws LiteralTooLarge, and LineTooLong as the byte reader does.
 */
export async function readCommand(
  reader: ByteReader,
  limits: CommandLimits,
  requestContinuation: () => Promise<void>,
): Promise<ReceivedCommand | undefined> {
  const literals: Buffer[] = [];
  let text = "";
  for (;;) {
    const line = await reader.readLine(limits.line);
    if (line === undefined) return undefined;
    text += line.toString("latin1");
    const length = /\{(?<octets>\d{1,15})(?<plus>\+?)\}$/.exec(text);
    if (length === null) return { text, literals };
    const octets = Number(length.groups?.octets);
    const isSynchronizing = length.groups?.plus === "";
    if (octets > limits.literal) throw new LiteralTooLarge(text, isSynchronizing);
    if (isSynchronizing) await requestContinuation();
    const literal = await reader.readExactly(octets);
    if (literal === undefined) return undefined;
    literals.push(literal);
    text += "\r\n";
  }
}
