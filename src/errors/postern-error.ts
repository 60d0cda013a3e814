// The one error class: a code of the catalogue, a detail for the log and the person, and the cause.
// Invariant: neither message nor detail ever holds a secret.
import { describe, type ErrorCode } from "./catalogue.ts";
import type { CatalogueEntry } from "./catalogue-entry.ts";
import { printable, printableAscii } from "./printable.ts";

export interface ErrorContext {
  /** What exactly happened, for the log and the CLI: a host, a status, a file. Made printable here. */
  readonly detail?: string;
  readonly cause?: unknown;
  /** When the other side asked for patience: milliseconds to wait before the next try. */
  readonly retryAfter?: number;
  /** A text of the mail server that a mail program may show (protocol.md §7, throttling). Made printable here. */
  readonly upstreamText?: string;
  /** What stands for the words in capitals in the entry's action: `{ "CONSENT-URL": "https://…" }`. */
  readonly values?: Readonly<Record<string, string>>;
  /** In place of the catalogue's, where the daemon has told them: what was known there is filled in. */
  readonly told?: { readonly sentence: string; readonly action: string };
  /** A text that a person can send to an administrator as it is. */
  readonly letter?: string;
  /** The authorization server refused the grant itself: told twice, a minute apart, it ends the sign-in. */
  readonly refusesGrant?: boolean;
  /** What the authorization server wants to find in the next authorization request (Microsoft's `claims`). */
  readonly claims?: string;
}

export class PosternError extends Error {
  readonly code: ErrorCode;
  /** What happened, without the detail. */
  readonly sentence: string;
  readonly detail: string | undefined;
  readonly retryAfter: number | undefined;
  readonly upstreamText: string | undefined;
  readonly letter: string | undefined;
  readonly refusesGrant: boolean;
  readonly claims: string | undefined;
  readonly #values: Readonly<Record<string, string>>;
  readonly #action: string;

  constructor(code: ErrorCode, context: ErrorContext = {}) {
    const detail = context.detail === undefined ? undefined : printable(context.detail, 300);
    const { sentence, action } = context.told ?? describe(code);
    super(
      detail === undefined ? sentence : `${sentence} (${detail})`,
      context.cause === undefined ? undefined : { cause: context.cause },
    );
    this.name = "PosternError";
    this.code = code;
    this.sentence = sentence;
    this.detail = detail;
    this.retryAfter = context.retryAfter;
    this.upstreamText = context.upstreamText === undefined ? undefined : printable(context.upstreamText, 160);
    this.letter = context.letter;
    this.refusesGrant = context.refusesGrant ?? false;
    this.claims = context.claims;
    this.#values = context.values ?? {};
    this.#action = action;
  }

  get entry(): CatalogueEntry {
    return describe(this.code);
  }

  /** What to do, with what is known filled in; the fronts put the address in place of EMAIL. */
  get action(): string {
    return Object.entries(this.#values).reduce(
      // A function, since "$&" in an address or a URL would mean something in a text.
      (text, [word, value]) => text.replaceAll(word, () => printable(value, 2048)),
      this.#action,
    );
  }

  /** What a mail program shows: the mail server's own words where they may be passed on (RFC 5321 §4.2, RFC 9051 §9). */
  get wireText(): string {
    return printableAscii(this.upstreamText || this.entry.wire, 200);
  }

  /** Whether it may pass without anybody doing anything. */
  get temporary(): boolean {
    return this.entry.temporary;
  }
}

/** Any thrown value as a PosternError; what nobody expected becomes `internal` with its cause. */
export function toPosternError(thrown: unknown): PosternError {
  if (thrown instanceof PosternError) return thrown;
  return new PosternError("internal", {
    detail: thrown instanceof Error ? thrown.name : typeof thrown,
    cause: thrown,
  });
}

/** The `code` of a Node system error (ECONNREFUSED, ENOENT …), or undefined. */
export function systemCode(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
