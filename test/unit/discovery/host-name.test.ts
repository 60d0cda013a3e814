import { describe, expect, test } from "vitest";
import { domainOf } from "../../../src/discovery/host-name.ts";
import { isHostName } from "../../../src/provider/domain.ts";

describe("a host name", () => {
  test.each([
    "imap.example.test",
    "localhost",
    "a-b.x1.example",
    "xn--bcher-kva.example",
    "IMAP.Example.Test",
  ])("may be %s", (name) => {
    expect(isHostName(name)).toBe(true);
  });

  test.each([
    ["an address", "127.0.0.1"],
    ["an address in short", "127.1"],
    ["an address in hexadecimal", "0x7f000001"],
    ["an IPv6 address", "::1"],
    ["nothing", ""],
    ["the root", "."],
    ["a name with a space", "a b.test"],
    ["a name with a slash", "a/b.test"],
    ["a name with a user", "a@b.test"],
    ["a name with a port", "a.test:993"],
    ["a name with a line end", "a.test\r\nX"],
    ["a name with a line end at its end", "a.test\n"],
    ["a name with an underscore", "_imaps._tcp.test"],
    ["a label of 64 characters", `${"x".repeat(64)}.test`],
    ["4,000 octets", "x.".repeat(2000)],
    ["254 octets", `${"a.".repeat(125)}test`],
    ["a label that begins with a hyphen", "-a.test"],
    ["two dots", "a..test"],
  ])("is not %s", (_what, name) => {
    expect(isHostName(name)).toBe(false);
  });
});

describe("the domain of an address", () => {
  test.each([
    ["alice@Example.TEST", "example.test"],
    ["alice@bücher.example", "xn--bcher-kva.example"],
    ['"a@b"@example.test', "example.test"],
    ["alice@localhost", "localhost"],
  ])("of %s is %s", (email, domain) => {
    expect(domainOf(email)).toBe(domain);
  });

  test.each([
    "alice@127.0.0.1",
    "alice@[127.0.0.1]",
    "alice@a.test/b",
    "alice@a.test:1",
    "alice@a.test?b",
    "alice@",
    "alice@example.test.",
    "alice@example.test ",
    "alice@exa\u00admple.test",
    "alice@exa%6dple.test",
    "alice@example.test\n",
  ])("of %s is none", (email) => {
    expect(domainOf(email)).toBeUndefined();
  });
});
