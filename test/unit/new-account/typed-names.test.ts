// Names of servers and mailboxes, in the ways in which people write them.
import { describe, expect, it } from "vitest";
import { parseHost } from "../../../src/new-account/host.ts";
import { isSameAddress } from "../../../src/new-account/same-address.ts";

describe("a mail server's name", () => {
  it.each([
    ["imap.example.org", "imap.example.org"],
    [" imap.example.org ", "imap.example.org"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["::1", "::1"],
    ["192.0.2.1", "192.0.2.1"],
    ["bücher.example", "xn--bcher-kva.example"],
  ])("%s is %s", (typed, host) => {
    expect(parseHost(typed)).toBe(host);
  });

  it.each([
    "",
    "imap.example.org:993",
    "https://imap.example.org",
    "imap..example.org",
    "[imap]",
    "a b",
    "ü/x",
    `${"a".repeat(254)}`,
  ])("%s is none", (typed) => {
    expect(parseHost(typed)).toBeUndefined();
  });
});

describe("two addresses", () => {
  it.each([
    ["Alice@Example.ORG", "alice@example.org"],
    ["x@bücher.example", "x@XN--bcher-kva.example"],
    ["cafe\u0301@example.org", "café@example.org"],
    [" alice@example.org", "alice@example.org"],
  ])("%s and %s are one mailbox", (one, other) => {
    expect(isSameAddress(one, other)).toBe(true);
  });

  it.each([
    ["alice@example.org", "alice@example.com"],
    ["a@x/y", "a@x"],
    ["a@x%2ey", "a@x.y"],
    ["alice", "alice@example.org"],
  ])("%s and %s are not", (one, other) => {
    expect(isSameAddress(one, other)).toBe(false);
  });
});
