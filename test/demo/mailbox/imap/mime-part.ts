// The MIME structure of a message (RFC 2045, RFC 2046), as far as BODYSTRUCTURE and BODY[1.2] need it.
// Invariant: every part is a view of the message's own octets; nothing is decoded or copied.
import { findField, type HeaderField, parseHeaderFields, splitEntity } from "./header-fields.ts";

export interface MimePart {
  /** With the empty line. */
  readonly header: Buffer;
  readonly fields: readonly HeaderField[];
  readonly body: Buffer;
  readonly contentType: ContentType;
  /** The parts of a multipart; empty for everything else. */
  readonly parts: readonly MimePart[];
  /** The message inside a message/rfc822 part. */
  readonly message: MimePart | undefined;
}

export interface ContentType {
  /** Upper case. */
  readonly type: string;
  /** Upper case. */
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
}

export interface Parameter {
  /** Upper case. */
  readonly name: string;
  readonly value: string;
}

/** Deeper nesting is a hostile message; it is shown as an opaque part. */
const MAXIMUM_DEPTH = 32;
const TEXT_PLAIN: ContentType = {
  type: "TEXT",
  subtype: "PLAIN",
  parameters: [{ name: "CHARSET", value: "us-ascii" }],
};
const OPAQUE: ContentType = { type: "APPLICATION", subtype: "OCTET-STREAM", parameters: [] };
const MESSAGE_RFC822: ContentType = { type: "MESSAGE", subtype: "RFC822", parameters: [] };

export function parseMimePart(octets: Buffer, defaultType = TEXT_PLAIN, depth = 0): MimePart {
  const { header, body } = splitEntity(octets);
  const fields = parseHeaderFields(header);
  const contentType = parseContentType(findField(fields, "Content-Type")) ?? defaultType;
  const leaf = { header, fields, body, contentType, parts: [], message: undefined };
  if (contentType.type === "MULTIPART") {
    const partType = contentType.subtype === "DIGEST" ? MESSAGE_RFC822 : TEXT_PLAIN;
    const parts = depth < MAXIMUM_DEPTH ? splitMultipart(body, contentType) : [];
    // The grammar has no multipart without parts.
    if (parts.length === 0) return { ...leaf, contentType: OPAQUE };
    return { ...leaf, parts: parts.map((part) => parseMimePart(part, partType, depth + 1)) };
  }
  if (contentType.type === "MESSAGE" && contentType.subtype === "RFC822") {
    if (depth >= MAXIMUM_DEPTH) return { ...leaf, contentType: OPAQUE };
    return { ...leaf, message: parseMimePart(body, TEXT_PLAIN, depth + 1) };
  }
  return leaf;
}

/** `type/subtype; name=value`, or undefined when there is no such value. */
export function parseContentType(value: string | undefined): ContentType | undefined {
  const groups = /^\s*(?<type>[^\s;/]+)\s*\/\s*(?<subtype>[^\s;/]+)/.exec(value ?? "")?.groups;
  if (value === undefined || groups?.type === undefined || groups.subtype === undefined) return undefined;
  const { type, subtype } = groups;
  return { type: type.toUpperCase(), subtype: subtype.toUpperCase(), parameters: parseParameters(value) };
}

/** The `; name=value` pairs of a Content-Type or Content-Disposition; encoded names such as `filename*` stay as they are. */
export function parseParameters(value: string): readonly Parameter[] {
  const pattern = /;\s*(?<name>[^\s=;"]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<token>[^\s;"]*))/gs;
  return [...value.matchAll(pattern)].map(({ groups = {} }) => ({
    name: (groups.name ?? "").toUpperCase(),
    value: groups.token ?? (groups.quoted ?? "").replace(/\\(.)/gs, "$1"),
  }));
}

const LF = 0x0a;
const CR = 0x0d;

/** The octets between the delimiter lines; the line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1). */
function splitMultipart(body: Buffer, { parameters }: ContentType): readonly Buffer[] {
  const boundary = parameters.find(({ name }) => name === "BOUNDARY")?.value ?? "";
  if (boundary === "") return [];
  const delimiter = Buffer.from(`--${boundary}`, "latin1");
  const parts: Buffer[] = [];
  let partStart: number | undefined;
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + delimiter.length)) {
    if (at > 0 && body[at - 1] !== LF) continue;
    const lineFeed = body.indexOf(LF, at);
    const lineEnd = lineFeed === -1 ? body.length : lineFeed + 1;
    const rest = body.toString("latin1", at + delimiter.length, lineEnd).trimEnd();
    if (rest !== "" && rest !== "--") continue;
    if (partStart !== undefined)
      parts.push(body.subarray(partStart, Math.max(partStart, lineEndBefore(body, at))));
    if (rest === "--") return parts;
    partStart = lineEnd;
  }
  // The close delimiter is missing: the last part goes on to the end.
  if (partStart !== undefined) parts.push(body.subarray(partStart));
  return parts;
}

function lineEndBefore(body: Buffer, at: number): number {
  if (body[at - 1] !== LF) return at;
  return body[at - 2] === CR ? at - 2 : at - 1;
}
