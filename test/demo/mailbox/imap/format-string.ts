// Strings as IMAP writes them (RFC 3501 §4.3): quoted where that is allowed, else as a literal. Text is latin1.

export function formatString(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return `"${value.replace(/["\\]/g, "\\$&")}"`;
  return `{${value.length}}\r\n${value}`;
}

export function formatNString(value: string | undefined): string {
  return value === undefined ? "NIL" : formatString(value);
}
