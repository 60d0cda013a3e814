// The card of values: each program's questions in its own order, and which one to correct after a failure.
import { describe, expect, it, test } from "vitest";
import { type Card, cardOf, fieldsToCorrect } from "../../../src/mail-program/card.ts";
import type { Field } from "../../../src/mail-program/field.ts";
import { localAccess } from "../../../src/mail-program/local-access.ts";
import { freeName, OUTLOOKS, PROGRAMS, type Setup } from "../../../src/mail-program/program.ts";
import { createAccess } from "./access.ts";

/** All that have a card. */
const SETUPS = [...PROGRAMS, ...OUTLOOKS].filter(
  (one): one is Setup => one !== "outlook" && one !== "outlook-new",
);

const fieldsOf = (card: Card): Field[] => card.groups.flatMap(({ fields }) => fields);

/** "imap port 2143": one line a field, with what a person would type. */
function lines(card: Card): string[] {
  return fieldsOf(card).map(({ kind, protocols, value }) => {
    const shown =
      value.kind === "text" ? value.text : value.kind === "choice" ? `<${value.choice}>` : `<${value.kind}>`;
    return [...(protocols.length === 1 ? protocols : []), kind, shown].join(" ");
  });
}

test("Thunderbird is answered from its first page to its last", () => {
  expect(lines(cardOf("thunderbird", createAccess()))).toEqual([
    "person <own-name>",
    "address alice@example.org",
    "imap protocol <imap>",
    "imap host 127.0.0.1",
    "imap port 2143",
    "imap encryption <none>",
    "imap authentication <thunderbird.password>",
    "imap user-name alice@example.org",
    "smtp host 127.0.0.1",
    "smtp port 2587",
    "smtp encryption <none>",
    "smtp authentication <thunderbird.password>",
    "smtp user-name alice@example.org",
    "password <local-password>",
  ]);
});

test("the old Outlook asks for ports and encryption behind its own pages", () => {
  const { groups } = cardOf("outlook-2010", createAccess());
  expect(groups.map(({ name }) => name)).toEqual([
    "outlook-2010.start",
    "outlook-2010.login",
    "outlook-2010.advanced",
  ]);
});

test("the new Outlook gets no values, because it cannot reach this machine", () => {
  expect(cardOf("outlook-new", createAccess())).toEqual({ groups: [], notes: ["outlook-new"] });
});

test("a scanner only sends, with the short name if the account has one", () => {
  const listeners = [
    { protocol: "imap", address: "127.0.0.1", port: 2143, state: "listening" },
    { protocol: "smtp", address: "::1", port: 2587, state: "listening" },
    { protocol: "smtp", address: "127.0.0.1", port: 2587, state: "listening" },
  ] as const;
  const account = { email: "alice@example.org", localUser: "alice" };
  const card = cardOf("scanner", localAccess(account, listeners, "scanner"));
  expect(lines(card)).toEqual([
    "smtp host 127.0.0.1",
    "smtp port 2587",
    "smtp encryption <none>",
    "smtp authentication <scanner.password>",
    "smtp user-name alice",
    "smtp password <local-password>",
    "smtp address alice@example.org",
  ]);
  expect(card.notes).toContain("scanner-this-machine");
  expect(localAccess(account, listeners, "thunderbird").userName).toBe("alice@example.org");
});

test("a port that is not there is said, and not made up", () => {
  const listeners = [
    { protocol: "imap", address: "127.0.0.1", port: 2143, state: "listening" },
    { protocol: "smtp", address: "127.0.0.1", port: 2587, state: "taken" },
  ] as const;
  const card = cardOf("thunderbird", localAccess({ email: "alice@example.org" }, listeners, "thunderbird"));
  expect(card.notes).toContain("not-listening");
  expect(lines(card).filter((line) => line.startsWith("smtp"))).toEqual([]);
});

describe.each(SETUPS)("%s", (setup) => {
  const card = cardOf(setup, createAccess());

  it("has no two fields of one name", () => {
    const ids = fieldsOf(card).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ["local-user-unknown", "user-name"],
    ["wrong-local-password", "password"],
    ["tls-on-plain-port", "encryption"],
    ["other-protocol", "port"],
  ])("has something to correct after %s", (code, kind) => {
    const marked = fieldsToCorrect(card, code, "smtp");
    expect(marked.length).toBeGreaterThan(0);
    expect(marked.every((one) => one.kind === kind || one.alsoKind === kind)).toBe(true);
    expect(marked.every(({ protocols }) => protocols.includes("smtp"))).toBe(true);
  });

  it("has nothing to correct when the provider is away", () => {
    expect(fieldsToCorrect(card, "upstream-unreachable", "imap")).toEqual([]);
  });
});

test("a wrong port for reading is marked on the side of reading only", () => {
  const marked = fieldsToCorrect(cardOf("thunderbird", createAccess()), "other-protocol", "imap");
  expect(marked.map(({ id }) => id)).toEqual(["imap.thunderbird.port"]);
});

test("a second Thunderbird gets a name of its own", () => {
  expect(freeName("Thunderbird", [])).toBe("Thunderbird");
  expect(freeName("Thunderbird", ["mutt", "thunderbird"])).toBe("Thunderbird 2");
  expect(freeName("Thunderbird", ["Thunderbird", "Thunderbird 2"])).toBe("Thunderbird 3");
});
