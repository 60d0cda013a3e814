import { describe, expect, test } from "vitest";
import {
  generateLocalPassword,
  hashLocalPassword,
  matchesLocalPassword,
} from "../../../src/account/local-password.ts";
import { localPassword } from "../../../src/secret/secret.ts";

describe("a generated local password", () => {
  const many = Array.from({ length: 2000 }, () => generateLocalPassword().reveal());

  test("has 26 characters that nobody mistakes for others on a screen or a scanner", () => {
    for (const password of many) expect(password).toMatch(/^[a-hjkmnp-z2-9]{26}$/);
  });

  test("has more than 128 bits: each of 31 characters is equally likely at each place", () => {
    expect(26 * Math.log2(31)).toBeGreaterThan(128);
    expect(new Set(many).size).toBe(many.length);
    const counts = new Map<string, number>();
    for (const character of many.join("")) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(31);
    // 52,000 characters, 1,677 of each expected, standard deviation 40.
    for (const count of counts.values()) expect(Math.abs(count - 52_000 / 31)).toBeLessThan(8 * 40);
    for (let place = 0; place < 26; place++) {
      expect(new Set(many.map((password) => password.charAt(place))).size).toBe(31);
    }
  });
});

describe("what is kept of a local password", () => {
  const password = generateLocalPassword();
  const record = hashLocalPassword("id", "laptop", password, 1000);

  test("matches it and nothing else", () => {
    expect(matchesLocalPassword(record, password)).toBe(true);
    for (const other of ["", password.reveal().toUpperCase(), `${password.reveal()} `, record.hash]) {
      expect(matchesLocalPassword(record, localPassword(other))).toBe(false);
    }
  });

  test("does not tell it, and is different every time", () => {
    expect(JSON.stringify(record)).not.toContain(password.reveal());
    const again = hashLocalPassword("id", "laptop", password, 1000);
    expect([again.hash, again.salt]).not.toContain(record.hash);
    expect(again.salt).not.toBe(record.salt);
  });

  test("matches nothing, and does not throw, when it was damaged", () => {
    for (const hash of ["", "AAAA", "not base64 at all"]) {
      expect(matchesLocalPassword({ ...record, hash }, password)).toBe(false);
    }
  });
});
