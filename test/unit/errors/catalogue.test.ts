import { expect, test } from "vitest";
import { catalogue, describe, isErrorCode } from "../../../src/errors/catalogue.ts";

const codes = Object.keys(catalogue).filter(isErrorCode);

test.each(codes)("%s has a sentence, an action, and a line for the wire that fits any protocol", (code) => {
  const { sentence, action, wire } = describe(code);
  expect(sentence).toMatch(/^[A-Z].*\.$/s);
  expect(action).toMatch(/^[A-Z]/);
  // RFC 9051 §9 resp-text may not start with "[": it would be taken for a response code.
  expect(wire).toMatch(/^[A-Za-z0-9][\x20-\x7e]{0,149}$/);
});

test.each(["constructor", "toString", "__proto__", "nonsense"])("%s is no code", (text) => {
  expect(isErrorCode(text)).toBe(false);
});
