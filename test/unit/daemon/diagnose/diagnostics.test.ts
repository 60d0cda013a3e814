// The text that a person copies for somebody else.
import { expect, test } from "vitest";
import { formatDiagnostics } from "../../../../src/daemon/diagnose/diagnostics.ts";
import { createAccountView, createSettingsView, createSnapshot } from "../../../support/small-daemon.ts";

const failure = {
  code: "upstream-refused",
  temporary: false,
  sentence: "The mail server refused the sign-in.",
  action: "Sign in again.",
  detail: "logged in as alice.liddell@example.org; /home/alice/ca.pem was no help",
};
const snapshot = createSnapshot({
  paused: true,
  home: "/home/alice/.local/share/postern",
  settings: createSettingsView({
    mailProxy: "http://corp-user@proxy.example:3128",
    authorityFile: "/home/alice/ca.pem",
  }),
  accounts: [
    createAccountView({
      email: "alice.liddell@example.org",
      localUser: "wonder",
      identity: "alice-personal@example.net",
      status: { kind: "blocked", code: "upstream-refused", sentence: "Refused.", detail: failure.detail },
      passwords: [{ name: "Alice's phone", createdAt: 0 }],
    }),
  ],
  connections: [
    {
      id: "7",
      protocol: "imap",
      program: "Thunderbird 128",
      account: "alice.liddell@example.org",
      passwordName: "Alice's phone",
      state: "ended",
      since: 0,
      endedAt: 5000,
      octetsToMua: 12,
      octetsFromMua: 34,
      timeline: [
        { at: 0, what: "connected" },
        { at: 1000, what: "login-failed", failure },
      ],
    },
  ],
  activity: [
    {
      at: 2000,
      what: "login-refused",
      protocol: "smtp",
      connectionId: "8",
      userName: "hunter2",
      failure: { ...failure, code: "local-user-unknown", detail: "x" },
    },
  ],
  notices: ["Configuration damaged: kept as /home/alice/config.json.damaged"],
});
const text = formatDiagnostics(snapshot, {
  system: "Linux 6.8.0 x64, Node 24.0.0",
  homeFolder: "/home/alice",
  now: 60_000,
});

test("the diagnostics tell what somebody else needs", () => {
  for (const part of [
    "on Linux 6.8.0 x64, Node 24.0.0",
    "paused",
    "Keychain: file, ready",
    "mailProxy: http://proxy.example:3128",
    "authorityFile: ~/ca.pem",
    "imap 127.0.0.1 1993 listening",
    "a…@example.org (oauth, no preset): blocked upstream-refused",
    "7 imap a…@example.org Thunderbird 128 since 1970-01-01T00:00:00.000Z, ended 1970-01-01T00:00:05.000Z, 12 octets to it, 34 from it",
    "login-failed: upstream-refused (logged in as a…@example.org; ~/ca.pem was no help)",
    "login-refused smtp 8: local-user-unknown",
    "kept as ~/config.json.damaged",
  ]) {
    expect(text).toContain(part);
  }
});

test("and nothing that is a person's own", () => {
  for (const secret of ["alice", "liddell", "wonder", "personal", "corp-user", "phone", "hunter2"]) {
    expect(text.toLowerCase()).not.toContain(secret);
  }
});
