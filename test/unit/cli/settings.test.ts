import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { describeSettingsView, parseSetting } from "../../../src/cli/settings.ts";
import { contract } from "../../../src/control/contract.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

function fileWith(text: string): string {
  const path = join(createTemporaryFolder(), "secret");
  writeFileSync(path, text);
  return path;
}

describe("a setting", () => {
  test.each([
    ["imap-port", "0", { imapPort: 0 }],
    ["failure-style", "strict", { failureStyle: "strict" }],
    ["authority-file", "ca.pem", { authorityFile: resolve("ca.pem") }],
    ["authority-file", "none", { authorityFile: null }],
    ["system-authorities", "on", { systemAuthorities: true }],
    ["system-authorities", "off", { systemAuthorities: false }],
    ["sign-in-proxy", "none", { signInProxy: "none" }],
    ["sign-in-proxy", "http://proxy:3128", { signInProxy: "http://proxy:3128" }],
    ["mail-proxy", "environment", { mailProxy: "environment" }],
    ["mail-proxy", "https://DOMAIN%5Cme@proxy:3128/", { mailProxy: "https://DOMAIN%5Cme@proxy:3128/" }],
    ["mail-proxy", "socks5h://me@[::1]:1080", { mailProxy: "socks5://me@[::1]:1080" }],
    ["proxy-password", "none", { proxyPassword: null }],
  ])("%s %s is what the daemon takes", (name, value, change) => {
    expect(parseSetting(name, value)).toEqual(change);
    expect(contract["settings.change"].request.parse(parseSetting(name, value))).toEqual(change);
  });

  test.each([
    ["imap-port", "65536"],
    ["failure-style", "rude"],
    ["system-authorities", "yes"],
    ["mail-proxy", "proxy"],
    ["mail-proxy", "http://proxy"],
    ["mail-proxy", "http://proxy:0"],
    ["mail-proxy", "http://proxy:65536"],
    ["mail-proxy", "socks4://proxy:1080"],
    ["sign-in-proxy", ""],
    ["nonsense", "1"],
  ])("%s %j is refused", async (name, value) => {
    expect((await failureOf(() => parseSetting(name, value))).code).toBe("request-invalid");
  });
});

describe("the proxy's password", () => {
  test.each([["sesame"], ["sesame\n"], ["sesame\r\nsecond line"], ["\uFEFFsesame\r\n"]])(
    "is the first line of a file: %j",
    (text) => {
      expect(parseSetting("proxy-password", fileWith(text))).toEqual({ proxyPassword: "sesame" });
    },
  );

  test("keeps its spaces", () => {
    expect(parseSetting("proxy-password", fileWith(" open sesame \n"))).toEqual({
      proxyPassword: " open sesame ",
    });
  });

  test.each([
    ["an empty file", () => fileWith("")],
    ["an empty line", () => fileWith("\nsesame")],
    ["too much", () => fileWith("x".repeat(1025))],
    ["no file", () => join(createTemporaryFolder(), "sesame")],
  ])("%s is refused, and nothing of it repeated", async (_what, path) => {
    const failure = await failureOf(() => parseSetting("proxy-password", path()));
    expect(failure.code).toBe("request-invalid");
    expect(failure.message).not.toMatch(/sesame|xxx/);
  });

  test.each([
    "http://me:sesame@proxy:3128",
    "me:sesame@proxy:3128",
    "socks5://me:ses@me@proxy:1080",
    "socks5://:sesame@proxy:1080",
  ])("in an address (%s) is refused with what to do, and not repeated", async (address) => {
    const failure = await failureOf(() => parseSetting("mail-proxy", address));
    expect(failure.code).toBe("request-invalid");
    expect(failure.message).toContain("postern settings set proxy-password FILE");
    expect(failure.message).not.toMatch(/sesame|ses@me/);
  });
});

test("all settings but the password are shown", () => {
  const text = describeSettingsView({
    imapPort: 2143,
    smtpPort: 2587,
    failureStyle: "gentle",
    systemAuthorities: false,
    signInProxy: "environment",
    mailProxy: "http://me@proxy:3128",
    notifications: false,
    language: "ja",
  });
  expect(text).toBe(
    [
      "imap-port           2143",
      "smtp-port           2587",
      "failure-style       gentle",
      "authority-file      none",
      "system-authorities  off",
      "sign-in-proxy       environment",
      "mail-proxy          http://me@proxy:3128",
      "notifications       off",
      "language            ja",
    ].join("\n"),
  );
});
