import { writeFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { watchDaemon } from "../../../src/cli/watch.ts";
import { connectToDaemon } from "../../../src/control/client.ts";
import type { AccountView } from "../../../src/control/contract.ts";
import type { Handlers } from "../../../src/control/server.ts";
import { eventSchema } from "../../../src/control/snapshot-shapes.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { failureOf } from "../../support/failure-of.ts";
import {
  createAccountView,
  createSnapshot,
  type SmallDaemon,
  startSmallDaemon,
} from "../../support/small-daemon.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const TIME = new Date(NOW).toLocaleString("sv-SE");
const ALICE = createAccountView({ id: "a", localUser: "alice" });
const BOB = createAccountView({ id: "b", email: "bob@example.com" });

const HANDLERS: Partial<Handlers> = {
  "account.show": async ({ email }) => {
    const found = [ALICE, BOB].find((one) => one.email === email || one.localUser === email);
    if (found === undefined) throw new PosternError("account-unknown", { detail: email });
    return found;
  },
};

function startTwoAccounts(): Promise<SmallDaemon> {
  return startSmallDaemon(createSnapshot({ accounts: [ALICE, BOB] }), HANDLERS);
}

/** Watches until the test has ended; `pause` waits until the test lets it go on. */
function watch(daemon: { readonly controlFile: string }, options: { account?: string; json?: boolean } = {}) {
  const written: string[] = [];
  const notes: string[] = [];
  const pauses: (() => void)[] = [];
  const waiting = new Set<() => void>();
  const over = new AbortController();
  const look = (): void => {
    for (const one of waiting) one();
  };
  const ended = watchDaemon(options, {
    connect: () => connectToDaemon(daemon.controlFile),
    async write(line) {
      written.push(line);
      look();
    },
    note(text) {
      notes.push(text);
      look();
    },
    now: () => NOW,
    pause: () =>
      new Promise((resolve) => {
        pauses.push(resolve);
        look();
      }),
    signal: over.signal,
  });
  onTestFinished(() => over.abort());
  /** Resolves when `isSo`, or fails with the watching. */
  const until = (isSo: () => boolean): Promise<unknown> =>
    Promise.race([
      ended,
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (isSo()) resolve();
        };
        waiting.add(check);
        check();
      }),
    ]);
  return { written, notes, pauses, over, ended, until };
}

const change = (daemon: SmallDaemon, changes: Partial<Extract<AccountView, { kind: "oauth" }>>): void => {
  const index = daemon.state.accounts.findIndex(({ id }) => id === (changes.id ?? "a"));
  daemon.state.accounts[index] = { ...(daemon.state.accounts[index] ?? ALICE), ...changes } as AccountView;
  daemon.events.accountChanged(changes.id ?? "a");
};

describe("postern watch for scripts", () => {
  test("prints every event as the daemon tells it, one a line", async () => {
    const daemon = await startTwoAccounts();
    const { written, until } = watch(daemon, { json: true });
    await until(() => written.length === 1);
    change(daemon, { sessions: 1 });
    await until(() => written.length === 2);
    daemon.events.activity({ what: "logged-in", account: ALICE.email, protocol: "imap" });
    await until(() => written.length === 3);
    expect(written.map((line) => eventSchema.parse(JSON.parse(line)))).toEqual([
      { kind: "snapshot", snapshot: createSnapshot({ accounts: [ALICE, BOB] }) },
      { kind: "account", account: { ...ALICE, sessions: 1 } },
      {
        kind: "activity",
        activity: { at: daemon.clock.now(), what: "logged-in", account: ALICE.email, protocol: "imap" },
      },
    ]);
  });

  test("of one account leaves the others out, however the account is named", async () => {
    const daemon = await startTwoAccounts();
    const { written, until } = watch(daemon, { json: true, account: "alice" });
    await until(() => written.length === 1);
    daemon.events.activity({ what: "logged-in", account: BOB.email });
    daemon.events.activity({ what: "login-refused" });
    change(daemon, { id: "b", sessions: 7 });
    daemon.events.accountRemoved(BOB.email);
    change(daemon, { sessions: 1 });
    await until(() => written.length === 2);
    daemon.events.activity({ what: "logged-in", account: ALICE.email });
    daemon.events.listenerChanged({ protocol: "smtp", address: "::1", state: "absent" });
    daemon.events.accountRemoved(ALICE.email);
    await until(() => written.length === 5);
    const [first, ...others] = written.map((line) => eventSchema.parse(JSON.parse(line)));
    expect(first?.kind === "snapshot" && first.snapshot.accounts.map(({ email }) => email)).toEqual([
      ALICE.email,
    ]);
    expect(others.map(({ kind }) => kind)).toEqual(["account", "activity", "listener", "account-removed"]);
  });

  test("goes on with a new snapshot after a restart, and says nothing else about it", async () => {
    const daemon = await startTwoAccounts();
    const { written, notes, pauses, until } = watch(daemon, { json: true });
    await until(() => written.length === 1);
    const next = await daemon.restart();
    await until(() => pauses.length === 1);
    pauses[0]?.();
    await until(() => written.length === 2);
    next.events.accountRemoved("x@example.com");
    await until(() => written.length === 3);
    expect(written.map((line) => JSON.parse(line).kind)).toEqual(["snapshot", "snapshot", "account-removed"]);
    expect(notes).toEqual([]);
  });
});

describe("postern watch for people", () => {
  test("tells the state first, and then what is new, with the time", async () => {
    const daemon = await startTwoAccounts();
    const { written, until } = watch(daemon);
    await until(() => written.length === 4);
    expect(written).toEqual([
      `${TIME}  ● Postern 0.1.0 is running, process 42.`,
      `${TIME}  ● IMAP 127.0.0.1:1993`,
      `${TIME}  ● alice@example.com  Signed in.`,
      `${TIME}  ● bob@example.com  Signed in.`,
    ]);
    // One connection more is no news for a person.
    change(daemon, { sessions: 5 });
    const action = "Sign in again: postern login EMAIL";
    const status = { kind: "needs-you", code: "sign-in-ended", sentence: "It has ended.", action } as const;
    change(daemon, { id: "b", status });
    await until(() => written.length === 6);
    daemon.events.listenerChanged({ protocol: "imap", address: "127.0.0.1", port: 1993, state: "taken" });
    daemon.events.accountRemoved(ALICE.email);
    await until(() => written.length === 8);
    const margin = " ".repeat(TIME.length + 2);
    expect(written.slice(4)).toEqual([
      `${TIME}  ▲ bob@example.com  It has ended.`,
      `${margin}  Sign in again: postern login bob@example.com`,
      `${TIME}  ■ IMAP 127.0.0.1:1993 is taken by another program; Postern tries again every 30 seconds`,
      `${TIME}  · alice@example.com  The account was removed.`,
    ]);
  });

  test("tells when it is paused and goes on, and what becomes of the keychain, once", async () => {
    const daemon = await startTwoAccounts();
    const { written, until } = watch(daemon);
    await until(() => written.length === 4);
    const become = (changes: Partial<typeof daemon.state>): void => {
      Object.assign(daemon.state, changes);
      daemon.events.machineChanged();
    };
    become({ paused: true });
    await until(() => written.length === 5);
    const locked = { kind: "os", ready: false, sentence: "It is locked.", action: "Unlock it." } as const;
    become({ paused: false, keychain: locked, notices: ["The clock is slow."] });
    await until(() => written.length === 9);
    // That a setting is another is no news for a person who has set it.
    become({ settings: { ...daemon.state.settings, notifications: false } });
    become({ keychain: { kind: "os", ready: true, sentence: "Ready." } });
    await until(() => written.length === 10);
    const margin = " ".repeat(TIME.length + 2);
    expect(written.slice(4)).toEqual([
      `${TIME}  ○ Paused: mail programs are told to come back later. To go on: postern resume`,
      `${TIME}  ● Mail programs are let in again.`,
      `${TIME}  ▲ Keychain (os): It is locked.`,
      `${margin}  Unlock it.`,
      `${TIME}  ▲ The clock is slow.`,
      `${TIME}  ● Keychain (os): Ready.`,
    ]);
  });

  test("waits while the daemon is away, and tells only what is new when it is back", async () => {
    const daemon = await startTwoAccounts();
    const { written, notes, pauses, until } = watch(daemon);
    await until(() => written.length === 4);
    await daemon.stop();
    await until(() => pauses.length === 1);
    // Tried once, in vain.
    pauses[0]?.();
    await until(() => pauses.length === 2);
    daemon.state.accounts = [BOB];
    await daemon.restart();
    pauses[1]?.();
    await until(() => written.length === 6);
    expect(written.slice(4)).toEqual([
      `${TIME}  ● Postern 0.1.0 is running, process 42.`,
      `${TIME}  · alice@example.com  The account was removed.`,
    ]);
    expect(notes).toEqual([
      "Postern has gone away; this command waits until it is back.",
      "Postern is back.",
    ]);
  });

  test("goes on waiting when the daemon ends again before it has told anything", async () => {
    const daemon = await startTwoAccounts();
    const file = { controlFile: daemon.controlFile };
    const { written, pauses, until } = watch(file);
    await until(() => written.length === 4);
    await daemon.stop();
    await until(() => pauses.length === 1);
    const short = await startSmallDaemon(
      createSnapshot(),
      {},
      {
        // biome-ignore lint/correctness/useYield: it ends before there is anything to tell.
        async *subscribe() {
          await short.stop();
        },
      },
    );
    file.controlFile = short.controlFile;
    pauses[0]?.();
    await until(() => pauses.length === 2);
    await daemon.restart();
    file.controlFile = daemon.controlFile;
    pauses[1]?.();
    await until(() => written.length === 5);
  });

  test("does not give up while a starting daemon has another secret than its file still says", async () => {
    const daemon = await startTwoAccounts();
    const file = { controlFile: daemon.controlFile };
    const { written, pauses, until } = watch(file);
    await until(() => written.length === 4);
    const stranger = await startSmallDaemon();
    await daemon.stop();
    await until(() => pauses.length === 1);
    // Its file names an endpoint at which somebody answers who does not know the secret.
    writeFileSync(
      daemon.controlFile,
      JSON.stringify({ endpoint: stranger.endpoint, secret: "t".repeat(43), processId: 1 }),
    );
    pauses[0]?.();
    await until(() => pauses.length === 2);
    expect(stranger.signals).toEqual([]);
    file.controlFile = stranger.controlFile;
    pauses[1]?.();
    await until(() => written.length > 4);
  });
});

test("watching ends without a failure when its own reader has gone, also while the daemon is away", async () => {
  const daemon = await startTwoAccounts();
  const here = watch(daemon);
  const away = watch(daemon);
  await Promise.all([
    here.until(() => here.written.length === 4),
    away.until(() => away.written.length === 4),
  ]);
  here.over.abort();
  await here.ended;
  expect(here.notes).toEqual([]);
  await daemon.stop();
  await away.until(() => away.pauses.length === 1);
  away.over.abort();
  away.pauses[0]?.();
  await away.ended;
});

test("watching does not begin where no daemon runs, or for an account that there is not", async () => {
  const daemon = await startTwoAccounts();
  const unknown = await failureOf(watch(daemon, { account: "carol@example.com" }).ended);
  expect(unknown.code).toBe("account-unknown");
  await daemon.stop();
  expect((await failureOf(watch(daemon).ended)).code).toBe("daemon-not-running");
});
