// What is known about an account's sign-in: data exists only in the state in which it is valid.
// A sign-in that a person is making right now is not a state of this union: mail goes on while they do.
import type { PosternError } from "../../errors/postern-error.ts";
import type { AccessToken } from "../../secret/secret.ts";

export type TokenState =
  /** The keychain has not been asked yet. */
  | { readonly kind: "unknown" }
  /** `keychain-entry-missing`: somebody had signed in, and the entry is gone. */
  | { readonly kind: "signed-out"; readonly reason: "signed-out" | "keychain-entry-missing" }
  /**
   * A refresh token is in the keychain, and no access token has been asked for yet; or a mailbox's password is, which
   * has been `used` since the start or not.
   */
  | { readonly kind: "stored"; readonly used?: boolean }
  | ActiveState
  /** Only a person can help; no request is made until they have signed in again. */
  | { readonly kind: "needs-attention"; readonly error: PosternError; readonly since: number };

export interface ActiveState {
  readonly kind: "active";
  readonly accessToken: AccessToken;
  /** Wall clock, milliseconds since 1970. */
  readonly expiresAt: number;
  /** The same moment on the monotonic clock: whichever comes first counts, since one of them may have jumped. */
  readonly expiresAtMonotonic: number;
  /** Milliseconds before the end at which a new one is fetched while the old one still serves. */
  readonly lead: number;
  /** Milliseconds before the end from which it is not handed out any more. */
  readonly margin: number;
}

/** Something is wrong that is expected to pass. */
export interface Outage {
  readonly error: PosternError;
  /** The first failure in a row. All times of an outage are monotonic: the wall clock may be set while it lasts. */
  readonly since: number;
  readonly lastFailure: number;
  /** No request is made before this moment. */
  readonly retryAt: number;
  readonly failures: number;
}

const LONGEST_LEAD = 300_000;
const LONGEST_MARGIN = 120_000;

/**
 * @param lifetime seconds
 * @param jitter 0 to 1: spreads the refreshes of many accounts
 */
export function activate(
  accessToken: AccessToken,
  lifetime: number,
  times: { now: number; monotonic: number },
  jitter: number,
): ActiveState {
  const milliseconds = lifetime * 1000;
  return {
    kind: "active",
    accessToken,
    expiresAt: times.now + milliseconds,
    expiresAtMonotonic: times.monotonic + milliseconds,
    lead: Math.min(LONGEST_LEAD, milliseconds / 10) * (1 + jitter / 5),
    margin: Math.min(LONGEST_MARGIN, milliseconds / 10),
  };
}

/** Milliseconds that the token is still good for, by whichever clock has advanced further. */
export function remaining(state: ActiveState, times: { now: number; monotonic: number }): number {
  return Math.min(state.expiresAt - times.now, state.expiresAtMonotonic - times.monotonic);
}

const FIRST_RETRY = 2000;
/** Recovery is automatic within a minute (faults.md P6), unless the server asked for more patience. */
const LONGEST_RETRY = 60_000;
const LONGEST_RETRY_AFTER = 300_000;

/** The outage after one more failure. @param jitter 0 to 1, for ±20 % */
export function nextOutage(
  before: Outage | undefined,
  error: PosternError,
  now: number,
  jitter: number,
): Outage {
  const failures = (before?.failures ?? 0) + 1;
  const doubling = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** (failures - 1)) * (0.8 + 0.4 * jitter);
  const wait =
    error.retryAfter === undefined
      ? doubling
      : Math.min(LONGEST_RETRY_AFTER, Math.max(error.retryAfter, 1000));
  return { error, since: before?.since ?? now, lastFailure: now, retryAt: now + wait, failures };
}
