import { describe, expect, test } from "vitest";
import { chooseRoute, type Environment } from "../../../src/network/choose-route.ts";
import { formatHostAndPort } from "../../../src/network/route.ts";
import { failureOf } from "../../support/failure-of.ts";

const IMAP = { host: "imap.example.com", port: 993 };

/** "direct", or the proxy's host and port. */
function way(setting: string, environment: Environment, target = IMAP): string {
  const route = chooseRoute(setting, environment, target);
  return route.kind === "direct" ? "direct" : formatHostAndPort(route);
}

describe("the way to a server", () => {
  test.each<[string, string, Environment, string]>([
    ["none", "none", { HTTPS_PROXY: "http://corp:1" }, "direct"],
    ["an empty environment", "environment", {}, "direct"],
    ["HTTPS_PROXY", "environment", { HTTPS_PROXY: "http://corp:1" }, "corp:1"],
    ["https_proxy", "environment", { https_proxy: "http://corp:1" }, "corp:1"],
    ["ALL_PROXY", "environment", { ALL_PROXY: "socks5://corp:1" }, "corp:1"],
    ["all_proxy", "environment", { all_proxy: "socks5://corp:1" }, "corp:1"],
    [
      "HTTPS_PROXY before ALL_PROXY",
      "environment",
      { HTTPS_PROXY: "corp:1", ALL_PROXY: "socks5://corp:2" },
      "corp:1",
    ],
    ["lower case first", "environment", { HTTPS_PROXY: "corp:1", https_proxy: "corp:2" }, "corp:2"],
    ["an empty variable says nothing", "environment", { https_proxy: "", ALL_PROXY: "corp:2" }, "corp:2"],
    ["HTTP_PROXY is for unencrypted pages", "environment", { HTTP_PROXY: "corp:1" }, "direct"],
    ["an address", "http://mine:3128", { HTTPS_PROXY: "corp:1" }, "mine:3128"],
    ["NO_PROXY counts for an address too", "http://mine:3128", { NO_PROXY: "example.com" }, "direct"],
    ["no_proxy first", "http://mine:3128", { NO_PROXY: "*", no_proxy: "other.example" }, "mine:3128"],
  ])("%s", (_name, setting, environment, expected) => {
    expect(way(setting, environment)).toBe(expected);
  });

  test.each(["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST.", "a.localhost"])(
    "this machine (%s) is reached straight, unless a proxy was set for it by hand",
    (host) => {
      const target = { host, port: 993 };
      expect(way("environment", { HTTPS_PROXY: "corp:1" }, target)).toBe("direct");
      expect(way("http://mine:3128", {}, target)).toBe("mine:3128");
    },
  );

  test.each(["localhost.example.com", "128.0.0.1", "::2", "notlocalhost"])(
    "%s is not this machine",
    (host) => {
      expect(way("environment", { HTTPS_PROXY: "corp:1" }, { host, port: 993 })).toBe("corp:1");
    },
  );
});

describe("NO_PROXY", () => {
  test.each<[list: string, host: string, expected: boolean]>([
    ["*", "imap.example.com", true],
    ["*:143", "imap.example.com", false],
    ["example.com", "imap.example.com", true],
    ["example.com", "example.com", true],
    [".example.com", "example.com", true],
    ["*.example.com", "imap.example.com", true],
    ["Example.COM.", "imap.example.com", true],
    ["example.com", "IMAP.example.com.", true],
    ["example.com", "notexample.com", false],
    ["imap.example.com", "example.com", false],
    ["example.com:993", "imap.example.com", true],
    ["example.com:143", "imap.example.com", false],
    ["other.example, example.com", "imap.example.com", true],
    ["other.example example.com", "imap.example.com", true],
    ["10.1.2.3", "10.1.2.3", true],
    ["10.1.2.3:993", "10.1.2.3", true],
    ["10.1.2.3:143", "10.1.2.3", false],
    ["10.1.2.3", "10.1.2.4", false],
    ["2.3", "10.1.2.3", false],
    ["10.0.0.0/8", "10.200.2.3", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.0.0.1", true],
    ["10.0.0.0/8", "ten.example.com", false],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["[::1]:993", "::1", true],
    ["[::1]:143", "::1", false],
    ["2001:db8::/32", "2001:db8:1::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["", "imap.example.com", false],
    [",", "imap.example.com", false],
    [".", "imap.example.com", false],
    // Not understood, so they except nothing, and the rest of the list still counts.
    ["10.0.0.0/99,example.com", "imap.example.com", true],
    ["10.0.0.0/99", "10.0.0.1", false],
    ["10.0.0.0/8/8", "10.0.0.1", false],
    ["10.0.0.0/-1", "10.0.0.1", false],
    ["<local>", "imap.example.com", false],
    ["example.com/8", "imap.example.com", false],
  ])("%j and %s: %s", (list, host, expected) => {
    const target = { host, port: 993 };
    expect(way("http://mine:3128", { NO_PROXY: list }, target)).toBe(expected ? "direct" : "mine:3128");
  });
});

describe("what cannot be understood is a failure", () => {
  test.each<[string, string, Environment, RegExp]>([
    ["in HTTPS_PROXY", "environment", { HTTPS_PROXY: "http://me:hidden@" }, /^HTTPS_PROXY is not/],
    ["in all_proxy", "environment", { all_proxy: "socks4://me:hidden@corp:1080" }, /^all_proxy is not/],
    ["in the setting", "http//corp", {}, /^the setting is not/],
    ["an empty setting", "", {}, /^the setting is not/],
    ["a password in the setting", "http://me:hidden@corp:1", {}, /keychain/],
  ])("%s", async (_name, setting, environment, detail) => {
    const failure = await failureOf(() => chooseRoute(setting, environment, IMAP));
    expect(failure.code).toBe("proxy-invalid");
    expect(failure.detail).toMatch(detail);
    expect(failure.message).not.toContain("hidden");
  });

  test("but not where it would not have been used", () => {
    const environment = { HTTPS_PROXY: "nonsense://", NO_PROXY: "example.com" };
    expect(way("environment", environment)).toBe("direct");
    expect(way("none", environment)).toBe("direct");
    expect(way("environment", environment, { host: "localhost", port: 993 })).toBe("direct");
  });
});
