// Which connections and happenings are shown. Pure.
import type { Activity, Connection } from "../../../src/control/contract.ts";

export const KINDS = ["everything", "problems", "imap", "smtp"] as const;
export type Kind = (typeof KINDS)[number];

export interface Filter {
  /** Undefined for every account. */
  readonly account: string | undefined;
  readonly kind: Kind;
  readonly text: string;
}

export const NO_FILTER: Filter = { account: undefined, kind: "everything", text: "" };

const PROBLEMS: ReadonlySet<Activity["what"] | Connection["timeline"][number]["what"]> = new Set([
  "login-refused",
  "login-failed",
  "wrong-protocol",
  "mailbox-not-connected",
  "sign-in-failed",
]);

/** @param words what a person reads of it, for the search */
export function filterConnections(
  connections: readonly Connection[],
  filter: Filter,
  words: (connection: Connection) => string,
): Connection[] {
  return connections.filter(
    (one) =>
      (filter.account === undefined || one.account === filter.account) &&
      (filter.kind === "everything" ||
        (filter.kind === "problems" ? one.timeline.some(isProblem) : one.protocol === filter.kind)) &&
      hasText(words(one), filter.text),
  );
}

export function filterActivity(
  activity: readonly Activity[],
  filter: Filter,
  words: (happened: Activity) => string,
): Activity[] {
  return activity.filter(
    (one) =>
      (filter.account === undefined || one.account === filter.account) &&
      (filter.kind === "everything" ||
        (filter.kind === "problems" ? isProblem(one) : one.protocol === filter.kind)) &&
      hasText(words(one), filter.text),
  );
}

export function isProblem({ what, failure }: Pick<Activity, "failure"> & { what: string }): boolean {
  return failure !== undefined || (PROBLEMS as ReadonlySet<string>).has(what);
}

function hasText(words: string, text: string): boolean {
  return words.toLowerCase().includes(text.trim().toLowerCase());
}
