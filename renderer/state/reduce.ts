// What the window knows: the last snapshot, changed by each event. Pure.
// Invariant: it keeps no truth of its own; a new snapshot replaces everything.
import type { ControlEvent, Snapshot } from "../../src/control/contract.ts";

export type WindowState =
  /** Nothing has been heard yet. */
  | { readonly kind: "connecting" }
  | { readonly kind: "live"; readonly snapshot: Snapshot }
  /** Postern does not answer now; it may be restarting. */
  | { readonly kind: "away"; readonly snapshot: Snapshot | undefined; readonly since: number }
  /** This page's secret is not known: it must be opened again. */
  | { readonly kind: "locked" };

export type Happening =
  | { readonly kind: "event"; readonly event: ControlEvent }
  | { readonly kind: "lost"; readonly at: number }
  | { readonly kind: "locked-out" };

/** As many as the daemon keeps (snapshot-shapes.ts). */
const KEPT_ENDED = 50;
const KEPT_ACTIVITY = 200;

export function reduce(state: WindowState, happening: Happening): WindowState {
  switch (happening.kind) {
    case "locked-out":
      return { kind: "locked" };
    case "lost":
      if (state.kind === "away") return state;
      return { kind: "away", snapshot: knownOf(state), since: happening.at };
    case "event": {
      const { event } = happening;
      if (event.kind === "snapshot") return { kind: "live", snapshot: event.snapshot };
      // The stream's first event is a snapshot; what comes before one says nothing.
      return state.kind === "live" ? { kind: "live", snapshot: apply(state.snapshot, event) } : state;
    }
  }
}

/** The last that was heard, as long as it is of use. */
export function knownOf(state: WindowState): Snapshot | undefined {
  return state.kind === "live" || state.kind === "away" ? state.snapshot : undefined;
}

function apply(snapshot: Snapshot, event: Exclude<ControlEvent, { kind: "snapshot" }>): Snapshot {
  switch (event.kind) {
    case "machine": {
      // A policy that is gone must go.
      const { policy: _old, ...rest } = snapshot;
      return { ...rest, ...event.machine };
    }
    case "account":
      return { ...snapshot, accounts: put(snapshot.accounts, event.account, ({ id }) => id) };
    case "account-removed":
      return { ...snapshot, accounts: snapshot.accounts.filter(({ email }) => email !== event.email) };
    case "listener":
      return {
        ...snapshot,
        listeners: put(
          snapshot.listeners,
          event.listener,
          ({ protocol, address }) => `${protocol} ${address}`,
        ),
      };
    case "connection":
      return { ...snapshot, connections: keep(put(snapshot.connections, event.connection, ({ id }) => id)) };
    case "activity":
      return { ...snapshot, activity: [...snapshot.activity, event.activity].slice(-KEPT_ACTIVITY) };
  }
}

/** In place of the one with the same key, or at the end. */
function put<T>(list: readonly T[], item: T, keyOf: (item: T) => string): T[] {
  const key = keyOf(item);
  const index = list.findIndex((one) => keyOf(one) === key);
  return index === -1 ? [...list, item] : list.with(index, item);
}

/** All that are open, and the last that have ended. */
function keep(connections: Snapshot["connections"]): Snapshot["connections"] {
  const ended = connections.filter(({ state }) => state === "ended");
  const old = new Set(ended.slice(0, Math.max(0, ended.length - KEPT_ENDED)));
  return connections.filter((one) => !old.has(one));
}
