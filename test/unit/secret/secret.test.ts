import { format, inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { accessToken, localPassword, refreshToken } from "../../../src/secret/secret.ts";

const TEXT = "ya29.very-secret";
const token = accessToken(TEXT);

describe("a secret is not told by", () => {
  class Holder {
    readonly token = token;
  }
  const circular: { token: typeof token; self?: unknown } = { token };
  circular.self = circular;

  test.each<[string, () => string]>([
    ["a template string", () => `Bearer ${token}`],
    ["adding it to a string", () => `${"Bearer "}${String(token)}`],
    ["String()", () => String(token)],
    ["joining a list", () => [token, token].join()],
    ["JSON", () => JSON.stringify(token)],
    ["JSON of what holds it", () => JSON.stringify({ deep: [{ token }], map: [...new Map([["a", token]])] })],
    ["util.inspect", () => inspect(token)],
    [
      "util.inspect of what holds it",
      () => inspect({ deep: { deeper: { deepest: { token } } } }, { depth: null }),
    ],
    [
      "util.inspect of a class, a map and a cycle",
      () => inspect([new Holder(), new Map([[token, token]]), circular]),
    ],
    ["util.inspect that shows hidden fields", () => inspect(token, { showHidden: true, depth: null })],
    ["util.inspect past its own printer", () => inspect(token, { customInspect: false, showHidden: true })],
    ["console's format", () => format("%s %o %O %j %d", token, token, token, token, token)],
    ["console's arguments", () => format("token:", token, { token })],
    ["an error that carries it", () => inspect(new Error(`failed with ${token}`, { cause: { token } }))],
    ["its own enumerable fields", () => JSON.stringify({ ...token, entries: Object.entries(token) })],
    ["a structured clone", () => inspect(structuredClone({ ...token }), { showHidden: true })],
    ["an object's keys", () => Object.keys({ [`${token}`]: 1 }).join()],
  ])("%s", (_how, print) => {
    expect(print()).not.toContain("very-secret");
    expect(print()).not.toContain("ya29");
  });

  test("anything but being asked for it", () => {
    expect(token.reveal()).toBe(TEXT);
  });
});

describe("two secrets", () => {
  test.each([
    ["", "", true],
    ["a", "a", true],
    ["a", "b", false],
    ["a", "aa", false],
    ["é", "e\u0301", false],
  ])("%j and %j are the same: %s", (left, right, same) => {
    expect(localPassword(left).equals(localPassword(right))).toBe(same);
    expect(refreshToken(right).equals(refreshToken(left))).toBe(same);
  });
});
