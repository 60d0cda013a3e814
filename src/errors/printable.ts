// Makes text from elsewhere safe to show in a log line, a terminal or a protocol reply (threats.md E2, F9).

/**
 * `text` in one line of at most `maximum` characters: control characters, escape sequences' introducers, line
 * separators and bidirectional overrides become spaces.
 */
export function printable(text: string, maximum: number): string {
  const oneLine = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
  const characters = [...oneLine];
  return characters.length <= maximum ? oneLine : `${characters.slice(0, maximum - 1).join("")}…`;
}

/** As `printable`, in US-ASCII only: what IMAP's resp-text and SMTP's textstring allow. */
export function printableAscii(text: string, maximum: number): string {
  const ascii = printable(text, Number.POSITIVE_INFINITY)
    .replace(/…/g, "...")
    .replace(/[^\x20-\x7e]/gu, "?");
  return ascii.length <= maximum ? ascii : `${ascii.slice(0, maximum - 3)}...`;
}
