// Reads a transcript file: headers, then who says what. README.md describes the format.
// Invariant: every line of a file means something; one that does not is an error with its number.
import { type ErrorCode, isErrorCode } from "../../src/errors/catalogue.ts";

/** M: mail program to listener. L: listener to mail program. U: Postern to upstream. S: upstream server to Postern. */
export type Speaker = "M" | "L" | "U" | "S";

export type Step =
  /** Lines that are sent in one write, or expected one behind the other. `text` has its line end as an escape. */
  | { readonly kind: "says"; readonly speaker: Speaker; readonly lines: readonly StepLine[] }
  | { readonly kind: Act; readonly lineNumber: number };

export interface StepLine {
  readonly lineNumber: number;
  readonly text: string;
}

const ACTS = [
  "M-connect",
  "M-close",
  "M-reset",
  "L-close",
  "L-reset",
  "U-connect",
  "U-close",
  "S-close",
  "S-reset",
  "S-tls",
] as const;
export type Act = (typeof ACTS)[number];

export interface Transcript {
  readonly name: string;
  /** The comment at the head of the file. */
  readonly shows: string;
  readonly protocol: "imap" | "smtp";
  readonly tls: "implicit" | "starttls";
  readonly mechanism: "auto" | "xoauth2" | "oauthbearer";
  readonly style: "default" | "strict";
  /** `down`: nobody listens there. `untrusted`: its certificate comes from an unknown authority. */
  readonly upstream: "up" | "down" | "untrusted";
  /** Each: an address, a space, the local password, as text with escapes. */
  readonly accounts: readonly string[];
  /** The access token that is handed out first, as text with escapes. */
  readonly token: string;
  /** Why there is no access token. */
  readonly broker: ErrorCode | undefined;
  /** Why there is no other access token when the first one was refused. */
  readonly brokerRetry: ErrorCode | undefined;
  /** Why no access token can be had for any account, known for a while. */
  readonly outage: ErrorCode | undefined;
  /** The upstream's EHLO keywords as they are remembered; undefined when they are not. */
  readonly keywords: readonly string[] | undefined;
  readonly steps: readonly Step[];
}

const HEADERS = [
  "protocol",
  "tls",
  "mechanism",
  "style",
  "upstream",
  "account",
  "token",
  "broker",
  "broker-retry",
  "outage",
  "keywords",
];

/** @throws SyntaxError with the name of the file and the number of the line */
export function parseTranscript(name: string, text: string): Transcript {
  const headers = new Map<string, string[]>();
  const shows: string[] = [];
  const steps: Step[] = [];
  let block: { speaker: Speaker; lines: StepLine[] } | undefined;

  for (const [index, line] of text.split("\n").entries()) {
    const lineNumber = index + 1;
    const wrong = (why: string): SyntaxError => new SyntaxError(`${name}:${lineNumber}: ${why}`);
    if (/\s$/.test(line)) throw wrong("white space at the end; write \\x20");
    if (line === "") {
      block = undefined;
      continue;
    }
    if (line.startsWith("#")) {
      if (headers.size === 0 && steps.length === 0) shows.push(line.slice(1).trim());
      continue;
    }
    const [, speaker, said] = /^([MLUS]):(?: (.*))?$/.exec(line) ?? [];
    if (isSpeaker(speaker)) {
      const stepLine = { lineNumber, text: withLineEnd(said ?? "") };
      if (block?.speaker === speaker) block.lines.push(stepLine);
      else {
        block = { speaker, lines: [stepLine] };
        steps.push({ kind: "says", ...block });
      }
      continue;
    }
    block = undefined;
    const act = ACTS.find((one) => one === line);
    if (act !== undefined) {
      steps.push({ kind: act, lineNumber });
      continue;
    }
    const [, header, value] = /^([a-z-]+): (.+)$/.exec(line) ?? [];
    if (header === undefined || value === undefined || !HEADERS.includes(header))
      throw wrong("not a line of a transcript");
    if (steps.length > 0) throw wrong("a header behind the first step");
    headers.set(header, [...(headers.get(header) ?? []), value]);
  }

  function choice<const T extends string>(
    header: string,
    choices: readonly T[],
    byDefault: T | undefined,
  ): T {
    const [value = byDefault, ...more] = headers.get(header) ?? [];
    const found = choices.find((one) => one === value);
    if (found === undefined || more.length > 0) throw new SyntaxError(`${name}: ${header} is not clear`);
    return found;
  }
  function failure(header: string): ErrorCode | undefined {
    const [value] = headers.get(header) ?? [];
    if (value === undefined) return undefined;
    if (!isErrorCode(value)) throw new SyntaxError(`${name}: ${header}: no such failure`);
    return value;
  }

  if (shows.length === 0) throw new SyntaxError(`${name}: it does not say what it shows`);
  if (steps.length === 0) throw new SyntaxError(`${name}: nothing happens in it`);
  const [keywords = "nothing"] = headers.get("keywords") ?? [];
  return {
    name,
    shows: shows.join(" "),
    protocol: choice("protocol", ["imap", "smtp"], undefined),
    tls: choice("tls", ["implicit", "starttls"], "implicit"),
    mechanism: choice("mechanism", ["auto", "xoauth2", "oauthbearer"], "auto"),
    style: choice("style", ["default", "strict"], "default"),
    upstream: choice("upstream", ["up", "down", "untrusted"], "up"),
    accounts: headers.get("account") ?? ["alice@example.test alice-password"],
    token: headers.get("token")?.[0] ?? "first-token",
    broker: failure("broker"),
    brokerRetry: failure("broker-retry"),
    outage: failure("outage"),
    keywords: keywords === "unknown" ? undefined : keywords === "nothing" ? [] : keywords.split(", "),
    steps,
  };
}

function isSpeaker(text: string | undefined): text is Speaker {
  return text !== undefined && /^[MLUS]$/.test(text);
}

/** A line ends with CRLF, unless a single backslash at its end says that it does not. */
function withLineEnd(text: string): string {
  const backslashes = /\\*$/.exec(text)?.[0].length ?? 0;
  return backslashes % 2 === 1 ? text.slice(0, -1) : `${text}\\r\\n`;
}
