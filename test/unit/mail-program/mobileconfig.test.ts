// The profile for Apple Mail, read by a property list reader that is not ours.
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatMobileconfig } from "../../../src/mail-program/mobileconfig.ts";
import { createAccess } from "./access.ts";

const READ = `
import json, plistlib, sys
print(json.dumps([plistlib.loads(text.encode()) for text in json.load(sys.stdin)]))
`;

/** Python's plistlib, once for all. */
function readPropertyLists(texts: readonly string[]): Record<string, unknown>[] {
  const { stdout, stderr, status } = spawnSync("python3", ["-I", "-c", READ], {
    input: JSON.stringify(texts),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) process.stderr.write("LEFT OUT: the profile in plistlib: there is no python3 here\n");

function profile(email: string, password = "secret"): string {
  const text = formatMobileconfig(createAccess({ email }), password);
  if (text === undefined) throw new Error("no profile");
  return text;
}

test.runIf(hasPython)("Apple Mail finds both servers, without TLS, and the password for both", () => {
  const [read] = readPropertyLists([profile("alice@example.org", "k7dq-m2xw")]);
  expect(read).toMatchObject({
    PayloadType: "Configuration",
    PayloadContent: [
      {
        PayloadType: "com.apple.mail.managed",
        EmailAccountType: "EmailTypeIMAP",
        EmailAddress: "alice@example.org",
        IncomingMailServerHostName: "127.0.0.1",
        IncomingMailServerPortNumber: 2143,
        IncomingMailServerUseSSL: false,
        IncomingMailServerUsername: "alice@example.org",
        IncomingPassword: "k7dq-m2xw",
        OutgoingMailServerHostName: "127.0.0.1",
        OutgoingMailServerPortNumber: 2587,
        OutgoingMailServerUseSSL: false,
        OutgoingMailServerUsername: "alice@example.org",
        OutgoingPasswordSameAsIncomingPassword: true,
      },
    ],
  });
});

test.runIf(hasPython)("whatever stands in an address or a password is what Apple Mail gets", () => {
  const printable = fc.string({ unit: "grapheme" }).filter((text) => !/\p{Cc}/u.test(text));
  const samples = fc.sample(fc.tuple(printable, printable), { numRuns: 300, seed: 20 });
  samples.push(["</string>&amp;<!--", "]]>"], [`+'"%\\ `, "\ud800"]);
  const read = readPropertyLists(samples.map(([email, password]) => profile(email, password)));
  const found = read.map(({ PayloadContent }) => (PayloadContent as Record<string, string>[])[0]);
  expect(found.map((one) => [one?.EmailAddress, one?.IncomingPassword])).toEqual(
    samples.map((pair) => pair.map((text) => text.toWellFormed().replace(/[\ufffe\uffff]/g, "\ufffd"))),
  );
});

test("a second profile for the same account takes the place of the first; another account's does not", () => {
  const uuids = (text: string): string[] => text.match(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g) ?? [];
  const first = uuids(profile("alice@example.org", "one"));
  expect(uuids(profile("alice@example.org", "two"))).toEqual(first);
  const others = uuids(profile("alicf@example.org"));
  expect(first.filter((uuid) => others.includes(uuid))).toEqual([]);
  expect(new Set(first).size).toBe(2);
  for (const uuid of first) expect(uuid).toMatch(/^.{14}8.{4}[89AB]/);
});
