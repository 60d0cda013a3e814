// Strict base64 (RFC 4648 §4). Buffer.from(text, "base64") skips garbage silently; a login must not (threats.md F4).

const PATTERN = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The octets, or undefined when `text` is not exactly one base64 value. The empty text is the empty value. */
export function decodeBase64(text: string): Buffer | undefined {
  return PATTERN.test(text) ? Buffer.from(text, "base64") : undefined;
}

export function encodeBase64(octets: Buffer | string): string {
  return Buffer.from(octets as string).toString("base64");
}
