import { expect, test } from "vitest";
import {
  describeForeign,
  formatForeign,
  recogniseEarly,
  recogniseForeign,
} from "../../../../src/mail/wire/foreign-protocol.ts";

test.each([
  ["imap", "EHLO [127.0.0.1]", "smtp"],
  ["imap", "helo scanner", "smtp"],
  ["imap", "MAIL FROM:<alice@example.com>", "smtp"],
  ["imap", "USER alice@example.com", "pop3"],
  ["imap", "CAPA", "pop3"],
  ["imap", "APOP alice c4c9334bac560ecc979e58001b3e22fb", "pop3"],
  ["imap", "GET / HTTP/1.1", "http"],
  ["smtp", "a1 CAPABILITY", "imap"],
  ["smtp", "a1 LOGIN alice secret", "imap"],
  ["smtp", "1 authenticate plain", "imap"],
  ["smtp", 'a ID ("name" "x")', "imap"],
  ["smtp", "PASS secret", "pop3"],
  ["smtp", "Host: evil.example", "http"],
] as const)("on the %s port %j is %s", (port, line, spoken) => {
  expect(recogniseForeign(port, line)).toBe(spoken);
});

test.each([
  ["imap", "a1 LOGIN alice secret"],
  ["imap", "EHLO1 CAPABILITY"],
  ["imap", "CAPA CAPABILITY"],
  ["imap", "a1 USER"],
  ["imap", ""],
  ["smtp", "AUTH LOGIN"],
  ["smtp", "AUTH PLAIN AGEAYg=="],
  ["smtp", "EHLO LOGIN"],
  ["smtp", "NOOP LOGIN"],
  ["smtp", "MAIL FROM:<a@example.com>"],
  ["smtp", "EHLO id"],
  ["smtp", "Y2FwYQ=="],
] as const)("on the %s port %j is its own", (port, line) => {
  expect(recogniseForeign(port, line)).toBeUndefined();
});

test("what comes before the greeting is recognised by its first octets", () => {
  expect(recogniseEarly("imap", Buffer.from("160301020001", "hex"))).toBe("tls");
  expect(recogniseEarly("smtp", Buffer.from("a CAPABILITY\r\nb NOOP\r\n"))).toBe("imap");
  expect(recogniseEarly("smtp", Buffer.from("EHLO x\r\n"))).toBeUndefined();
  expect(recogniseEarly("smtp", Buffer.alloc(0))).toBeUndefined();
});

test("is told in one line, in which nothing of it is repeated", () => {
  expect(formatForeign("imap", "smtp")).toBe(
    "This is the IMAP port, and that was SMTP; check the port in the mail program",
  );
  expect(formatForeign("smtp", "tls")).toBe(
    "This is the SMTP port, and it takes no encryption; choose none in the mail program",
  );
  expect(describeForeign("imap", "pop3")).toBe("POP3 was spoken to the IMAP port");
});
