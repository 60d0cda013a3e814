import { expect, test } from "vitest";
import { withhold } from "../../../src/errors/withhold.ts";

const SECRET = "ya29.a-token-of-some-length";

test.each([
  ["echoed", `I do not like ${SECRET} at all`, "I do not like [withheld] at all"],
  ["echoed twice", `${SECRET}${SECRET}`, "[withheld][withheld]"],
  ["echoed by its first half", `${SECRET.slice(0, 14)}...`, "[withheld]..."],
  ["not there", "Invalid credentials", "Invalid credentials"],
])("a secret that was %s is not in what is told", (_how, text, told) => {
  expect(withhold(text, SECRET)).toBe(told);
});

test("several secrets are taken out, and a secret with special characters is taken literally", () => {
  expect(withhold("a $&.*(secret) and another-one", "$&.*(secret)", "another-one")).toBe(
    "a [withheld] and [withheld]",
  );
});

test("a short text is no secret: it would hit by chance", () => {
  expect(withhold("an apple", "", "an")).toBe("an apple");
});
