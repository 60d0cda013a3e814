import { expect, test } from "vitest";
import { isSameText } from "../../../src/secret/same-text.ts";

test.each([
  ["", "", true],
  ["Bearer secret", "Bearer secret", true],
  ["Bearer secret", "Bearer secreT", false],
  ["Bearer secret", "Bearer secret ", false],
  ["Bearer secret", "", false],
  ["Bearer secret", "Bearer secret, Bearer secret", false],
  ["é", "e\u0301", false],
])("%j and %j are the same: %s, and no length throws", (left, right, same) => {
  expect(isSameText(left, right)).toBe(same);
});
