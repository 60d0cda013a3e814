// The octets that a section names (RFC 3501 §6.4.5).
// Invariant: except for picked header fields they are a view of the message, not a copy.
import type { Partial, Section } from "./fetch-item.ts";
import { isField, parseHeaderFields, splitEntity } from "./header-fields.ts";
import { type MimePart, parseMimePart } from "./mime-part.ts";

/** Undefined when the message has no such part. */
export function findSection(
  message: Buffer,
  section: Section,
  partial: Partial | undefined,
): Buffer | undefined {
  const octets =
    section.path.length === 0
      ? pickFromEntity(message, section)
      : pickFromPart(findPart(parseMimePart(message), section.path), section);
  if (octets === undefined || partial === undefined) return octets;
  return octets.subarray(partial.offset, partial.offset + partial.length);
}

function pickFromEntity(entity: Buffer, section: Section): Buffer {
  if (section.text === "all") return entity;
  const { header, body } = splitEntity(entity);
  if (section.text === "text") return body;
  if (section.text === "header" || section.text === "mime") return header;
  const isWanted = section.text === "header-fields";
  const fields = parseHeaderFields(header)
    .filter((field) => section.fields.some((name) => isField(field, name)) === isWanted)
    .map((field) => field.raw);
  return Buffer.from(`${fields.join("")}\r\n`, "latin1");
}

/** HEADER and TEXT with a part number mean the message inside a message/rfc822 part. */
function pickFromPart(part: MimePart | undefined, section: Section): Buffer | undefined {
  if (part === undefined) return undefined;
  if (section.text === "all") return part.body;
  if (section.text === "mime") return part.header;
  return part.message === undefined ? undefined : pickFromEntity(part.body, section);
}

/** A part that is not multipart has itself as its only part, number 1. */
function findPart(root: MimePart, path: readonly number[]): MimePart | undefined {
  let found: MimePart | undefined = root;
  for (const [depth, number] of path.entries()) {
    // Behind a message/rfc822 part the numbers count inside its message.
    const container: MimePart | undefined = depth === 0 ? found : (found?.message ?? found);
    if (container === undefined) return undefined;
    if (container.parts.length > 0) found = container.parts[number - 1];
    else if (number === 1 && (depth === 0 || container !== found)) found = container;
    else return undefined;
  }
  return found;
}
