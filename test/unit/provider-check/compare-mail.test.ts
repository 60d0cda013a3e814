// What mail servers announce, beside what a preset says.
import { describe, expect, test } from "vitest";
import { compareMailServer, type MailExpectation } from "../../../src/provider-check/compare-mail.ts";
import { groupFindings } from "../../../src/provider-check/findings.ts";

const IMAP: MailExpectation = {
  path: "mail.imap",
  protocol: "imap",
  place: { host: "imap.example.test", port: 993, tls: "implicit" },
  accepts: ["oauth"],
  mechanism: "auto",
  behaviours: undefined,
  messageMegabytes: undefined,
};
const SMTP: MailExpectation = {
  ...IMAP,
  path: "mail.smtp",
  protocol: "smtp",
  place: { host: "smtp.example.test", port: 587, tls: "starttls" },
};

function compare(expected: MailExpectation, ...announced: readonly string[]) {
  return groupFindings(compareMailServer(expected, { kind: "answered", announced }));
}

describe("OAuth", () => {
  test.each([
    [IMAP, ["IMAP4rev1", "AUTH=XOAUTH2"]],
    [IMAP, ["IMAP4rev1", "auth=oauthbearer", "AUTH=PLAIN"]],
    [SMTP, ["AUTH LOGIN XOAUTH2"]],
    [SMTP, ["AUTH=LOGIN OAUTHBEARER"]],
    [{ ...IMAP, mechanism: "xoauth2" as const }, ["AUTH=XOAUTH2", "AUTH=OAUTHBEARER"]],
  ])("agrees where a fitting mechanism is announced", (expected, announced) => {
    const report = compare(expected, ...announced);
    expect([report.differences, report.learned]).toEqual([[], []]);
    expect(report.agreements).toHaveLength(2);
  });

  test("differs where none is announced, and says what is", () => {
    expect(compare(IMAP, "IMAP4rev1", "AUTH=PLAIN").differences).toEqual([
      {
        verdict: "differs",
        path: "mail.imap.accepts",
        sentence: "imap.example.test:993 does not announce XOAUTH2 or OAUTHBEARER.",
        preset: "XOAUTH2 OAUTHBEARER",
        live: "PLAIN",
      },
    ]);
  });

  test("differs where only the other mechanism is announced", () => {
    expect(compare({ ...IMAP, mechanism: "xoauth2" }, "AUTH=OAUTHBEARER").differences).toHaveLength(1);
  });

  test("that the preset says is not announced agrees by not being there, and differs once it is", () => {
    const yandex = { ...IMAP, behaviours: ["xoauth2-not-advertised"] as const };
    expect(compare(yandex, "IMAP4rev1", "AUTH=PLAIN").differences).toEqual([]);
    expect(compare(yandex, "AUTH=XOAUTH2").differences).toEqual([
      expect.objectContaining({ path: "mail.behaviours", live: "XOAUTH2" }),
    ]);
  });

  test("differs once a server that had only XOAUTH2 announces OAUTHBEARER too", () => {
    const microsoft = { ...IMAP, mechanism: "xoauth2", behaviours: ["no-oauthbearer"] } as const;
    expect(compare(microsoft, "AUTH=XOAUTH2", "AUTH=PLAIN").differences).toEqual([]);
    expect(compare(microsoft, "AUTH=XOAUTH2", "AUTH=OAUTHBEARER").differences).toEqual([
      expect.objectContaining({ path: "mail.behaviours" }),
    ]);
  });

  test("at a provider that was thought to take passwords only is news", () => {
    const gmx = { ...IMAP, accepts: ["password"] } as const;
    expect(compare(gmx, "AUTH=PLAIN", "AUTH=XOAUTH2").learned).toEqual([
      expect.objectContaining({ path: "mail.imap.accepts" }),
    ]);
    expect(compare(gmx, "AUTH=PLAIN").learned).toEqual([]);
  });
});

describe("passwords", () => {
  const imap = { ...IMAP, accepts: ["app-password"] } as const;
  const smtp = { ...SMTP, accepts: ["password"] } as const;

  test.each([
    [imap, ["AUTH=PLAIN"]],
    [imap, ["IMAP4rev1"]],
    [imap, ["AUTH=LOGIN", "LOGINDISABLED"]],
    [smtp, ["AUTH PLAIN"]],
  ])("are taken by a server that says so, or has LOGIN", (expected, announced) => {
    expect(compare(expected, ...announced).differences).toEqual([]);
  });

  test.each([
    [imap, ["IMAP4rev1", "LOGINDISABLED", "AUTH=XOAUTH2"]],
    [smtp, ["AUTH XOAUTH2"]],
    [smtp, ["8BITMIME"]],
  ])("are missed where there is no way for them", (expected, announced) => {
    expect(compare(expected, ...announced).differences).toEqual([
      expect.objectContaining({ path: `${expected.path}.accepts` }),
    ]);
  });
});

describe("the size of a message", () => {
  const smtp = { ...SMTP, messageMegabytes: 25 };
  test.each([
    ["SIZE 35882577", 0],
    ["SIZE 25000000", 0],
    ["SIZE 10485760", 1],
    ["SIZE 0", 0],
    ["SIZE", 0],
    ["SIZE -5", 0],
  ])("%s makes %i difference to 25 MB", (keyword, count) => {
    expect(compare(smtp, "AUTH XOAUTH2", keyword).differences).toHaveLength(count);
  });
});

test("POP3 is asked for no more than its greeting", () => {
  const report = compare({ ...IMAP, path: "mail.pop3", protocol: "pop3" });
  expect(report.agreements.map(({ path }) => path)).toEqual(["mail.pop3"]);
  expect(report.differences).toEqual([]);
});

test("what a server shows is a difference, what the network does is not", () => {
  const shown = groupFindings(compareMailServer(IMAP, { kind: "contradicts", reason: "another name" }));
  expect(shown.differences).toEqual([expect.objectContaining({ path: "mail.imap", live: "another name" })]);
  const silent = groupFindings(compareMailServer(IMAP, { kind: "silent", reason: "ETIMEDOUT" }));
  expect([silent.differences, silent.agreements]).toEqual([[], []]);
  expect(silent.notAsked).toHaveLength(1);
});
