import { describe, expect, test } from "vitest";
import { parsePlain } from "../../../../src/mail/sasl/plain.ts";

function read(message: string | Buffer): unknown {
  const parsed = parsePlain(Buffer.from(message as string));
  return parsed.kind === "credentials"
    ? [parsed.credentials.authcid, parsed.credentials.localPassword.reveal()]
    : parsed.kind;
}

describe("a PLAIN message", () => {
  test.each([
    ["without authzid", "\0alice\0secret", ["alice", "secret"]],
    ["with an authzid that says the same", "alice\0alice\0secret", ["alice", "secret"]],
    ["with an empty password, which is then simply wrong", "\0alice\0", ["alice", ""]],
    ["with UTF-8", "\0jürgen\0pässword €", ["jürgen", "pässword €"]],
    ["with spaces and quotes in the password", '\0alice\0p w"\\', ["alice", 'p w"\\']],
  ])("is read %s", (_what, message, expected) => {
    expect(read(message)).toEqual(expected);
  });

  test.each([
    ["another person", "victim\0alice\0secret"],
    ["the same person in another spelling", "Alice\0alice\0secret"],
  ])("is refused when it asks to act for %s (RFC 4616 §2)", (_what, message) => {
    expect(read(message)).toBe("foreign-authzid");
  });

  test.each([
    ["nothing", ""],
    ["one field", "alice"],
    ["two fields", "\0alice"],
    ["four fields", "\0alice\0secret\0more"],
    ["no authcid, which must not fall back to the authzid", "alice\0\0secret"],
  ])("is malformed with %s", (_what, message) => {
    expect(read(message)).toBe("malformed");
  });
});
