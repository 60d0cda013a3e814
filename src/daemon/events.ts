// What happens in the daemon, for everybody who listens: first the state, then each change of it.
// Invariants: nothing that happens after a reader's snapshot was begun is missing from that reader's events; all readers
// get the same events; an account, and the machine, is viewed once at a time, and a change while it is viewed gives one
// more view.
import type { Clock } from "../clock/clock.ts";
import type {
  AccountView,
  Activity,
  Connection,
  ControlEvent,
  Machine,
  Snapshot,
} from "../control/contract.ts";
import type { EventSource } from "../control/event-stream.ts";
import { createEventQueue, type EventQueue } from "./event-queue.ts";

export interface EventsParts {
  readonly clock: Clock;
  snapshot(): Promise<Snapshot>;
  /** Undefined when there is no such account (any more). */
  viewAccount(accountId: string): Promise<AccountView | undefined>;
  viewMachine(): Promise<Machine>;
  /** Somebody begins to read. */
  onReader?(): void;
}

export interface Events extends EventSource {
  /** To be called after the change; cheap, also many times in a row. */
  accountChanged(accountId: string): void;
  /** To be called when `viewAccount` does not find it any more. @param email its address, as it was shown */
  accountRemoved(email: string): void;
  /** Something of `viewMachine` may be another now: likewise. */
  machineChanged(): void;
  connectionChanged(connection: Connection): void;
  /** Whether anybody is there to be told. */
  hasReaders(): boolean;
  listenerChanged(listener: Snapshot["listeners"][number]): void;
  activity(activity: Omit<Activity, "at">): void;
  /** The last 200, the oldest first. */
  recentActivity(): readonly Activity[];
}

const ACTIVITIES_KEPT = 200;
/** Among the account ids, none of which is empty: what is told of Postern itself. */
const MACHINE = "";

interface Viewing {
  /** Something changed since it began. */
  again: boolean;
  /** An account was removed since it began: what it finds may be a ghost. */
  doubtful: boolean;
}

export function createEvents({ clock, snapshot, viewAccount, viewMachine, onReader }: EventsParts): Events {
  const readers = new Set<EventQueue>();
  const viewings = new Map<string, Viewing>();
  /** By account id, or MACHINE: what every reader has been told last, as text. Forgetting one costs one event too many. */
  const told = new Map<string, string>();
  const activities: Activity[] = [];

  const tell = (event: ControlEvent): void => {
    for (const reader of readers) reader.push(event);
  };

  async function view(key: string): Promise<void> {
    const viewing: Viewing = { again: true, doubtful: false };
    viewings.set(key, viewing);
    while (viewing.again) {
      // After whoever reports the change has finished making it, and whatever else changes with it.
      await Promise.resolve();
      viewing.again = false;
      viewing.doubtful = false;
      try {
        const seen = key === MACHINE ? await lookAtMachine() : await lookAtAccount(key);
        if (!viewing.doubtful) tellNews(key, seen);
      } catch {
        // Not told; the next change gives the next view.
      }
    }
    viewings.delete(key);
  }

  async function lookAtMachine(): Promise<ControlEvent> {
    return { kind: "machine", machine: await viewMachine() };
  }

  async function lookAtAccount(accountId: string): Promise<ControlEvent | undefined> {
    const account = await viewAccount(accountId);
    return account && { kind: "account", account };
  }

  function tellNews(key: string, event: ControlEvent | undefined): void {
    const text = event && JSON.stringify(event);
    if (text === told.get(key)) return;
    if (event === undefined || text === undefined) {
      told.delete(key);
      return;
    }
    told.set(key, text);
    tell(event);
  }

  function changed(key: string): void {
    const viewing = viewings.get(key);
    if (viewing !== undefined) viewing.again = true;
    // Nobody is there to be told; whoever comes begins with a snapshot.
    else if (readers.size > 0) void view(key);
  }

  return {
    accountChanged: changed,
    machineChanged: () => changed(MACHINE),
    connectionChanged: (connection) => tell({ kind: "connection", connection }),
    hasReaders: () => readers.size > 0,
    accountRemoved(email) {
      for (const viewing of viewings.values()) {
        viewing.again = true;
        viewing.doubtful = true;
      }
      told.clear();
      tell({ kind: "account-removed", email });
    },
    listenerChanged: (listener) => tell({ kind: "listener", listener }),
    activity(what) {
      const activity: Activity = { at: clock.now(), ...what };
      activities.push(activity);
      if (activities.length > ACTIVITIES_KEPT) activities.shift();
      tell({ kind: "activity", activity });
    },
    recentActivity: () => [...activities],
    async *subscribe(signal, onTooSlow) {
      const queue = createEventQueue(signal, onTooSlow);
      // Before the snapshot, so that what happens meanwhile is told after it. It may be told twice, never not at all.
      readers.add(queue);
      // What the snapshot will say is not known to the other readers: a view that is no news to them may be to this one.
      told.clear();
      onReader?.();
      try {
        const state = await snapshot();
        if (!signal.aborted) yield { kind: "snapshot", snapshot: state };
        yield* queue.read();
      } finally {
        readers.delete(queue);
      }
    },
  };
}
