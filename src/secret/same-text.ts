// Compares texts that somebody may be guessing at.
import { createHash, timingSafeEqual } from "node:crypto";

/** Whether both are the same, in time that tells nothing about where or how they differ. */
export function isSameText(left: string, right: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(left), hash(right));
}
