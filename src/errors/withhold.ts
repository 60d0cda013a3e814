// Takes secrets out of a text that came back from elsewhere: a server may echo what it was sent, whole or in part, as it
// was or escaped.

const PLACEHOLDER = "[withheld]";
/** What is as long as this and the same is no chance; shorter secrets are compared whole. */
const TELLING = 12;
/** Shorter texts would hit by chance; no token or message of ours is that short. */
const SHORTEST = 8;
/** Nobody reads a detail as long as this. */
const LONGEST_TEXT = 32_768;

/** `text`, cut to 32,768 characters, without any piece of the secrets that could be of use. */
export function withhold(text: string, ...secrets: readonly string[]): string {
  const pieces = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap(spellingsOf)
    .map((spelling) => piecesOf(spelling, Math.min(TELLING, spelling.length)));
  const cut = text.slice(0, LONGEST_TEXT);
  /** How far the text is known to be secret. */
  let secretUntil = 0;
  let result = "";
  for (let at = 0; at < cut.length; at += 1) {
    const found = pieces.find(({ length, texts }) => texts.has(cut.slice(at, at + length)));
    if (found !== undefined) {
      if (at >= secretUntil) result += PLACEHOLDER;
      secretUntil = at + found.length;
    }
    if (at >= secretUntil) result += cut[at];
  }
  return result;
}

interface Pieces {
  readonly length: number;
  readonly texts: ReadonlySet<string>;
}

function piecesOf(spelling: string, length: number): Pieces {
  const count = spelling.length - length + 1;
  return {
    length,
    texts: new Set(Array.from({ length: count }, (_, at) => spelling.slice(at, at + length))),
  };
}

/** As it was sent, and as a server may write it into a URL, a page or JSON. */
function spellingsOf(secret: string): string[] {
  const html = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      new URLSearchParams([["", secret]]).toString().slice(1),
      html.replaceAll('"', "&quot;"),
      JSON.stringify(secret).slice(1, -1),
      JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/"),
    ]),
  ];
}
