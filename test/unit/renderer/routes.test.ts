// Where in the window a person is: both ways between the address and what it means.
import { expect, test } from "vitest";
import { formatRoute, parseRoute, type Route } from "../../../renderer/routes.ts";

test.each<[string, Route]>([
  ["#/", { kind: "home" }],
  ["#/add", { kind: "add" }],
  ["#/activity", { kind: "activity" }],
  ["#/settings", { kind: "settings" }],
  ["#/register/google", { kind: "register", provider: "google" }],
  [
    "#/account/alice%40example.org/programs",
    { kind: "account", email: "alice@example.org", tab: "programs" },
  ],
  ["#/account/alice%40example.org/more", { kind: "account", email: "alice@example.org", tab: "more" }],
  [
    "#/account/a%2Fb%25%40example.org/passwords",
    { kind: "account", email: "a/b%@example.org", tab: "passwords" },
  ],
  ["#/account/%E5%B1%B1%40example.jp/connect", { kind: "connect", email: "山@example.jp" }],
  ["#/account/alice%40example.org/sign-in", { kind: "sign-in", email: "alice@example.org" }],
])("%s is an address of the window, and the one that is made for it", (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
  expect(formatRoute(route)).toBe(hash);
});

test.each([
  ["", "nothing"],
  ["#", "nothing after the sign"],
  ["#/nowhere", "no screen"],
  ["#/add/more", "too much"],
  ["#/account", "no account"],
  ["#/account/alice%40example.org/nowhere", "no tab"],
  ["#/account/alice%40example.org/more/x", "too much of an account"],
  ["#/account/%E0%A4%A/more", "an escape that is none"],
  ["#/open?secret=abc", "the way in, once it has been used"],
])("'%s' leads home: it is %s", (hash) => {
  expect(parseRoute(hash)).toEqual({ kind: "home" });
});

test("an account without a tab opens at its mail programs", () => {
  expect(parseRoute("#/account/alice%40example.org")).toEqual({
    kind: "account",
    email: "alice@example.org",
    tab: "programs",
  });
});
