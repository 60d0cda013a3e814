// A daemon of nothing but the control server and the events, on a real socket, with a state that the test decides.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { AccountView, Machine, SettingsView, Snapshot } from "../../src/control/contract.ts";
import type { EventSource } from "../../src/control/event-stream.ts";
import { createControlSecret } from "../../src/control/secret.ts";
import { createControlServer, type Handlers } from "../../src/control/server.ts";
import { createEvents, type Events } from "../../src/daemon/events.ts";
import { createAccount } from "./account.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

export interface SmallDaemon {
  readonly events: Events;
  readonly clock: FakeClock;
  readonly secret: string;
  readonly endpoint: string;
  /** For `connectToDaemon`. */
  readonly controlFile: string;
  /** What a snapshot tells, and every view of an account by its id. */
  readonly state: Snapshot;
  /** The ends of all readers so far. */
  readonly signals: readonly AbortSignal[];
  /** As the daemon does it when it is told to stop. */
  stop(): Promise<void>;
  /** Another one in its place, with a secret of its own. */
  restart(): Promise<SmallDaemon>;
}

type OAuthView = Extract<AccountView, { kind: "oauth" }>;

export function createAccountView(changes: Partial<OAuthView> = {}): OAuthView {
  const { endpoints: _none, ...account } = createAccount();
  return {
    ...(account as Omit<OAuthView, "status" | "notices" | "signInsWaiting" | "sessions" | "passwords">),
    status: { kind: "working", sentence: "Signed in." },
    notices: [],
    signInsWaiting: 0,
    sessions: 0,
    passwords: [],
    ...changes,
  };
}

export function createSettingsView(changes: Partial<SettingsView> = {}): SettingsView {
  return {
    imapPort: 2143,
    smtpPort: 2587,
    failureStyle: "gentle",
    systemAuthorities: true,
    signInProxy: "environment",
    mailProxy: "none",
    notifications: true,
    language: "system",
    ...changes,
  };
}

export function createSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    version: "0.1.0",
    processId: 42,
    startedAt: 0,
    home: "/home",
    keychain: { kind: "file", ready: true, sentence: "Ready." },
    listeners: [{ protocol: "imap", address: "127.0.0.1", port: 1993, state: "listening" }],
    accounts: [createAccountView()],
    paused: false,
    settings: createSettingsView(),
    notices: [],
    connections: [],
    activity: [],
    ...changes,
  };
}

/** The part of a snapshot that is told as a `machine` event. */
export function viewMachine({ paused, keychain, notices, settings, policy }: Snapshot): Machine {
  return { paused, keychain, notices, settings, ...(policy === undefined ? {} : { policy }) };
}

/** @param source instead of the daemon's own events, where a test needs one that misbehaves */
export async function startSmallDaemon(
  state: Snapshot = createSnapshot(),
  handlers: Partial<Handlers> = {},
  source?: EventSource,
  folder = createTemporaryFolder(),
): Promise<SmallDaemon> {
  const clock = createFakeClock();
  const secret = createControlSecret();
  const endpoint = join(folder, "control.sock");
  const controlFile = join(folder, "control.json");
  const events = createEvents({
    clock,
    snapshot: async () => state,
    viewAccount: async (accountId) => state.accounts.find(({ id }) => id === accountId),
    viewMachine: async () => viewMachine(state),
  });
  const signals: AbortSignal[] = [];
  const watched: EventSource = {
    subscribe(signal, onTooSlow) {
      signals.push(signal);
      return (source ?? events).subscribe(signal, onTooSlow);
    },
  };
  const all = { status: async () => state, ...handlers } as Partial<Handlers> as Handlers;
  const server = createControlServer(secret, all, watched, clock);
  server.listen(endpoint);
  await once(server, "listening");
  writeFileSync(controlFile, JSON.stringify({ endpoint, secret, processId: 42 }));
  const stop = (): Promise<void> => close(server);
  onTestFinished(stop);
  const restart = async (): Promise<SmallDaemon> => {
    await stop();
    return startSmallDaemon(state, handlers, source, folder);
  };
  return { events, clock, secret, endpoint, controlFile, state, signals, stop, restart };
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
