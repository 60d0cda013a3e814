// Which connections and happenings the activity screen shows.
import { expect, test } from "vitest";
import { filterActivity, filterConnections, NO_FILTER } from "../../../renderer/screens/activity/filter.ts";
import { activity, connection } from "./snapshot.ts";

const failure = { code: "wrong-local-password", temporary: false, sentence: "", action: "" };
const reading = connection("reading", { account: "a@example.org", protocol: "imap", program: "Thunderbird" });
const sending = connection("sending", { account: "b@example.org", protocol: "smtp", program: "mutt" });
const refused = connection("refused", {
  protocol: "imap",
  timeline: [{ at: 1, what: "login-refused", failure }],
});
const ALL = [reading, sending, refused];
const words = ({ program }: { program?: string | undefined }): string => program ?? "";
const idsOf = (filter: Partial<typeof NO_FILTER>): string[] =>
  filterConnections(ALL, { ...NO_FILTER, ...filter }, words).map(({ id }) => id);

test("connections by account, protocol, problem and text", () => {
  expect(idsOf({})).toEqual(["reading", "sending", "refused"]);
  expect(idsOf({ account: "a@example.org" })).toEqual(["reading"]);
  expect(idsOf({ kind: "smtp" })).toEqual(["sending"]);
  expect(idsOf({ kind: "problems" })).toEqual(["refused"]);
  expect(idsOf({ text: " thunder " })).toEqual(["reading"]);
  expect(idsOf({ text: "thunder", kind: "smtp" })).toEqual([]);
});

test("happenings likewise; a sign-in is of no protocol", () => {
  const happened = [
    activity(1, { account: "a@example.org", protocol: "imap" }),
    activity(2, { account: "a@example.org", what: "sign-in-failed" }),
    activity(3, { account: "b@example.org", what: "signed-in" }),
  ];
  const timesOf = (filter: Partial<typeof NO_FILTER>): number[] =>
    filterActivity(happened, { ...NO_FILTER, ...filter }, ({ what }) => what).map(({ at }) => at);
  expect(timesOf({})).toEqual([1, 2, 3]);
  expect(timesOf({ account: "a@example.org" })).toEqual([1, 2]);
  expect(timesOf({ kind: "problems" })).toEqual([2]);
  expect(timesOf({ kind: "imap" })).toEqual([1]);
  expect(timesOf({ text: "SIGNED" })).toEqual([3]);
});
