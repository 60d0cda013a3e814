// The mail programs' connections as a person looks at them: who, since when, how much, and what has happened, live and
// for a while after.
// Invariant: what is kept is bounded, whatever connects; nobody counts octets on their way: the sockets do, and they are
// asked once a second while somebody looks.
import type { Clock } from "../clock/clock.ts";
import type { Connection } from "../control/contract.ts";
import { toFailure } from "../control/server.ts";
import { assertNever } from "../errors/assert-never.ts";
import type { ConnectionEvent, ConnectionIdentity } from "../proxy/connection.ts";
import type { PassedOctets } from "../proxy/spliced-session.ts";

type Moment = Connection["timeline"][number];

export interface ConnectionBook {
  record(connection: ConnectionIdentity, event: ConnectionEvent): void;
  /** The oldest first. */
  views(): readonly Connection[];
  /** To be called when somebody begins to look. */
  countSoon(): void;
}

export interface ConnectionBookParts {
  readonly clock: Clock;
  /** Whether anybody is there to be told. */
  hasReaders(): boolean;
  onChange(connection: Connection): void;
}

/** Of the connections that have ended. */
const ENDED_KEPT = 50;
/** Of one connection's moments: the first and the last. */
const MOMENTS_KEPT = 50;
/** Between two looks at the octets, in milliseconds. */
const LOOK = 1000;
/** Connections that one look tells of, well within what may wait for a reader; the next look goes on with the others. */
const TOLD_AT_ONCE = 200;

interface Entry {
  view: Omit<Connection, "timeline" | "octetsToMua" | "octetsFromMua">;
  readonly first: Moment[];
  readonly last: Moment[];
  passed: () => PassedOctets;
  /** Octets both ways, as they were told last. */
  told: number;
}

const NOTHING: PassedOctets = { octetsToMua: 0, octetsFromMua: 0 };

export function createConnectionBook({ clock, hasReaders, onChange }: ConnectionBookParts): ConnectionBook {
  const live = new Map<string, Entry>();
  const ended: Entry[] = [];
  let counting = false;

  function tell(entry: Entry): void {
    if (!hasReaders()) return;
    const view = viewEntry(entry);
    entry.told = sum(view);
    onChange(view);
  }

  function countSoon(): void {
    if (counting || !hasReaders() || ![...live.values()].some(({ view }) => view.state === "open")) return;
    counting = true;
    clock.schedule(LOOK, () => {
      counting = false;
      const moved = [...live].filter(([, { passed, told }]) => sum(passed()) !== told);
      for (const [id, entry] of moved.slice(0, TOLD_AT_ONCE)) {
        tell(entry);
        // Behind those whose turn it is next.
        live.delete(id);
        live.set(id, entry);
      }
      countSoon();
    });
  }

  function end(id: string, entry: Entry): void {
    live.delete(id);
    ended.push(entry);
    if (ended.length > ENDED_KEPT) ended.shift();
  }

  return {
    countSoon,
    views: () => [...ended, ...live.values()].map(viewEntry).sort((left, right) => left.since - right.since),

    record({ id, protocol }, event) {
      const at = clock.now();
      if (event.kind === "connected")
        live.set(id, createEntry({ id, protocol, since: at, state: "connected" }));
      // Whatever is said of a connection behind its end belongs to it still, as long as it is kept.
      const entry = live.get(id) ?? ended.find(({ view }) => view.id === id);
      if (entry === undefined) return;
      apply(entry, event, at);
      if (event.kind === "ended") end(id, entry);
      tell(entry);
      countSoon();
    },
  };
}

function sum({ octetsToMua, octetsFromMua }: PassedOctets): number {
  return octetsToMua + octetsFromMua;
}

function createEntry(view: Entry["view"]): Entry {
  return { view, first: [], last: [], passed: () => NOTHING, told: 0 };
}

function apply(entry: Entry, event: ConnectionEvent, at: number): void {
  const { view } = entry;
  switch (event.kind) {
    case "connected":
    case "login-refused":
    case "wrong-protocol":
    case "mailbox-not-connected":
      break;
    case "named-itself":
      if (view.program === event.program) return;
      entry.view = { ...view, program: event.program };
      break;
    case "password-accepted":
      entry.view = {
        ...view,
        account: event.account.email,
        passwordName: event.passwordName,
        state: view.state === "ended" ? "ended" : "logging-in",
      };
      break;
    case "login-failed":
      entry.view = { ...view, state: view.state === "ended" ? "ended" : "connected" };
      break;
    case "logged-in":
      entry.view = { ...view, state: "open" };
      entry.passed = event.passed;
      break;
    case "session-ended": {
      const { octetsToMua, octetsFromMua } = event;
      entry.passed = () => ({ octetsToMua, octetsFromMua });
      // Its end is told by `ended`.
      return;
    }
    case "ended":
      entry.view = { ...view, state: "ended", endedAt: at };
      break;
    default:
      assertNever(event);
  }
  note(entry, {
    at,
    what: event.kind,
    ...("error" in event ? { failure: toFailure(event.error) } : {}),
  });
}

function note({ first, last }: Entry, moment: Moment): void {
  if (first.length < MOMENTS_KEPT) {
    first.push(moment);
    return;
  }
  last.push(moment);
  if (last.length > MOMENTS_KEPT) last.shift();
}

function viewEntry({ view, first, last, passed }: Entry): Connection {
  return { ...view, ...passed(), timeline: [...first, ...last] };
}
