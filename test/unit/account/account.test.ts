import { describe, expect, test } from "vitest";
import { canonicalUserName } from "../../../src/account/account.ts";

describe("two user names mean the same account", () => {
  test.each([
    ["in any case", "Alice@Example.COM", "alice@example.com"],
    ["with spaces around", " alice@example.com ", "alice@example.com"],
    ["composed or not", "jürgen@example.com", "ju\u0308rgen@example.com"],
    ["with the domain in its ASCII form", "a@bücher.example", "a@xn--bcher-kva.example"],
    ["with the domain in its ASCII form, in any case", "a@BÜCHER.example", "A@XN--BCHER-KVA.EXAMPLE"],
    ["with the domain not composed", "a@bu\u0308cher.example", "a@bücher.example"],
    ["without a domain, in any case", "Alice", "alice"],
  ])("%s", (_how, left, right) => {
    expect(canonicalUserName(left)).toBe(canonicalUserName(right));
  });
});

describe("two user names mean different accounts", () => {
  test.each([
    ["by the local part", "alice@example.com", "alicia@example.com"],
    ["by the domain", "alice@example.com", "alice@example.org"],
    ["by a letter that only looks the same", "alice@example.com", "\u0430lice@example.com"],
    ["by an accent", "jurgen@example.com", "jürgen@example.com"],
    ["by a tag", "alice+tag@example.com", "alice@example.com"],
    ["by a dot", "a.lice@example.com", "alice@example.com"],
    ["by having a domain at all", "alice", "alice@example.com"],
    ["by what follows the domain", "alice@example.com/evil", "alice@example.com"],
    ["by a dot in disguise", "alice@example%2ecom", "alice@example.com"],
    ["by a domain that is none", "alice@exa mple.com", "alice@"],
    ["by a second at sign", '"a@b"@example.com', "a@example.com"],
    ["by a NUL", "alice@example.com\0", "alice@example.com"],
  ])("%s", (_how, left, right) => {
    expect(canonicalUserName(left)).not.toBe(canonicalUserName(right));
  });
});
