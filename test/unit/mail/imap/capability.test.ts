import { describe, expect, test } from "vitest";
import {
  filterCapabilities,
  hasCapability,
  LISTENER_CAPABILITIES,
  mechanismsOf,
  parseCapabilities,
} from "../../../../src/mail/imap/capability.ts";

describe("the capabilities that reach the mail program after the login", () => {
  test.each([
    "AUTH=PLAIN",
    "auth=xoauth2",
    "LOGINDISABLED",
    "STARTTLS",
    "LOGIN-REFERRALS",
    "MAILBOX-REFERRALS",
    "UNAUTHENTICATE",
    "SASL-IR",
  ])("are without %s", (capability) => {
    expect(filterCapabilities(["IMAP4rev1", capability, "IDLE"])).toEqual(["IMAP4rev1", "IDLE"]);
  });

  test("keep what the splice carries as well as the server does", () => {
    const kept = parseCapabilities(
      "IMAP4rev1 COMPRESS=DEFLATE ID IDLE ENABLE LITERAL- CONDSTORE QRESYNC X-GM-EXT-1 APPENDLIMIT=35651584",
    );
    expect(filterCapabilities(kept)).toEqual(kept);
  });
});

test.each(["STARTTLS", "LOGINDISABLED", "AUTH=XOAUTH2", "AUTH=OAUTHBEARER"])(
  "the listener itself does not announce %s",
  (capability) => {
    expect(LISTENER_CAPABILITIES.split(" ")).not.toContain(capability);
  },
);

test("words that are no capabilities are left out, so that they cannot break out of a response code", () => {
  expect(parseCapabilities(`IMAP4rev1  a]b {5} "x" (y) \\z \x01w \xff ok ${"l".repeat(101)}`)).toEqual([
    "IMAP4rev1",
    "ok",
  ]);
});

test("mechanisms and capabilities are found in any case", () => {
  const capabilities = ["imap4rev1", "Auth=XOAUTH2", "AUTH=plain"];
  expect(mechanismsOf(capabilities)).toEqual(["XOAUTH2", "plain"]);
  expect(hasCapability(capabilities, "IMAP4REV1")).toBe(true);
  expect(hasCapability(["IMAP4rev1x"], "IMAP4REV1")).toBe(false);
});
