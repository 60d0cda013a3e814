// Which notifications a person gets: one for each cause, when it begins, until it is solved.
import { describe, expect, test } from "vitest";
import type { DaemonView } from "../../../electron/daemon-view.ts";
import { planNotifications } from "../../../electron/notifications.ts";
import { wordsIn } from "../../../electron/words.ts";
import type { AccountView, Snapshot } from "../../../src/control/contract.ts";
import { createAccountView, createSettingsView, createSnapshot } from "../../support/small-daemon.ts";

const words = wordsIn("en", "");
const known = (changes: Partial<Snapshot> = {}): DaemonView => ({
  kind: "known",
  snapshot: createSnapshot(changes),
});
const withStatus = (status: AccountView["status"], changes: Partial<Snapshot> = {}): DaemonView =>
  known({ accounts: [createAccountView({ id: "a", email: "a@example.org", status })], ...changes });
const ended = withStatus({ kind: "needs-you", code: "sign-in-ended", sentence: "It ended." });

/** What is shown and closed at each view, one after the other. */
function follow(...views: DaemonView[]): { show: string[]; close: number }[] {
  let causes: ReadonlySet<string> | undefined;
  return views.map((view) => {
    const plan = planNotifications(causes, view, words);
    causes = plan.known;
    return { show: plan.show.map(({ title }) => title), close: plan.close.length };
  });
}
const nothing = { show: [], close: 0 };

describe("notifications", () => {
  test("one when an account begins to need its person, gone when that is solved, and another the next time", () => {
    const told = { show: ["a@example.org needs you"], close: 0 };
    expect(follow(known(), ended, ended, known(), ended)).toEqual([
      nothing,
      told,
      nothing,
      { show: [], close: 1 },
      told,
    ]);
  });

  test("none for what passes by itself, nor for an account that was signed out", () => {
    const offline = withStatus({ kind: "offline", code: "upstream-unreachable", sentence: "Away." });
    const signedOut = withStatus({ kind: "signed-out", code: "signed-out", sentence: "Nobody." });
    expect(follow(known(), offline, signedOut)).toEqual([nothing, nothing, nothing]);
  });

  test("none for what was so when the tray app first looked, nor again after the daemon's restart", () => {
    expect(follow(ended, { kind: "away" }, ended)).toEqual([nothing, nothing, nothing]);
  });

  test("both addresses of a port are one cause, and its click leads to the settings", () => {
    const listeners: Snapshot["listeners"] = ["127.0.0.1", "::1"].map((address) => ({
      protocol: "imap",
      address,
      port: 2143,
      state: "taken",
    }));
    const plan = planNotifications(new Set(), known({ listeners }), words);
    expect(plan.show).toEqual([
      {
        key: "listener imap 2143",
        title: "Mail programs cannot reach Postern",
        body: "Another program has port 2143",
        action: { kind: "open", route: "/settings" },
      },
    ]);
  });

  test("a daemon that cannot start is told once, and the accounts' own stand", () => {
    const failing: DaemonView = { kind: "away", reason: "The home is a file." };
    expect(follow(known(), ended, failing, failing, ended)).toEqual([
      nothing,
      { show: ["a@example.org needs you"], close: 0 },
      { show: ["Postern cannot start"], close: 0 },
      nothing,
      { show: [], close: 1 },
    ]);
  });

  test("off by the setting, and what happened meanwhile is not made up for", () => {
    const off = { settings: createSettingsView({ notifications: false }) };
    const endedWhileOff = withStatus(
      { kind: "needs-you", code: "sign-in-ended", sentence: "It ended." },
      off,
    );
    expect(follow(known(off), endedWhileOff, ended)).toEqual([nothing, nothing, nothing]);
  });
});
