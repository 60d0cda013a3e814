// What the tray knows of the daemon: its last snapshot with every change since, or why there is none (pure).
// Invariant: no truth of its own; connections and activity, which nothing here shows, change nothing.
import type { ControlEvent, Snapshot } from "../src/control/contract.ts";
import { assertNever } from "../src/errors/assert-never.ts";

export type DaemonView =
  | { readonly kind: "starting" }
  /** It has gone and is started again; `reason` once that has failed. */
  | { readonly kind: "away"; readonly reason?: string }
  | { readonly kind: "known"; readonly snapshot: Snapshot };

/** The view after an event; the very same one when nothing that is shown has changed. */
export function applyEvent(view: DaemonView, event: ControlEvent): DaemonView {
  if (event.kind === "snapshot") return { kind: "known", snapshot: event.snapshot };
  // The first event of every stream is a snapshot.
  if (view.kind !== "known") return view;
  const { snapshot } = view;
  switch (event.kind) {
    case "machine":
      // A policy that has gone is absent from the event.
      return { kind: "known", snapshot: { ...withoutPolicy(snapshot), ...event.machine } };
    case "account":
      return {
        kind: "known",
        snapshot: {
          ...snapshot,
          accounts: replaced(snapshot.accounts, event.account, ({ id }) => id === event.account.id),
        },
      };
    case "account-removed":
      return {
        kind: "known",
        snapshot: { ...snapshot, accounts: snapshot.accounts.filter(({ email }) => email !== event.email) },
      };
    case "listener": {
      const { protocol, address } = event.listener;
      return {
        kind: "known",
        snapshot: {
          ...snapshot,
          listeners: replaced(
            snapshot.listeners,
            event.listener,
            (one) => one.protocol === protocol && one.address === address,
          ),
        },
      };
    }
    case "connection":
    case "activity":
      return view;
    default:
      return assertNever(event);
  }
}

function withoutPolicy({ policy: _policy, ...rest }: Snapshot): Snapshot {
  return rest;
}

/** In the place of the one that it is, or at the end. */
function replaced<T>(all: readonly T[], next: T, isSame: (one: T) => boolean): T[] {
  return all.some(isSame) ? all.map((one) => (isSame(one) ? next : one)) : [...all, next];
}
