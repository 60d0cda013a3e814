// What is said about one failure. Invariant: `wire` is plain ASCII without CR or LF and says nothing that a stranger on
// localhost should not learn.

/** Decides the reply codes (protocol.md §7) and the colour of a status; one failure has one category. */
export type Category =
  | "local-password"
  | "network"
  | "sign-in"
  | "refused"
  | "disabled"
  | "throttled"
  | "certificate"
  | "keychain"
  | "configuration"
  | "request";

export interface CatalogueEntry {
  readonly category: Category;
  /** True when it may pass without anybody doing anything. */
  readonly temporary: boolean;
  /** One sentence for a person: what happened. */
  readonly sentence: string;
  /** One sentence for a person: what to do. */
  readonly action: string;
  /** What a mail program shows. */
  readonly wire: string;
}

/** For failures that no mail program is told about in detail. */
export const NOT_FOR_THE_WIRE = "Postern cannot serve this now";
