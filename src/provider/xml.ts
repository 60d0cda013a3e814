// Reads XML that a stranger wrote. Invariant: what is not small, flat and plain is refused before it is parsed: no document
// type, so no entities but XML's own five; nothing is ever fetched.
import { parseXml, XmlElement } from "@rgrove/parse-xml";

/** Bytes of UTF-8; elements within each other. */
export const XML_LIMITS = { bytes: 262_144, depth: 32 } as const;

export type XmlReading =
  | { readonly kind: "element"; readonly root: XmlElement }
  | { readonly kind: "refused"; readonly reason: string };

/** Never throws. */
export function readXml(document: string): XmlReading {
  if (Buffer.byteLength(document) > XML_LIMITS.bytes) return refused("it is larger than 256 KiB");
  if (/<!(?:DOCTYPE|ENTITY)/i.test(document)) return refused("it has a document type");
  if (deepestNesting(document) > XML_LIMITS.depth)
    return refused("its elements are too deep within each other");
  try {
    const { root } = parseXml(document.replace(/^\uFEFF/, ""));
    return root === null ? refused("it is empty") : { kind: "element", root };
  } catch {
    return refused("it is not well-formed XML");
  }
}

/** The child elements of a name, in order. */
export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children
    .filter((child) => child instanceof XmlElement)
    .filter((child) => child.name === name);
}

/** The text of the first child element of a name, without space around it; undefined where there is none. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return childrenNamed(element, name)[0]?.text.trim();
}

function refused(reason: string): XmlReading {
  return { kind: "refused", reason };
}

/**
 * How many elements are open at once, found in one pass, so that the parser never meets more than it can take. Where
 * something is not closed the pass ends: the parser will refuse it.
 */
function deepestNesting(document: string): number {
  let depth = 0;
  let deepest = 0;
  let from = document.indexOf("<");
  while (from !== -1) {
    const closing = passageAt(document, from);
    const end = closing === undefined ? endOfTag(document, from) : document.indexOf(closing, from);
    if (end === -1) break;
    if (closing === undefined) {
      if (document[from + 1] === "/") depth -= 1;
      else if (document[end - 1] !== "/") depth += 1;
      deepest = Math.max(deepest, depth);
    }
    from = document.indexOf("<", end + 1);
  }
  return deepest;
}

/** How the passage ends that begins there, unless it is a tag. */
function passageAt(document: string, from: number): string | undefined {
  if (document.startsWith("<!--", from)) return "-->";
  if (document.startsWith("<![CDATA[", from)) return "]]>";
  return document.startsWith("<?", from) ? "?>" : undefined;
}

/** Where a tag's ">" is: the first that stands in no quotes; -1 where there is none. */
function endOfTag(document: string, from: number): number {
  let quote: string | undefined;
  for (let at = from + 1; at < document.length; at += 1) {
    const character = document[at];
    if (character === quote) quote = undefined;
    else if (quote === undefined && (character === '"' || character === "'")) quote = character;
    else if (quote === undefined && character === ">") return at;
  }
  return -1;
}
