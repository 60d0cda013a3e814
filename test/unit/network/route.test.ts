import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { formatHostAndPort, isSameRoute, parseProxy } from "../../../src/network/route.ts";
import { proxyPassword } from "../../../src/secret/secret.ts";

describe("a proxy's address", () => {
  test.each([
    ["http://proxy.example.com:3128", { kind: "connect", tls: false, host: "proxy.example.com", port: 3128 }],
    ["http://proxy:3128/", { kind: "connect", tls: false, host: "proxy", port: 3128 }],
    ["HTTP://proxy:3128", { kind: "connect", tls: false, host: "proxy", port: 3128 }],
    ["proxy:3128", { kind: "connect", tls: false, host: "proxy", port: 3128 }],
    ["proxy", { kind: "connect", tls: false, host: "proxy", port: 80 }],
    ["https://proxy", { kind: "connect", tls: true, host: "proxy", port: 443 }],
    ["http://[2001:db8::1]:3128", { kind: "connect", tls: false, host: "2001:db8::1", port: 3128 }],
    ["socks5://127.0.0.1:1081", { kind: "socks5", host: "127.0.0.1", port: 1081 }],
    ["socks5h://proxy", { kind: "socks5", host: "proxy", port: 1080 }],
    ["socks://proxy:9050/", { kind: "socks5", host: "proxy", port: 9050 }],
    [
      "http://DOMAIN%5Cme@proxy:1",
      { kind: "connect", tls: false, host: "proxy", port: 1, user: "DOMAIN\\me" },
    ],
  ])("%s", (text, proxy) => {
    expect(parseProxy(text)).toEqual(proxy);
  });

  test.each([
    ["http://me:sesame@proxy:1", "me", "sesame"],
    ["http://me:p%40ss%3A%2F@proxy:1", "me", "p@ss:/"],
    // As people write it who do not know that it should be escaped.
    ["socks5://me:p@ss/word:1@proxy:1", "me", "p@ss/word:1"],
  ])("%s has a user and a password", (text, user, password) => {
    const proxy = parseProxy(text);
    expect(proxy?.user).toBe(user);
    expect(proxy?.password?.reveal()).toBe(password);
    expect(proxy).toMatchObject({ host: "proxy", port: 1 });
    expect(inspect(proxy) + JSON.stringify(proxy)).not.toContain(password);
  });

  test.each([
    "",
    "socks4://proxy:1080",
    "ftp://proxy:21",
    "http://proxy:0",
    "http://proxy:65536",
    "http://proxy:port",
    "http://:3128",
    "http://proxy:3128/path",
    "http://two words:3128",
    "http://@proxy:3128",
    "http://:secret@proxy:3128",
    "http://%0D%0A@proxy:3128",
    "http://a%3Ab@proxy:3128",
    "http://me:%0a@proxy:3128",
    "http://%E0%A4@proxy:3128",
    "http://pröxy:3128",
    "2001:db8::1",
  ])("%j is none", (text) => {
    expect(parseProxy(text)).toBeUndefined();
  });
});

test("an IPv6 address stands in brackets before a port", () => {
  expect(formatHostAndPort({ host: "mail.example.com", port: 993 })).toBe("mail.example.com:993");
  expect(formatHostAndPort({ host: "::1", port: 993 })).toBe("[::1]:993");
});

describe("two routes are the same", () => {
  const one = parseProxy("http://me:secret@proxy:3128") ?? { kind: "direct" };

  test("when all of them is", () => {
    expect(isSameRoute(one, { ...one, password: proxyPassword("secret") } as typeof one)).toBe(true);
    expect(isSameRoute({ kind: "direct" }, { kind: "direct" })).toBe(true);
  });

  test.each([
    "http://me:other@proxy:3128",
    "http://me@proxy:3128",
    "http://you:secret@proxy:3128",
    "http://me:secret@proxy:3129",
    "http://me:secret@other:3128",
    "https://me:secret@proxy:3128",
    "socks5://me:secret@proxy:3128",
  ])("but not for %s", (text) => {
    expect(isSameRoute(one, parseProxy(text) ?? one)).toBe(false);
    expect(isSameRoute(one, { kind: "direct" })).toBe(false);
  });
});
