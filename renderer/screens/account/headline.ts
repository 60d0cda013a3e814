// The one sentence about an account that works: which mail program used it last. Pure.
import type { AccountView, Connection } from "../../../src/control/contract.ts";

export type Headline =
  | { readonly kind: "unused" }
  /** Connected now. */
  | { readonly kind: "live"; readonly program: string }
  /** `how`: undefined where only the local password's last use is known. */
  | {
      readonly kind: "used";
      readonly program: string;
      readonly at: number;
      readonly how: "imap" | "smtp" | undefined;
    };

export function headlineOf(
  account: Pick<AccountView, "email" | "passwords">,
  connections: readonly Connection[],
): Headline {
  const mine = connections.filter((one) => one.account === account.email && hasLoggedIn(one));
  const live = mine.findLast(({ state }) => state === "open");
  if (live !== undefined) {
    const program = nameOf(live);
    if (program !== undefined) return { kind: "live", program };
  }
  const [latest] = account.passwords
    .filter(({ lastUsedAt }) => lastUsedAt !== undefined)
    .sort((left, right) => (right.lastUsedAt ?? 0) - (left.lastUsedAt ?? 0));
  if (latest?.lastUsedAt === undefined) return { kind: "unused" };
  const last = mine.findLast(({ passwordName }) => passwordName === latest.name);
  return {
    kind: "used",
    program: latest.name,
    at: Math.max(latest.lastUsedAt, last?.endedAt ?? 0),
    how: last?.protocol,
  };
}

/** The local password is named after the program; what the program calls itself may be anything. */
function nameOf({ passwordName, program }: Connection): string | undefined {
  return passwordName ?? program;
}

function hasLoggedIn({ timeline }: Connection): boolean {
  return timeline.some(({ what }) => what === "logged-in");
}
