import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccountView, ControlEvent, Snapshot } from "../../../src/control/contract.ts";
import { createEvents, type Events } from "../../../src/daemon/events.ts";
import { createFakeClock, settle } from "../../support/fake-clock.ts";
import { createAccountView, createSnapshot, viewMachine } from "../../support/small-daemon.ts";

/** Events of a state that the test changes; views and snapshots wait where the test says so. */
function prepare() {
  const state = { accounts: [createAccountView({ id: "a" })] };
  const views: PromiseWithResolvers<AccountView | undefined>[] = [];
  const held = { views: false, snapshot: undefined as Promise<Snapshot> | undefined };
  const counted = { views: 0, atOnce: 0, mostAtOnce: 0 };
  const clock = createFakeClock();
  const events = createEvents({
    clock,
    viewMachine: async () => viewMachine(createSnapshot()),
    snapshot: () => held.snapshot ?? Promise.resolve(createSnapshot({ accounts: state.accounts })),
    async viewAccount(accountId) {
      counted.views++;
      counted.atOnce++;
      counted.mostAtOnce = Math.max(counted.mostAtOnce, counted.atOnce);
      try {
        if (!held.views) return state.accounts.find(({ id }) => id === accountId);
        const view = Promise.withResolvers<AccountView | undefined>();
        views.push(view);
        return await view.promise;
      } finally {
        counted.atOnce--;
      }
    },
  });
  return { state, views, held, counted, clock, events };
}

/** A reader that reads everything at once. */
function read(events: Events) {
  const seen: ControlEvent[] = [];
  const gone = new AbortController();
  const slow: unknown[] = [];
  const ended = (async () => {
    for await (const event of events.subscribe(gone.signal, () => slow.push("too slow"))) seen.push(event);
  })();
  return { seen, gone, slow, ended };
}

const LISTENER = { protocol: "smtp", address: "::1", state: "absent" } as const;
const sentencesOf = (seen: readonly ControlEvent[]): unknown[] =>
  seen.map((event) => {
    if (event.kind === "account") return event.account.status.sentence;
    return event.kind === "snapshot" ? event.snapshot.accounts.map(({ status }) => status.sentence) : event;
  });
const withSentence = (sentence: string) =>
  createAccountView({ id: "a", status: { kind: "working", sentence } });

describe("a reader of the events", () => {
  test("first gets the state, then what changes, in order", async () => {
    const { events, state, clock } = prepare();
    events.activity({ what: "signed-out" });
    const { seen } = read(events);
    await settle();
    state.accounts = [withSentence("changed")];
    events.accountChanged("a");
    await settle();
    events.listenerChanged(LISTENER);
    events.activity({ what: "signed-in", account: "alice@example.com" });
    events.accountRemoved("alice@example.com");
    await settle();
    expect(seen).toEqual([
      { kind: "snapshot", snapshot: createSnapshot({ accounts: [createAccountView({ id: "a" })] }) },
      { kind: "account", account: withSentence("changed") },
      { kind: "listener", listener: LISTENER },
      {
        kind: "activity",
        activity: { at: clock.now(), what: "signed-in", account: "alice@example.com" },
      },
      { kind: "account-removed", email: "alice@example.com" },
    ]);
  });

  test("is told after the snapshot what happened while it was being taken", async () => {
    const { events, state, held } = prepare();
    const snapshot = Promise.withResolvers<Snapshot>();
    held.snapshot = snapshot.promise;
    const { seen } = read(events);
    await settle();
    events.listenerChanged(LISTENER);
    state.accounts = [withSentence("changed")];
    events.accountChanged("a");
    await settle();
    expect(seen).toEqual([]);
    snapshot.resolve(createSnapshot({ accounts: [withSentence("before")] }));
    await settle();
    expect(sentencesOf(seen)).toEqual([["before"], { kind: "listener", listener: LISTENER }, "changed"]);
  });

  test("gets the same events as every other", async () => {
    const { events, state } = prepare();
    const one = read(events);
    const other = read(events);
    await settle();
    for (const sentence of ["1", "2", "3"]) {
      state.accounts = [withSentence(sentence)];
      events.accountChanged("a");
      events.activity({ what: "logged-in" });
      await settle();
    }
    expect(one.seen).toHaveLength(7);
    expect(other.seen).toEqual(one.seen);
  });

  test("that does not read is given up after a thousand events, and nobody else suffers", async () => {
    const { events } = prepare();
    const gone = new AbortController();
    let cut = 0;
    const idle = events.subscribe(gone.signal, () => cut++)[Symbol.asyncIterator]();
    await idle.next();
    const waiting = idle.next();
    const reading = read(events);
    await settle();
    for (let count = 0; count < 1001; count++) {
      events.activity({ what: "logged-in", account: String(count) });
      if (count % 100 === 0) await settle();
    }
    // One was handed over before it stopped reading.
    await waiting;
    expect(cut).toBe(0);
    events.activity({ what: "logged-in", account: "the last straw" });
    events.activity({ what: "logged-in", account: "and another" });
    expect(cut).toBe(1);
    expect(await idle.next()).toEqual({ done: true, value: undefined });
    await settle();
    expect(reading.seen).toHaveLength(1 + 1003);
    expect(reading.slow).toEqual([]);
  });

  test("that has gone is forgotten: its events end, and nothing is viewed for it any more", async () => {
    const { events, counted } = prepare();
    const { seen, gone, ended, slow } = read(events);
    await settle();
    gone.abort();
    await ended;
    events.accountChanged("a");
    for (let count = 0; count < 2000; count++) events.activity({ what: "logged-in" });
    await settle();
    expect(seen).toHaveLength(1);
    expect([counted.views, slow]).toEqual([0, []]);
  });

  test("hears why there is no snapshot", async () => {
    const { events, held } = prepare();
    held.snapshot = Promise.reject(new Error("no snapshot"));
    await expect(read(events).ended).rejects.toThrow("no snapshot");
  });
});

describe("an account that changes", () => {
  test("many times at once is viewed once", async () => {
    const { events, counted, state } = prepare();
    const { seen } = read(events);
    await settle();
    for (let count = 0; count < 100; count++) events.accountChanged("a");
    state.accounts = [withSentence("changed in the same breath, after it was reported")];
    await settle();
    expect(counted.views).toBe(1);
    expect(sentencesOf(seen.slice(1))).toEqual(["changed in the same breath, after it was reported"]);
  });

  test("while it is being viewed is viewed once more, and never twice at once", async () => {
    const { events, counted, held, views } = prepare();
    const { seen } = read(events);
    await settle();
    held.views = true;
    events.accountChanged("a");
    await settle();
    for (let count = 0; count < 100; count++) events.accountChanged("a");
    await settle();
    views[0]?.resolve(withSentence("first"));
    await settle();
    views[1]?.resolve(withSentence("second"));
    await settle();
    expect(sentencesOf(seen.slice(1))).toEqual(["first", "second"]);
    expect(counted).toEqual({ views: 2, atOnce: 0, mostAtOnce: 1 });
  });

  test("does not wait for another account's view", async () => {
    const { events, held, views } = prepare();
    const { seen } = read(events);
    await settle();
    held.views = true;
    events.accountChanged("slow");
    events.accountChanged("a");
    await settle();
    views[1]?.resolve(withSentence("quick"));
    await settle();
    expect(sentencesOf(seen.slice(1))).toEqual(["quick"]);
  });

  test("into what everybody knows is not told again", async () => {
    const { events, state } = prepare();
    const { seen } = read(events);
    await settle();
    for (const sentence of ["new", "new", "other", "new"]) {
      state.accounts = [withSentence(sentence)];
      events.accountChanged("a");
      await settle();
    }
    expect(sentencesOf(seen.slice(1))).toEqual(["new", "other", "new"]);
  });

  test("back into what the others know is told to who came in between", async () => {
    const { events, state } = prepare();
    read(events);
    await settle();
    state.accounts = [withSentence("usual")];
    events.accountChanged("a");
    await settle();
    // Seen by the newcomer's snapshot only, before anybody reports it.
    state.accounts = [withSentence("for a moment")];
    const newcomer = read(events);
    await settle();
    state.accounts = [withSentence("usual")];
    events.accountChanged("a");
    await settle();
    expect(sentencesOf(newcomer.seen)).toEqual([["for a moment"], "usual"]);
  });

  test("after its readers have left, while it is still being viewed, is viewed again for the next reader", async () => {
    const { events, held, views } = prepare();
    const first = read(events);
    await settle();
    held.views = true;
    events.accountChanged("a");
    await settle();
    first.gone.abort();
    await first.ended;
    events.accountChanged("a");
    held.snapshot = Promise.resolve(createSnapshot({ accounts: [withSentence("new")] }));
    const next = read(events);
    await settle();
    views[0]?.resolve(withSentence("old"));
    await settle();
    views[1]?.resolve(withSentence("new"));
    await settle();
    expect(sentencesOf(next.seen).at(-1)).toBe("new");
  });

  test("and is removed while it is being viewed does not come back as a ghost", async () => {
    const { events, held, views } = prepare();
    const { seen } = read(events);
    await settle();
    held.views = true;
    events.accountChanged("a");
    await settle();
    events.accountRemoved("alice@example.com");
    views[0]?.resolve(withSentence("ghost"));
    await settle();
    views[1]?.resolve(undefined);
    await settle();
    expect(seen.slice(1)).toEqual([{ kind: "account-removed", email: "alice@example.com" }]);
  });

  test("and cannot be viewed is told with its next change", async () => {
    const { events, held, views } = prepare();
    const { seen } = read(events);
    await settle();
    held.views = true;
    events.accountChanged("a");
    await settle();
    views[0]?.reject(new Error("keychain"));
    await settle();
    events.accountChanged("a");
    await settle();
    views[1]?.resolve(withSentence("again"));
    await settle();
    expect(sentencesOf(seen.slice(1))).toEqual(["again"]);
  });
});

test("the last two hundred activities are kept, each with its time", async () => {
  const { events, clock } = prepare();
  for (let count = 0; count < 250; count++) {
    events.activity({ what: "logged-in", passwordName: String(count) });
    await clock.advance(1000);
  }
  const kept = events.recentActivity();
  expect(kept).toHaveLength(200);
  expect(kept[0]).toEqual({ at: clock.now() - 200_000, what: "logged-in", passwordName: "50" });
  expect(kept.at(-1)).toMatchObject({ at: clock.now() - 1000, passwordName: "249" });
});

/** What a reader believes after all of its events. */
function believed(seen: readonly ControlEvent[]): Map<string, string> {
  const accounts = new Map<string, string>();
  for (const event of seen) {
    if (event.kind === "snapshot") {
      for (const { email, status } of event.snapshot.accounts) accounts.set(email, status.sentence);
    }
    if (event.kind === "account") accounts.set(event.account.email, event.account.status.sentence);
    if (event.kind === "account-removed") accounts.delete(event.email);
  }
  return accounts;
}

test("what is true of Postern itself is told when it is another, once however often it was said to be", async () => {
  const state = createSnapshot();
  const machines = { ...state };
  const events = createEvents({
    clock: createFakeClock(),
    snapshot: async () => state,
    viewAccount: async () => undefined,
    viewMachine: async () => viewMachine(machines),
  });
  events.machineChanged();
  const { seen, gone } = read(events);
  await settle();
  machines.paused = true;
  for (let times = 0; times < 5; times++) events.machineChanged();
  await settle();
  events.machineChanged();
  await settle();
  expect(seen.map(({ kind }) => kind)).toEqual(["snapshot", "machine"]);
  expect(seen[1]).toEqual({ kind: "machine", machine: viewMachine({ ...state, paused: true }) });
  gone.abort();
});

test("whatever changes while whoever looks, every reader ends up with the truth", async () => {
  const account = fc.constantFrom("a", "b");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), account, sentence: fc.constantFrom("1", "2") }),
    fc.record({ kind: fc.constant("remove" as const), account }),
    fc.record({ kind: fc.constant("read" as const) }),
    fc.record({ kind: fc.constant("go on" as const), index: fc.nat(2) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
      const truth = new Map<string, string>();
      const gates: (() => void)[] = [];
      const gate = (): Promise<void> => new Promise((resolve) => gates.push(resolve));
      // A look takes a while before it reads, and again before it answers.
      const look = async (id: string): Promise<AccountView | undefined> => {
        await gate();
        const sentence = truth.get(id);
        await gate();
        if (sentence === undefined) return undefined;
        return createAccountView({ id, email: id, status: { kind: "working", sentence } });
      };
      const events = createEvents({
        clock: createFakeClock(),
        viewAccount: look,
        viewMachine: async () => viewMachine(createSnapshot()),
        snapshot: async () => {
          const accounts = await Promise.all([...truth.keys()].map(look));
          return createSnapshot({ accounts: accounts.filter((one) => one !== undefined) });
        },
      });
      const readers: ReturnType<typeof read>[] = [];
      for (const one of steps) {
        if (one.kind === "set") {
          truth.set(one.account, one.sentence);
          events.accountChanged(one.account);
        } else if (one.kind === "remove" && truth.delete(one.account)) events.accountRemoved(one.account);
        else if (one.kind === "read") readers.push(read(events));
        else if (one.kind === "go on") gates.splice(one.index, 1)[0]?.();
        await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (let quiet = 0; quiet < 3; quiet++) {
        for (let open = gates.shift(); open !== undefined; open = gates.shift()) {
          quiet = 0;
          open();
          await new Promise((resolve) => setImmediate(resolve));
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (const { seen, gone } of readers) {
        expect(believed(seen)).toEqual(truth);
        gone.abort();
      }
    }),
    { numRuns: 500 },
  );
});
