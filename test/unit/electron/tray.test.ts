// What the tray shows for each state of the daemon: a shape, a sentence, a menu.
import { describe, expect, test } from "vitest";
import { accountAction } from "../../../electron/account-action.ts";
import { applyEvent, type DaemonView } from "../../../electron/daemon-view.ts";
import { type TrayPicture, trayPicture } from "../../../electron/tray.ts";
import { wordsIn } from "../../../electron/words.ts";
import type { Snapshot } from "../../../src/control/contract.ts";
import { createAccountView, createSnapshot, viewMachine } from "../../support/small-daemon.ts";

const english = wordsIn("en", "");
const view = (changes: Partial<Snapshot> = {}): DaemonView => ({
  kind: "known",
  snapshot: createSnapshot(changes),
});
const pictureOf = (changes: Partial<Snapshot>): TrayPicture =>
  trayPicture(view(changes), english, { kind: "none" });
const labelsOf = ({ menu }: TrayPicture): readonly string[] =>
  menu.flatMap((line) => (line.kind === "separator" ? [] : [line.label]));

const working = createAccountView({ id: "w", email: "w@example.org" });
const needsYou = createAccountView({
  id: "n",
  email: "n@example.org",
  status: { kind: "needs-you", code: "sign-in-ended", sentence: "It ended." },
});
const blocked = createAccountView({
  id: "b",
  email: "b@example.org",
  status: { kind: "blocked", code: "account-hosts-changed", sentence: "Hosts." },
  hostsChanged: { trusted: ["a"], now: ["b"] },
});
const offline = createAccountView({
  id: "o",
  email: "o@example.org",
  status: { kind: "offline", code: "upstream-unreachable", sentence: "Away." },
});
const signedOut = createAccountView({
  id: "s",
  email: "s@example.org",
  status: { kind: "signed-out", code: "signed-out", sentence: "Nobody." },
});

describe("the icon", () => {
  test.each([
    ["working", { accounts: [working] }, "All is well"],
    // Whoever signed out meant it.
    ["working", { accounts: [working, signedOut] }, "All is well"],
    ["working", { accounts: [] }, "No account yet"],
    ["attention", { accounts: [offline, blocked, needsYou, working] }, "n@example.org needs you"],
    ["blocked", { accounts: [offline, blocked, working] }, "b@example.org is blocked"],
    ["offline", { accounts: [offline, working] }, "o@example.org cannot be reached at the moment"],
    ["offline", { paused: true }, "Paused: mail programs are told to come back later"],
    [
      "attention",
      { listeners: [{ protocol: "imap", address: "::1", port: 2143, state: "taken" }] },
      "Another program has port 2143",
    ],
  ] as const)("is %s for %j", (icon, changes, sentence) => {
    const picture = pictureOf(changes as Partial<Snapshot>);
    expect(picture).toMatchObject({ icon, tooltip: `Postern: ${sentence}` });
    // The same sentence stands in the menu: not every desktop shows tooltips.
    expect(labelsOf(picture)[0]).toBe(sentence);
  });

  test("is attention while the keychain is not ready", () => {
    const picture = pictureOf({
      keychain: { kind: "os", ready: false, code: "another-version's", sentence: "It is locked." },
    });
    expect(picture).toMatchObject({ icon: "attention", tooltip: "Postern: It is locked." });
  });

  test("says that Postern starts, is away, or cannot start and why", () => {
    const tell = (state: DaemonView) => trayPicture(state, english, { kind: "none" });
    expect(tell({ kind: "starting" })).toMatchObject({ icon: "offline" });
    expect(tell({ kind: "away" }).tooltip).toBe("Postern: Postern is being started again…");
    expect(tell({ kind: "away", reason: "The home is a file." })).toMatchObject({
      icon: "attention",
      tooltip: "Postern: Postern cannot start: The home is a file.",
    });
    // There is a way to the window and to the end in every state.
    expect(labelsOf(tell({ kind: "starting" }))).toEqual([
      "Postern is starting…",
      "Open Postern",
      "Quit Postern",
    ]);
  });
});

describe("the menu", () => {
  test("has a line for each account with its state and the one thing to do", () => {
    const picture = pictureOf({ accounts: [working, needsYou, blocked, offline, signedOut] });
    expect(labelsOf(picture).slice(1)).toEqual([
      "● w@example.org",
      "▲ n@example.org: sign in again",
      "■ b@example.org: see what to do",
      "○ o@example.org: offline",
      "· s@example.org: sign in",
      "Open Postern",
      "Pause",
      "Quit Postern",
    ]);
    expect(picture.menu.find((line) => line.kind === "action" && line.label.startsWith("▲"))).toMatchObject({
      action: { kind: "sign-in", email: "n@example.org" },
    });
  });

  test("names twelve accounts and leads to the others", () => {
    const accounts = Array.from({ length: 20 }, (_, index) =>
      createAccountView({ id: `${index}`, email: `${index}@example.org` }),
    );
    const labels = labelsOf(pictureOf({ accounts }));
    expect(labels.filter((label) => label.startsWith("●"))).toHaveLength(12);
    expect(labels).toContain("8 more…");
  });

  test("offers updates only where there are any to be had", () => {
    const labels = (update: Parameters<typeof trayPicture>[2]) =>
      labelsOf(trayPicture(view(), english, update));
    expect(labels({ kind: "none" }).join()).not.toMatch(/update/i);
    expect(labels({ kind: "check" })).toContain("Check for updates…");
    expect(labels({ kind: "ready", version: "2.0.0" })).toContain("Restart and update to 2.0.0");
  });

  test("is in the person's language", () => {
    const japanese = trayPicture(view({ accounts: [needsYou] }), wordsIn("system", "ja-JP"), {
      kind: "none",
    });
    expect(labelsOf(japanese)).toContain("▲ n@example.org: もう一度サインインする");
    expect(wordsIn("system", "fr")("tray.pause")).toBe("Pause");
  });
});

describe("what a click does", () => {
  test("signs in only where that helps and a browser is enough; otherwise the account's page opens", () => {
    const page = (email: string) => ({
      kind: "open",
      route: `/account/${encodeURIComponent(email)}/programs`,
    });
    expect(accountAction(signedOut)).toEqual({ kind: "sign-in", email: "s@example.org" });
    expect(accountAction(working)).toEqual(page("w@example.org"));
    // A person must see the new hosts first.
    expect(accountAction(blocked)).toEqual(page("b@example.org"));
    const locked = createAccountView({
      email: "k@example.org",
      status: { kind: "needs-you", code: "keychain-locked", sentence: "Locked." },
    });
    expect(accountAction(locked)).toEqual(page("k@example.org"));
  });
});

describe("what is known of the daemon", () => {
  test("is its snapshot with each change since; what nothing here shows leaves it as it is", () => {
    let known = applyEvent({ kind: "starting" }, { kind: "snapshot", snapshot: createSnapshot() });
    const [account] = createSnapshot().accounts;
    if (account === undefined) throw new Error("no account");
    const changed = { ...account, status: needsYou.status };
    known = applyEvent(known, { kind: "account", account: changed });
    expect(known).toMatchObject({ snapshot: { accounts: [{ status: { kind: "needs-you" } }] } });
    const paused = viewMachine(createSnapshot({ paused: true }));
    known = applyEvent(known, { kind: "machine", machine: paused });
    known = applyEvent(known, {
      kind: "listener",
      listener: { protocol: "imap", address: "127.0.0.1", state: "closed" },
    });
    expect(known).toMatchObject({ snapshot: { paused: true, listeners: [{ state: "closed" }] } });
    expect(applyEvent(known, { kind: "activity", activity: { at: 1, what: "logged-in" } })).toBe(known);
    known = applyEvent(known, { kind: "account-removed", email: account.email });
    expect(known).toMatchObject({ snapshot: { accounts: [] } });
  });
});
