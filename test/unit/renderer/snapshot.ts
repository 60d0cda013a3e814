// What a window would be told, for tests of what it makes of it.
import type { AccountView, Activity, Connection, Snapshot } from "../../../src/control/contract.ts";
import { createSnapshot } from "../../support/small-daemon.ts";

export function account(
  email: string,
  changes: Partial<AccountView & { kind: "password" }> = {},
): AccountView {
  return {
    kind: "password",
    id: `id of ${email}`,
    email,
    imap: { host: "imap.example.org", port: 993, tls: "implicit" },
    smtp: { host: "smtp.example.org", port: 465, tls: "implicit" },
    status: { kind: "working", sentence: "Signed in." },
    notices: [],
    signInsWaiting: 0,
    sessions: 0,
    passwords: [],
    ...changes,
  };
}

export function connection(id: string, changes: Partial<Connection> = {}): Connection {
  return {
    id,
    protocol: "imap",
    state: "connected",
    since: 1000,
    octetsToMua: 0,
    octetsFromMua: 0,
    timeline: [{ at: 1000, what: "connected" }],
    ...changes,
  };
}

export const activity = (at: number, changes: Partial<Activity> = {}): Activity => ({
  at,
  what: "logged-in",
  ...changes,
});

/** With no accounts and no listeners, unless told otherwise. */
export const snapshot = (changes: Partial<Snapshot> = {}): Snapshot =>
  createSnapshot({ accounts: [], listeners: [], ...changes });
