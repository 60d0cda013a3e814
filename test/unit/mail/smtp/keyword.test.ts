import { describe, expect, test } from "vitest";
import { hasKeyword, listenerKeywords, mechanismsOf } from "../../../../src/mail/smtp/keyword.ts";

const ALWAYS = ["8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING"];

describe("the keywords of a listener", () => {
  test.each<[string, string[][], string[]]>([
    ["the minimum without any list", [], ALWAYS],
    [
      "what the only server has, and no more",
      [
        [
          "SIZE 35882577",
          "8BITMIME",
          "STARTTLS",
          "AUTH XOAUTH2",
          "SMTPUTF8",
          "CHUNKING",
          "BINARYMIME",
          "DSN",
        ],
      ],
      ["SIZE 35882577", ...ALWAYS, "SMTPUTF8", "DSN", "CHUNKING"],
    ],
    [
      "what all servers have, and the smallest SIZE",
      [
        ["SIZE 157286400", "DSN", "CHUNKING"],
        ["SIZE 35882577", "SMTPUTF8", "CHUNKING"],
      ],
      ["SIZE 35882577", ...ALWAYS, "CHUNKING"],
    ],
    ["no SIZE where one server names none", [["SIZE 1000"], ["DSN"]], ALWAYS],
    ["no SIZE where one server has no limit", [["SIZE 1000"], ["SIZE 0"]], ALWAYS],
    ["no SIZE where it is no number", [["SIZE"], ["SIZE 1e9"], ["SIZE -5"]], ALWAYS],
    ["keywords in any case", [["size 1000", "smtputf8"]], ["SIZE 1000", ...ALWAYS, "SMTPUTF8"]],
  ])("are %s", (_what, lists, expected) => {
    expect(listenerKeywords(lists)).toEqual(expected);
  });

  test.each([
    "STARTTLS",
    "AUTH XOAUTH2 PLAIN",
    "XCLIENT NAME",
    "REQUIRETLS",
    "BURL imap",
    "ETRN",
    "CLIENTID",
  ])("never include %s", (keyword) => {
    expect(listenerKeywords([[keyword]])).toEqual(ALWAYS);
  });
});

test.each([
  [["AUTH LOGIN XOAUTH2"], ["LOGIN", "XOAUTH2"]],
  [["auth xoauth2"], ["xoauth2"]],
  [["AUTH=LOGIN PLAIN"], ["LOGIN", "PLAIN"]],
  [["AUTH"], []],
  [["AUTHX XOAUTH2", "SIZE 1"], []],
])("%j announces the mechanisms %j", (keywords, mechanisms) => {
  expect(mechanismsOf(keywords)).toEqual(mechanisms);
});

// Servers for very old clients repeat the list in the form of before RFC 2554, often shorter, and in either order.
test("the mechanisms of AUTH count though an AUTH= line for old clients comes first", () => {
  expect(mechanismsOf(["AUTH=LOGIN PLAIN", "AUTH LOGIN PLAIN XOAUTH2"])).toContain("XOAUTH2");
});

test("a keyword is a whole word", () => {
  expect(hasKeyword(["starttls", "SIZE 5"], "STARTTLS")).toBe(true);
  expect(hasKeyword(["XSTARTTLS", "STARTTLSX"], "STARTTLS")).toBe(false);
});
