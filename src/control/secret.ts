// The secret between the daemon and its fronts, and the proof that the daemon knows it (threats.md A7).
import { createHmac, randomBytes } from "node:crypto";

export const createControlSecret = (): string => randomBytes(32).toString("base64url");
export const createNonce = (): string => randomBytes(32).toString("base64url");

/** What only somebody who knows the secret can answer to a nonce. */
export function proofOf(secret: string, nonce: string): string {
  return createHmac("sha256", secret).update(`postern control proof ${nonce}`).digest("base64url");
}
