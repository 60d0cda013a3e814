// Who may speak to the window's port on this machine: our own page, and a person who opens it. Pure.
// Invariant: what another site makes a browser send is refused before anything else is looked at (threats.md C1, C2, C4).

/** What a request says of itself. */
export interface RequestFacts {
  readonly method: string;
  /** The request target, as it came. */
  readonly target: string;
  /** Names and values in turn, as they came (node:http's rawHeaders). */
  readonly rawHeaders: readonly string[];
}

export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

export interface GuardParts {
  /** "127.0.0.1:PORT", the only name this server answers to: not localhost, which another site could rebind. */
  readonly host: string;
  /**
   * Whether a person may be on the way here from somewhere else: from the file that `postern ui` opens. Only until they
   * have come.
   */
  readonly isAwaited: boolean;
}

/** Undefined where the request may go on. */
export function judge({ method, target, rawHeaders }: RequestFacts, parts: GuardParts): Refusal | undefined {
  const valuesOf = (name: string): string[] =>
    rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
  const [host, ...moreHosts] = valuesOf("host");
  if (host === undefined || moreHosts.length > 0) return { status: 400, reason: "one Host header is needed" };
  if (!target.startsWith("/")) return { status: 400, reason: "only paths are answered" };
  if (host !== parts.host) return { status: 421, reason: `this is ${parts.host}` };
  const origins = valuesOf("origin");
  if (origins.some((origin) => origin !== `http://${parts.host}`)) return FOREIGN;
  const isForeign = valuesOf("sec-fetch-site").some((site) => site !== "same-origin" && site !== "none");
  if (isForeign && !(parts.isAwaited && isNavigation(method, target, valuesOf))) return FOREIGN;
  if (valuesOf("upgrade").length > 0) return { status: 400, reason: "there is nothing to upgrade to" };
  if (method !== "GET" && method !== "POST") return { status: 405, reason: "only GET and POST" };
  if (method === "POST" && valuesOf("content-type").join() !== "application/json") {
    return { status: 415, reason: "only application/json" };
  }
  return undefined;
}

const FOREIGN: Refusal = { status: 403, reason: "other sites are not answered" };

/** A tab of its own, not a frame, and only the page itself. */
function isNavigation(method: string, target: string, valuesOf: (name: string) => string[]): boolean {
  return (
    method === "GET" &&
    target === "/" &&
    valuesOf("sec-fetch-mode").join() === "navigate" &&
    valuesOf("sec-fetch-dest").join() === "document"
  );
}
