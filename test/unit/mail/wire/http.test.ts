import { expect, test } from "vitest";
import { isHttp } from "../../../../src/mail/wire/http.ts";

test.each([
  "GET / HTTP/1.1",
  "POST / HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "CONNECT imap.example.com:993 HTTP/1.1",
  "PRI * HTTP/2.0",
  "PATCH /x HTTP/1.0",
  "get / http/1.1",
  "Host: 127.0.0.1:1587",
  "host:evil.example",
])("a browser is recognised by %j", (line) => {
  expect(isHttp(line)).toBe(true);
});

test.each([
  "a1 LOGIN alice secret",
  "GET LOGIN alice secret",
  "EHLO host:1",
  "MAIL FROM:<a@example.com>",
  "a1 LOGIN Host: x",
  "",
])("a mail program is not taken for one by %j", (line) => {
  expect(isHttp(line)).toBe(false);
});
