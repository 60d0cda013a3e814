import { describe, expect, test } from "vitest";
import { createControlSecret, createNonce, proofOf } from "../../../src/control/secret.ts";

describe("the proof that the daemon knows the secret", () => {
  const secret = createControlSecret();
  const nonce = createNonce();

  test("is the same for the same secret and nonce, and another one for any other", () => {
    expect(proofOf(secret, nonce)).toBe(proofOf(secret, nonce));
    expect(proofOf(secret, createNonce())).not.toBe(proofOf(secret, nonce));
    expect(proofOf(createControlSecret(), nonce)).not.toBe(proofOf(secret, nonce));
  });

  test("does not give the secret away", () => {
    expect(proofOf(secret, nonce)).not.toContain(secret);
    expect(proofOf(secret, "")).not.toBe(secret);
  });

  test("rests on 256 random bits each", () => {
    for (const text of [secret, nonce]) expect(Buffer.from(text, "base64url")).toHaveLength(32);
    expect(new Set(Array.from({ length: 100 }, createControlSecret)).size).toBe(100);
  });
});
