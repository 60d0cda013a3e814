import { expect, test } from "vitest";
import { assumed, danglingPaths, explainValues, seen, unverifiedPaths } from "../../../src/provider/fact.ts";

test("a value is covered by the fact with the longest path to it", () => {
  const preset = {
    mail: { imap: { host: "imap.example.org", port: 993 }, mechanism: "auto" },
    facts: { mail: seen("a"), "mail.imap": assumed("b"), "mail.imap.port": seen("c", "d") },
  };
  expect(explainValues(preset)).toEqual([
    { path: "mail.imap.host", value: "imap.example.org", fact: { source: "b", verified: false } },
    { path: "mail.imap.port", value: 993, fact: { source: "c; d", verified: true } },
    { path: "mail.mechanism", value: "auto", fact: { source: "a", verified: true } },
  ]);
  expect(unverifiedPaths(preset)).toEqual(["mail.imap"]);
});

test("a value without a fact is found, in lists too", () => {
  const preset = {
    match: { domains: ["example.org"], mx: [{ suffix: "mx.example.org" }, { suffix: "mx.example.com" }] },
    facts: { "match.mx.0": seen("a") },
  };
  const without = explainValues(preset).filter(({ fact }) => fact === undefined);
  expect(without.map(({ path }) => path)).toEqual(["match.domains", "match.mx.1.suffix"]);
});

test("a path is not covered by another that merely begins alike", () => {
  const preset = { limits: { messagesPerDay: 1, messages: 2 }, facts: { "limits.messages": seen("a") } };
  const [perDay, messages] = explainValues(preset);
  expect(perDay?.fact).toBeUndefined();
  expect(messages?.fact?.source).toBe("a");
});

test("a fact about nothing is found", () => {
  const preset = {
    quirks: { one: "One." },
    facts: { quirks: seen("a"), "quirks.two": seen("a"), "oauth.pkce": seen("a") },
  };
  expect(danglingPaths(preset)).toEqual(["quirks.two", "oauth.pkce"]);
});
