// Address lists of header fields (RFC 5322 §3.4) for the envelope, read leniently.
// Invariant: nothing is decoded, and text that is no address still gives an entry rather than an error.

/** The fields of an IMAP address structure (RFC 3501 §7.4.2). `host` undefined: start (or end) of a group. */
export interface Address {
  readonly name: string | undefined;
  readonly mailbox: string | undefined;
  readonly host: string | undefined;
}

interface Token {
  readonly kind: "word" | "comment" | "special";
  readonly text: string;
}

const TOKEN =
  /"(?<quoted>(?:[^"\\]|\\.)*)"?|\((?<comment>(?:[^()\\]|\\.)*)\)?|(?<literal>\[[^\]]*\]?)|(?<special>[<>,:;@])|(?<atom>[^\s"()[<>,:;@]+)/gs;

export function parseAddressList(value: string): readonly Address[] {
  const addresses: Address[] = [];
  let entry: Token[] = [];
  let isInGroup = false;

  function endEntry(): void {
    const address = parseAddress(entry);
    if (address !== undefined) addresses.push(address);
    entry = [];
  }

  for (const token of tokenize(value)) {
    const isInAngle = entry.some(isSpecial("<")) && !entry.some(isSpecial(">"));
    if (token.kind !== "special" || isInAngle) {
      entry.push(token);
    } else if (token.text === ",") {
      endEntry();
    } else if (token.text === ":" && !isInGroup) {
      addresses.push({ name: undefined, mailbox: joinWords(entry), host: undefined });
      entry = [];
      isInGroup = true;
    } else if (token.text === ";") {
      endEntry();
      if (isInGroup) addresses.push({ name: undefined, mailbox: undefined, host: undefined });
      isInGroup = false;
    } else {
      entry.push(token);
    }
  }
  endEntry();
  return addresses;
}

function* tokenize(value: string): Generator<Token> {
  for (const { groups = {} } of value.matchAll(TOKEN)) {
    const { quoted, comment, literal, special, atom } = groups;
    if (special !== undefined) yield { kind: "special", text: special };
    else if (comment !== undefined) yield { kind: "comment", text: withoutEscapes(comment) };
    else yield { kind: "word", text: atom ?? literal ?? withoutEscapes(quoted ?? "") };
  }
}

/** One mailbox: `Name <local@host>` or `local@host (Name)`; undefined for no text at all. */
function parseAddress(entry: readonly Token[]): Address | undefined {
  const comment = entry.find((token) => token.kind === "comment")?.text;
  const tokens = entry.filter((token) => token.kind !== "comment");
  if (tokens.length === 0) return undefined;
  const angle = tokens.findIndex(isSpecial("<"));
  if (angle === -1) return { name: comment, ...splitAddress(tokens) };
  const name = joinWords(tokens.slice(0, angle));
  const inside = tokens.slice(angle + 1).filter((token) => !isSpecial(">")(token));
  // An obsolete source route, `<@a,@b:local@host>`, ends at the colon.
  const route = inside.findLastIndex(isSpecial(":"));
  return { name: name === "" ? comment : name, ...splitAddress(inside.slice(route + 1)) };
}

function splitAddress(tokens: readonly Token[]): Pick<Address, "mailbox" | "host"> {
  const at = tokens.findLastIndex(isSpecial("@"));
  // An empty host, not NIL: NIL would start a group.
  if (at === -1) return { mailbox: joinWords(tokens), host: "" };
  return { mailbox: concatenate(tokens.slice(0, at)), host: concatenate(tokens.slice(at + 1)) };
}

function isSpecial(text: string): (token: Token) => boolean {
  return (token) => token.kind === "special" && token.text === text;
}

function joinWords(tokens: readonly Token[]): string {
  return tokens.map((token) => token.text).join(" ");
}

function concatenate(tokens: readonly Token[]): string {
  return tokens.map((token) => token.text).join("");
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}
