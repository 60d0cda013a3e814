// A proxy setting, as a person chooses it; the address must be one that the daemon takes.
import { expect, test } from "vitest";
import { formatProxy, parseProxy } from "../../../renderer/screens/settings/proxy-choice.ts";
import { proxySchema } from "../../../src/control/settings-shapes.ts";

test.each(["none", "environment", "http://proxy.example:3128", "socks5://alice@proxy.example:1080"])(
  "%s survives both ways",
  (setting) => {
    expect(formatProxy(parseProxy(setting))).toBe(setting);
  },
);

test.each([
  "http://proxy.example:3128",
  "https://[::1]:3128/",
  "socks5://alice@proxy:1",
  "proxy.example:3128",
  "http://proxy.example",
  "http://alice:secret@proxy.example:3128",
  "ftp://proxy:1",
  "http://proxy:3128/path",
])("the page and the daemon agree about %s", (address) => {
  const isTaken = proxySchema.safeParse(address).success;
  expect(formatProxy({ kind: "address", address }) !== undefined).toBe(isTaken);
});

test("an address that is not finished is none yet", () => {
  expect(formatProxy({ kind: "address", address: "http://" })).toBeUndefined();
  expect(formatProxy({ kind: "address", address: "" })).toBeUndefined();
});
