// Local passwords: generated, named, revocable, and the key to nothing but these listeners (decisions.md 4).
// Invariant: only a hash is kept; the text exists once, in the answer to the person who asked for it.
import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { type LocalPassword, localPassword } from "../secret/secret.ts";

/** What is kept of a local password. */
export interface LocalPasswordRecord {
  readonly accountId: string;
  readonly name: string;
  /** base64 of SHA-256(salt || password): 128 random bits need no slow hash. */
  readonly hash: string;
  readonly salt: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** No 0, 1, i, l, o: it is read off a screen and typed on a scanner. 31 characters, 26 of them: 128.8 bits. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 26;

export function generateLocalPassword(): LocalPassword {
  return localPassword(
    Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join(""),
  );
}

export function hashLocalPassword(
  accountId: string,
  name: string,
  password: LocalPassword,
  createdAt: number,
): LocalPasswordRecord {
  const salt = randomBytes(16);
  return {
    accountId,
    name,
    hash: digest(salt, password).toString("base64"),
    salt: salt.toString("base64"),
    createdAt,
  };
}

/** Takes the same time for every password, right or wrong. */
export function matchesLocalPassword(record: LocalPasswordRecord, password: LocalPassword): boolean {
  const expected = Buffer.from(record.hash, "base64");
  const given = digest(Buffer.from(record.salt, "base64"), password);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function digest(salt: Buffer, password: LocalPassword): Buffer {
  return createHash("sha256").update(salt).update(password.reveal(), "utf8").digest();
}
