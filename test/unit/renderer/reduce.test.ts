// What the window knows: one snapshot, then what changes in it, also while Postern goes away and comes back.
import { expect, test } from "vitest";
import { type Happening, knownOf, reduce, type WindowState } from "../../../renderer/state/reduce.ts";
import type { ControlEvent, Snapshot } from "../../../src/control/contract.ts";
import { account, activity, connection, snapshot } from "./snapshot.ts";

const event = (one: ControlEvent): Happening => ({ kind: "event", event: one });
const START: WindowState = { kind: "connecting" };

function live(start: Partial<Snapshot>, ...events: ControlEvent[]): Snapshot {
  const first = reduce(START, event({ kind: "snapshot", snapshot: snapshot(start) }));
  const last = events.reduce((state, one) => reduce(state, event(one)), first);
  if (last.kind !== "live") throw new Error(`it is ${last.kind}`);
  return last.snapshot;
}

test("what comes before the first snapshot says nothing", () => {
  expect(reduce(START, event({ kind: "account", account: account("a@example.org") }))).toBe(START);
});

test("an account is put in place of the one with its id, a new one at the end, and a removed one goes", () => {
  const start = { accounts: [account("a@example.org"), account("b@example.org")] };
  const blocked = account("a@example.org", { status: { kind: "blocked", sentence: "No." } });
  const { accounts } = live(
    start,
    { kind: "account", account: blocked },
    { kind: "account", account: account("c@example.org") },
    { kind: "account-removed", email: "b@example.org" },
  );
  expect(accounts).toEqual([blocked, account("c@example.org")]);
});

test("both addresses of a protocol keep a listener of their own", () => {
  const four = { protocol: "imap", address: "127.0.0.1", port: 2143, state: "listening" } as const;
  const six = { protocol: "imap", address: "::1", port: 2143, state: "listening" } as const;
  const { listeners } = live(
    { listeners: [four, six] },
    { kind: "listener", listener: { ...six, state: "taken" } },
  );
  expect(listeners).toEqual([four, { ...six, state: "taken" }]);
});

test("a policy that the machine no longer has is gone", () => {
  const policy = { path: "/etc/postern/policy.json", locked: ["language"], updates: false };
  const { paused, keychain, notices, settings } = snapshot();
  const known = live(
    { policy },
    { kind: "machine", machine: { paused: !paused, keychain, notices, settings } },
  );
  expect(known.policy).toBeUndefined();
  expect(known.paused).toBe(true);
});

test("all connections that are open are kept, and the last fifty that have ended", () => {
  const open = connection("open", { state: "open" });
  const ended = Array.from({ length: 60 }, (_, index) => connection(`e${index}`, { state: "ended" }));
  const { connections } = live(
    {},
    ...[open, ...ended].map((one): ControlEvent => ({ kind: "connection", connection: one })),
  );
  expect(connections).toHaveLength(51);
  expect(connections[0]).toEqual(open);
  expect(connections.at(-1)?.id).toBe("e59");
});

test("a connection that changes stays where it is", () => {
  const { connections } = live(
    { connections: [connection("1"), connection("2")] },
    { kind: "connection", connection: connection("1", { state: "open" }) },
  );
  expect(connections.map(({ id, state }) => `${id} ${state}`)).toEqual(["1 open", "2 connected"]);
});

test("of what happened the last two hundred are kept", () => {
  const happened = Array.from(
    { length: 250 },
    (_, index): ControlEvent => ({ kind: "activity", activity: activity(index) }),
  );
  const known = live({}, ...happened);
  expect(known.activity).toHaveLength(200);
  expect(known.activity[0]?.at).toBe(50);
});

test("while Postern is away the last that was heard stands, and the first loss tells since when", () => {
  const known = snapshot({ accounts: [account("a@example.org")] });
  const first = reduce({ kind: "live", snapshot: known }, { kind: "lost", at: 5 });
  const second = reduce(first, { kind: "lost", at: 9 });
  expect(second).toEqual({ kind: "away", snapshot: known, since: 5 });
  expect(knownOf(second)).toBe(known);
});

test("when it is back, a new snapshot replaces everything", () => {
  const away: WindowState = {
    kind: "away",
    since: 5,
    snapshot: snapshot({ accounts: [account("a@example.org")] }),
  };
  const state = reduce(away, event({ kind: "snapshot", snapshot: snapshot({ processId: 2 }) }));
  expect(state).toEqual({ kind: "live", snapshot: snapshot({ processId: 2 }) });
});

test("a page that is locked out shows nothing that it knew", () => {
  const state = reduce({ kind: "live", snapshot: snapshot() }, { kind: "locked-out" });
  expect(state).toEqual({ kind: "locked" });
  expect(knownOf(state)).toBeUndefined();
});
