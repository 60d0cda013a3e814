// How a person's page comes in: a secret that serves once becomes the bearer secret that the page keeps.
// Invariant: the first is worth nothing after its use or its time; of the second only a hash is kept here.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock/clock.ts";
import { isSameText } from "../secret/same-text.ts";

export interface EntrySecret {
  /** To be told to the person who asked for the window, and nobody else. */
  readonly secret: string;
  /** Whether it still serves. */
  isPending(): boolean;
  /** The bearer secret, for the one that knows the first; undefined for everybody else. */
  exchange(secret: string): string | undefined;
  /** @param authorization the header's value */
  admits(authorization: string | undefined): boolean;
}

/** Milliseconds from the start to the page. */
export const ENTRY_TIME = 120_000;

export function createEntrySecret(clock: Clock): EntrySecret {
  const secret = createSecret();
  const until = clock.monotonic() + ENTRY_TIME;
  let bearerHash: Buffer | undefined;
  const isPending = (): boolean => bearerHash === undefined && clock.monotonic() < until;
  return {
    secret,
    isPending,
    exchange(given) {
      if (!isPending() || !isSameText(given, secret)) return undefined;
      const bearer = createSecret();
      bearerHash = hashOf(bearer);
      return bearer;
    },
    admits(authorization) {
      const given = /^Bearer ([A-Za-z0-9_-]+)$/.exec(authorization ?? "")?.[1];
      return given !== undefined && bearerHash !== undefined && timingSafeEqual(hashOf(given), bearerHash);
    },
  };
}

const createSecret = (): string => randomBytes(32).toString("base64url");
const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();
