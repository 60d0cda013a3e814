// EHLO keywords (protocol.md §5): which of the provider's may be repeated to a mail program.

/** Always true of us: replies have enhanced codes, the splice keeps order, octets pass unchanged. */
const ALWAYS = ["8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING"] as const;
/** Only where the provider's server has them. */
const WHERE_OFFERED = ["SMTPUTF8", "DSN", "CHUNKING"] as const;

/**
 * What the listener announces besides AUTH.
 * @param lists the last known keyword list of each account's server; several accounts share a port, so only what all
 *   of them offer is announced, and the smallest SIZE. No list at all gives the minimum.
 */
export function listenerKeywords(lists: readonly (readonly string[])[]): string[] {
  const keywords: string[] = [];
  const sizes = lists.map(sizeOf);
  const known = sizes.filter((size) => size !== undefined);
  if (lists.length > 0 && known.length === lists.length) keywords.push(`SIZE ${Math.min(...known)}`);
  keywords.push(...ALWAYS);
  for (const keyword of WHERE_OFFERED) {
    if (lists.length > 0 && lists.every((list) => hasKeyword(list, keyword))) keywords.push(keyword);
  }
  return keywords;
}

/** The part of a list that `listenerKeywords` reads: all that is worth remembering of it. */
export function memorableKeywords(keywords: readonly string[]): string[] {
  return keywords.filter(
    (line) => /^SIZE /i.test(line) || WHERE_OFFERED.some((one) => hasKeyword([line], one)),
  );
}

export function hasKeyword(keywords: readonly string[], wanted: string): boolean {
  return keywords.some((line) => line.toUpperCase().split(" ", 1)[0] === wanted);
}

/** The mechanisms of `AUTH X Y` (RFC 4954 §3), and of the older `AUTH=X Y` that some servers send besides. */
export function mechanismsOf(keywords: readonly string[]): string[] {
  return keywords
    .filter((keyword) => /^AUTH[ =]/i.test(keyword))
    .flatMap((line) => line.slice("AUTH ".length).split(" "))
    .filter(Boolean);
}

/** The octets of `SIZE n` (RFC 1870 §4); undefined without a limit. */
function sizeOf(keywords: readonly string[]): number | undefined {
  const size = keywords.map((line) => /^SIZE ([1-9]\d{0,14})$/i.exec(line)?.[1]).find(Boolean);
  return size === undefined ? undefined : Number(size);
}
