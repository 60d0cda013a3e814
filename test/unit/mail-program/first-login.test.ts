// Whether the program that a person is setting up has got in: by what happened since its password was made.
import { expect, test } from "vitest";
import type { Activity, Connection } from "../../../src/control/contract.ts";
import { firstLogins, type Watch } from "../../../src/mail-program/first-login.ts";

const MADE = 1000;
const WATCH: Watch = {
  email: "alice@example.org",
  passwordName: "Thunderbird",
  since: MADE,
  protocols: ["imap", "smtp"],
};

const loggedIn = (at: number, changes: Partial<Activity> = {}): Activity => ({
  at,
  what: "logged-in",
  protocol: "imap",
  account: "alice@example.org",
  passwordName: "Thunderbird",
  ...changes,
});

const failed = (at: number, code: string, changes: Partial<Activity> = {}): Activity => ({
  at,
  what: "login-refused",
  protocol: "imap",
  failure: { code, temporary: false, sentence: "It did not work.", action: "Do something." },
  ...changes,
});

const watch = (activity: readonly Activity[], connections: readonly Connection[] = [], changes = {}) =>
  firstLogins({ activity, connections }, { ...WATCH, ...changes });

test("reading and sending tick on their own", () => {
  expect(watch([])).toEqual({ arrived: [], problem: undefined });
  expect(watch([loggedIn(1001)]).arrived).toEqual(["imap"]);
  expect(watch([loggedIn(1001), loggedIn(1002, { protocol: "smtp" })]).arrived).toEqual(["imap", "smtp"]);
});

test("what happened before the password was made does not count", () => {
  const early = [loggedIn(999), failed(999, "local-user-unknown")];
  expect(watch(early)).toEqual({ arrived: [], problem: undefined });
});

test("another program's login, and another account's, do not count", () => {
  const others = [loggedIn(1001, { passwordName: "mutt" }), loggedIn(1001, { account: "bob@example.org" })];
  expect(watch(others).arrived).toEqual([]);
});

test("the last failure is told, with the name that was tried", () => {
  const { problem } = watch([
    failed(1001, "tls-on-plain-port", { what: "wrong-protocol" }),
    failed(1002, "local-user-unknown", { userName: "alice" }),
  ]);
  expect(problem).toMatchObject({
    failure: { code: "local-user-unknown" },
    protocol: "imap",
    userName: "alice",
  });
});

test("a failure is over once that protocol has got in", () => {
  const refused = failed(1001, "wrong-local-password", { account: "alice@example.org" });
  expect(watch([refused]).problem?.failure.code).toBe("wrong-local-password");
  expect(watch([refused, loggedIn(1002)]).problem).toBeUndefined();
  expect(watch([refused, loggedIn(1002, { protocol: "smtp" })]).problem).toBeDefined();
});

test("another account's wrong password is not this program's", () => {
  expect(
    watch([failed(1001, "wrong-local-password", { account: "bob@example.org" })]).problem,
  ).toBeUndefined();
});

test("a failure behind the login is this program's only if its password was used", () => {
  const away = failed(1001, "upstream-unreachable", {
    what: "login-failed",
    account: "alice@example.org",
    connectionId: "7",
  });
  const connection: Connection = {
    id: "7",
    protocol: "imap",
    account: "alice@example.org",
    passwordName: "Thunderbird",
    state: "connected",
    since: 1000,
    octetsFromMua: 0,
    octetsToMua: 0,
    timeline: [],
  };
  expect(watch([away], [connection]).problem?.failure.code).toBe("upstream-unreachable");
  expect(watch([away], [{ ...connection, passwordName: "mutt" }]).problem).toBeUndefined();
});

test("a scanner is done when it can send, and nobody's reading concerns it", () => {
  const activity = [failed(1001, "local-user-unknown"), loggedIn(1002, { protocol: "smtp" })];
  expect(watch(activity, [], { protocols: ["smtp"] })).toEqual({ arrived: ["smtp"], problem: undefined });
});
