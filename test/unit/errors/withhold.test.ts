import { expect, test } from "vitest";
import { withhold } from "../../../src/errors/withhold.ts";

const SECRET = "ya29.a-token-of-some-length";

test.each([
  ["echoed", `I do not like ${SECRET} at all`, "I do not like [withheld] at all"],
  ["echoed twice", `${SECRET}${SECRET}`, "[withheld][withheld]"],
  ["echoed by its first half", `${SECRET.slice(0, 14)}...`, "[withheld]..."],
  ["echoed by its second half", `...${SECRET.slice(13)}`, "...[withheld]"],
  ["echoed by a piece from its middle", `<${SECRET.slice(5, 20)}>`, "<[withheld]>"],
  ["echoed twice, apart", `${SECRET} and ${SECRET}`, "[withheld] and [withheld]"],
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

test.each([
  ["in a URL", "1//0abc/def+ghi=jkl", "1%2F%2F0abc%2Fdef%2Bghi%3Djkl"],
  ["in a form", "a secret & its <kind>", "a+secret+%26+its+%3Ckind%3E"],
  ["in a page", "a secret & its <kind>", "a secret &amp; its &lt;kind&gt;"],
  ["in JSON", 'quoted "secret" text', 'quoted \\"secret\\" text'],
  ["in JSON that escapes slashes", "1//0abc/def/ghi", "1\\/\\/0abc\\/def\\/ghi"],
])("a secret that was echoed as it is written %s is not in what is told", (_where, secret, written) => {
  expect(withhold(`it said ${written}, and no more`, secret)).toBe("it said [withheld], and no more");
});

test("a text that a server has made endless takes no time", () => {
  const before = performance.now();
  withhold("ab ".repeat(500_000), "x".repeat(2000), "ab".repeat(1000));
  expect(performance.now() - before).toBeLessThan(500);
});
