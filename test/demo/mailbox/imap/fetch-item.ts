// What a FETCH command asks for (RFC 3501 §6.4.5, §9 fetch-att).
import { type CommandCursor, CommandSyntaxError } from "./command-cursor.ts";
import { formatString } from "./format-string.ts";

export type FetchItem =
  | { readonly kind: "uid" | "flags" | "internal-date" | "size" | "envelope" | "body" | "body-structure" }
  | {
      readonly kind: "section";
      /** As the response names it, for instance `BODY[1.MIME]<0>`. */
      readonly label: string;
      readonly section: Section;
      readonly partial: Partial | undefined;
      /** Without setting \Seen. */
      readonly isPeek: boolean;
    };

export interface Section {
  /** Part numbers from the outside in; empty for the message itself. */
  readonly path: readonly number[];
  readonly text: "all" | "header" | "header-fields" | "header-fields-not" | "text" | "mime";
  /** Only for header-fields and header-fields-not. */
  readonly fields: readonly string[];
}

/** Octets. */
export interface Partial {
  readonly offset: number;
  readonly length: number;
}

const MACROS = new Map([
  ["ALL", ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"]],
  ["FAST", ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]],
  ["FULL", ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"]],
]);

const SIMPLE_ITEMS = new Map<string, FetchItem>([
  ["UID", { kind: "uid" }],
  ["FLAGS", { kind: "flags" }],
  ["INTERNALDATE", { kind: "internal-date" }],
  ["RFC822.SIZE", { kind: "size" }],
  ["ENVELOPE", { kind: "envelope" }],
  ["BODY", { kind: "body" }],
  ["BODYSTRUCTURE", { kind: "body-structure" }],
  ["RFC822", wholeMessageItem("RFC822", "all", false)],
  ["RFC822.HEADER", wholeMessageItem("RFC822.HEADER", "header", true)],
  ["RFC822.TEXT", wholeMessageItem("RFC822.TEXT", "text", false)],
]);

const ITEM_NAME = /[A-Za-z0-9.]+/y;
const PATH = /\d{1,9}(?:\.\d{1,9})*/y;
const SECTION_TEXT = /HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME/iy;

/** One item, a macro, or a parenthesised list of items. */
export function readFetchItems(cursor: CommandCursor): readonly FetchItem[] {
  if (cursor.peek() === "(") return cursor.list(() => readItem(cursor, readName(cursor)));
  const name = readName(cursor);
  const macro = MACROS.get(name);
  return macro === undefined ? [readItem(cursor, name)] : macro.map((item) => readItem(cursor, item));
}

function readName(cursor: CommandCursor): string {
  return cursor.match(ITEM_NAME, "a data item").toUpperCase();
}

function readItem(cursor: CommandCursor, name: string): FetchItem {
  if ((name === "BODY" || name === "BODY.PEEK") && cursor.accept("[")) {
    return readSectionItem(cursor, name === "BODY.PEEK");
  }
  const item = SIMPLE_ITEMS.get(name);
  if (item === undefined) throw new CommandSyntaxError(`unknown data item ${name}`);
  return item;
}

function readSectionItem(cursor: CommandCursor, isPeek: boolean): FetchItem {
  const section = readSection(cursor);
  if (!cursor.accept("]")) throw new CommandSyntaxError('expected "]"');
  const partial = readPartial(cursor);
  const origin = partial === undefined ? "" : `<${partial.offset}>`;
  return { kind: "section", label: `BODY[${formatSection(section)}]${origin}`, section, partial, isPeek };
}

function readSection(cursor: CommandCursor): Section {
  const path = /\d/.test(cursor.peek()) ? cursor.match(PATH, "part numbers").split(".").map(Number) : [];
  if (path.length > 0 && !cursor.accept(".")) return { path, text: "all", fields: [] };
  if (path.length === 0 && cursor.peek() === "]") return { path, text: "all", fields: [] };
  const name = cursor.match(SECTION_TEXT, "a section").toUpperCase();
  switch (name) {
    case "HEADER":
      return { path, text: "header", fields: [] };
    case "TEXT":
      return { path, text: "text", fields: [] };
    case "MIME":
      if (path.length === 0) throw new CommandSyntaxError("MIME needs a part number");
      return { path, text: "mime", fields: [] };
    default: {
      cursor.space();
      const fields = cursor.list(() => cursor.astring());
      return { path, text: name === "HEADER.FIELDS" ? "header-fields" : "header-fields-not", fields };
    }
  }
}

/** `<offset.length>` in the command; the response repeats only the offset. */
function readPartial(cursor: CommandCursor): Partial | undefined {
  if (!cursor.accept("<")) return undefined;
  const offset = cursor.number();
  if (!cursor.accept(".")) throw new CommandSyntaxError('expected "."');
  const length = cursor.number();
  if (!cursor.accept(">")) throw new CommandSyntaxError('expected ">"');
  return { offset, length };
}

function formatSection({ path, text, fields }: Section): string {
  const names = fields
    .map((field) => (/^[A-Za-z0-9-]+$/.test(field) ? field : formatString(field)))
    .join(" ");
  const texts = {
    all: [],
    header: ["HEADER"],
    text: ["TEXT"],
    mime: ["MIME"],
    "header-fields": [`HEADER.FIELDS (${names})`],
    "header-fields-not": [`HEADER.FIELDS.NOT (${names})`],
  };
  return [...path.map(String), ...texts[text]].join(".");
}

function wholeMessageItem(label: string, text: Section["text"], isPeek: boolean): FetchItem {
  return { kind: "section", label, section: { path: [], text, fields: [] }, partial: undefined, isPeek };
}
