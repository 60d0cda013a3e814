// Header fields of a message (RFC 5322 §2.2), read leniently: whatever the octets are, nothing throws.
// Invariant: the raw octets of the fields, in order, are the header without the lines that are no field.

export interface HeaderField {
  readonly name: string;
  /** Unfolded and trimmed, latin1. */
  readonly value: string;
  /** As it stands in the message, with folding and line end, latin1. */
  readonly raw: string;
}

export interface Entity {
  /** With the empty line that ends it. */
  readonly header: Buffer;
  readonly body: Buffer;
}

/** From the start of a line, with the folded lines that follow. */
const FIELD = /(?<![^\n])[^\s:][^:\n]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|$)/g;
const LF = 0x0a;
const CR = 0x0d;

/** Splits behind the first empty line; without one all is header. Both halves share the memory of `octets`. */
export function splitEntity(octets: Buffer): Entity {
  let lineStart = 0;
  while (lineStart < octets.length) {
    const lineEnd = octets.indexOf(LF, lineStart);
    if (lineEnd === -1) break;
    const isEmpty = lineEnd === lineStart || (lineEnd === lineStart + 1 && octets[lineStart] === CR);
    lineStart = lineEnd + 1;
    if (isEmpty) return { header: octets.subarray(0, lineStart), body: octets.subarray(lineStart) };
  }
  return { header: octets, body: octets.subarray(octets.length) };
}

export function parseHeaderFields(header: Buffer): readonly HeaderField[] {
  const fields = header.toString("latin1").match(FIELD) ?? [];
  return fields.map((raw) => {
    const colon = raw.indexOf(":");
    return {
      name: raw.slice(0, colon).trimEnd(),
      value: raw
        .slice(colon + 1)
        .replace(/\r?\n(?=[ \t])/g, "")
        .trim(),
      raw,
    };
  });
}

/** The value of the first field of that name. */
export function findField(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find((field) => isField(field, name))?.value;
}

export function isField(field: HeaderField, name: string): boolean {
  return field.name.toLowerCase() === name.toLowerCase();
}
