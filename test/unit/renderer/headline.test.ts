// The one sentence about an account that works.
import { expect, test } from "vitest";
import { headlineOf } from "../../../renderer/screens/account/headline.ts";
import { account, connection } from "./snapshot.ts";

const EMAIL = "alice@example.org";
const LOGGED_IN = [
  { at: 1, what: "connected" as const },
  { at: 2, what: "logged-in" as const },
];
const thunderbird = { name: "Thunderbird", createdAt: 1, lastUsedAt: 100 };

test("nobody has used it yet", () => {
  expect(headlineOf(account(EMAIL, { passwords: [{ name: "Scanner", createdAt: 1 }] }), [])).toEqual({
    kind: "unused",
  });
});

test("a program is connected now: it is called by its local password, not by what it says", () => {
  const open = connection("1", {
    account: EMAIL,
    state: "open",
    passwordName: "Thunderbird",
    program: "mail client 9",
    timeline: LOGGED_IN,
  });
  expect(headlineOf(account(EMAIL, { passwords: [thunderbird] }), [open])).toEqual({
    kind: "live",
    program: "Thunderbird",
  });
});

test.each(["imap", "smtp"] as const)("the last use was by %s, and its end counts", (protocol) => {
  const ended = connection("1", {
    account: EMAIL,
    protocol,
    state: "ended",
    endedAt: 250,
    passwordName: "Thunderbird",
    timeline: LOGGED_IN,
  });
  expect(headlineOf(account(EMAIL, { passwords: [thunderbird] }), [ended])).toEqual({
    kind: "used",
    program: "Thunderbird",
    at: 250,
    how: protocol,
  });
});

test("after a restart only the local password's last use is known", () => {
  const older = { name: "Scanner", createdAt: 1, lastUsedAt: 50 };
  expect(headlineOf(account(EMAIL, { passwords: [thunderbird, older] }), [])).toEqual({
    kind: "used",
    program: "Thunderbird",
    at: 100,
    how: undefined,
  });
});

test("a connection that was refused, or another account's, is no use of this one", () => {
  const refused = connection("1", { account: EMAIL, state: "open", passwordName: "Thunderbird" });
  const other = connection("2", {
    account: "bob@example.org",
    state: "open",
    timeline: LOGGED_IN,
    program: "mutt",
  });
  expect(headlineOf(account(EMAIL), [refused, other])).toEqual({ kind: "unused" });
});
