// BODY and BODYSTRUCTURE (RFC 3501 §7.4.2) of a parsed message. BODY is the same without the extension data.
import { formatEnvelope } from "./envelope.ts";
import { formatNString, formatString } from "./format-string.ts";
import { findField } from "./header-fields.ts";
import { type MimePart, type Parameter, parseParameters } from "./mime-part.ts";

/** The parenthesised structure, latin1. */
export function formatBodyStructure(part: MimePart, isExtended: boolean): string {
  const fields =
    part.parts.length > 0 ? formatMultipart(part, isExtended) : formatSinglePart(part, isExtended);
  return `(${fields.join(" ")})`;
}

function formatMultipart(part: MimePart, isExtended: boolean): string[] {
  const parts = part.parts.map((child) => formatBodyStructure(child, isExtended)).join("");
  const extension = isExtended
    ? [formatParameters(part.contentType.parameters), ...formatExtension(part)]
    : [];
  return [parts, formatString(part.contentType.subtype), ...extension];
}

function formatSinglePart(part: MimePart, isExtended: boolean): string[] {
  const { type, subtype, parameters } = part.contentType;
  const fields = [
    formatString(type),
    formatString(subtype),
    formatParameters(parameters),
    formatNString(findField(part.fields, "Content-ID")),
    formatNString(findField(part.fields, "Content-Description")),
    formatString((findField(part.fields, "Content-Transfer-Encoding") ?? "7BIT").toUpperCase()),
    String(part.body.length),
  ];
  if (part.message !== undefined) {
    fields.push(formatEnvelope(part.message.fields), formatBodyStructure(part.message, isExtended));
  }
  if (part.message !== undefined || type === "TEXT") fields.push(String(countLines(part.body)));
  if (isExtended) fields.push(formatNString(findField(part.fields, "Content-MD5")), ...formatExtension(part));
  return fields;
}

/** Disposition, language, location. */
function formatExtension(part: MimePart): string[] {
  return [
    formatDisposition(findField(part.fields, "Content-Disposition")),
    formatNString(findField(part.fields, "Content-Language")),
    formatNString(findField(part.fields, "Content-Location")),
  ];
}

function formatDisposition(value: string | undefined): string {
  const type = /^[^\s;]+/.exec(value ?? "")?.[0];
  if (value === undefined || type === undefined) return "NIL";
  return `(${formatString(type.toUpperCase())} ${formatParameters(parseParameters(value))})`;
}

function formatParameters(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return "NIL";
  return `(${parameters.map(({ name, value }) => `${formatString(name)} ${formatString(value)}`).join(" ")})`;
}

function countLines(body: Buffer): number {
  let lines = 0;
  for (let at = body.indexOf("\n"); at !== -1; at = body.indexOf("\n", at + 1)) lines += 1;
  return lines;
}
