// Reads one whole IMAP command of the login phase: its line, its literals, and the line again (RFC 9051 §4.3).
// Invariant: a command is consumed to its last octet, or the answer says that the connection must close.
import { type ForeignProtocol, recogniseForeign } from "../wire/foreign-protocol.ts";
import { limits } from "../wire/limits.ts";
import type { Wire } from "../wire/wire.ts";

/** A stretch of the command's line, or a literal that stood in it. */
export type Part =
  | { readonly kind: "text"; readonly octets: Buffer }
  | { readonly kind: "literal"; readonly octets: Buffer };

export interface ImapCommand {
  readonly tag: string;
  /** Upper case. */
  readonly name: string;
  /** What follows the name and its space. */
  readonly parts: readonly Part[];
}

export type ReadCommand =
  | { readonly kind: "command"; readonly command: ImapCommand }
  /** Could not be read; `tag` is "*" where none could be made out. `fatal` says that the connection must close. */
  | { readonly kind: "bad"; readonly tag: string; readonly text: string; readonly fatal: boolean }
  /** The line is another protocol's. */
  | { readonly kind: "foreign"; readonly spoken: ForeignProtocol }
  | { readonly kind: "end" };

const LITERAL = /\{(\d+)(\+?)\}$/;
/** RFC 9051 §9 tag: an astring-char but "+", in US-ASCII since it is echoed. */
const TAG = /^[\x21\x23\x24\x26\x27\x2c-\x5b\x5d-\x7a\x7c-\x7e]{1,64}$/;

/** Reads the next command, asking for each synchronising literal with a continuation request. */
export async function readImapCommand(wire: Wire): Promise<ReadCommand> {
  const parts: Part[] = [];
  let size = 0;
  let tag = "*";
  for (;;) {
    const line = await wire.reader.readLine(limits.imapCommand - size, limits.skippedLine);
    if (line.kind === "end") return { kind: "end" };
    if (line.kind === "flood") return bad(tag, "Command line too long", true);
    if (line.kind === "too-long") {
      // Octets that follow whatever we answer must not become commands.
      const announces = line.tail.toString("latin1").endsWith("+}");
      return bad(tag, "Command line too long", parts.length > 0 || announces);
    }
    const text = line.octets.toString("latin1");
    if (parts.length === 0) {
      const spoken = recogniseForeign("imap", text);
      if (spoken !== undefined) return { kind: "foreign", spoken };
      tag = tagOf(text);
    }
    size += line.octets.length;

    const literal = LITERAL.exec(text);
    if (literal === null) {
      parts.push({ kind: "text", octets: line.octets });
      return toCommand(tag, parts);
    }
    parts.push({ kind: "text", octets: line.octets.subarray(0, literal.index) });
    const count = Number(literal[1]);
    const synchronising = literal[2] === "";
    // A non-synchronising literal is on its way whatever we answer, so its octets must not become commands.
    if (count > limits.imapLiteral) return bad(tag, "[TOOBIG] Literal too large", !synchronising);
    if (synchronising) wire.write("+ Ready for literal data\r\n");
    const octets = await wire.reader.readOctets(count);
    if (octets === undefined) return { kind: "end" };
    parts.push({ kind: "literal", octets });
    size += count;
  }
}

/** The tag of a command line, or "*" where there is none that may be echoed. */
function tagOf(text: string): string {
  const first = text.split(" ", 1)[0] ?? "";
  return TAG.test(first) ? first : "*";
}

function toCommand(tag: string, parts: readonly Part[]): ReadCommand {
  const [first, ...rest] = parts;
  const line = first?.octets ?? Buffer.alloc(0);
  const text = line.toString("latin1");
  if (tag === "*") return bad("*", "A command starts with a tag", false);
  const name = /^[^ ]+ ([A-Za-z]+)(?: |$)/.exec(text)?.[1];
  if (name === undefined) return bad(tag, "A command has a name", false);
  // A literal is an argument, and arguments stand behind a space.
  if (rest.length > 0 && !text.slice(tag.length + 1).includes(" "))
    return bad(tag, "Arguments follow a space", false);
  const argument = line.subarray(Math.min(line.length, tag.length + 1 + name.length + 1));
  return {
    kind: "command",
    command: { tag, name: name.toUpperCase(), parts: [{ kind: "text", octets: argument }, ...rest] },
  };
}

function bad(tag: string, text: string, fatal: boolean): ReadCommand {
  return { kind: "bad", tag, text, fatal };
}
