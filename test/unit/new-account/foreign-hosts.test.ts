// Hosts outside the address's own domain are shown before they are used, however the address is written.
import { expect, test } from "vitest";
import { foreignHosts } from "../../../src/new-account/foreign-hosts.ts";
import { toSettings } from "../../../src/new-account/settings.ts";
import { FOUND } from "../cli/account-add-rig.ts";

function foreignFor(email: string, host: string): readonly string[] {
  const server = { host, port: 993, tls: "implicit" } as const;
  const discovery = { ...FOUND, imap: server, smtp: server, issuer: `https://${host}` };
  const given = { email };
  const settings = toSettings(discovery, given);
  if (settings === undefined) throw new Error("incomplete");
  return foreignHosts(given, settings, discovery);
}

test.each([
  ["alice@example.test", "imap.example.test"],
  ["alice@EXAMPLE.test", "example.test"],
  ["alice@bücher.example", "imap.xn--bcher-kva.example"],
])("%s may use %s without being asked", (email, host) => {
  expect(foreignFor(email, host)).toEqual([]);
});

test.each([
  ["alice@example.test", "imap.example.org"],
  ["alice@example.test", "evilexample.test"],
  ["alice@example.test", "example.test.evil.example"],
  ["alice@evil.example/.example.test", "imap.evil.example"],
  ["alice@evil.example#.example.test", "imap.evil.example"],
])("%s is asked about %s", (email, host) => {
  expect(foreignFor(email, host)).toEqual([host]);
});
