// The sign-ins that people are making right now. Invariant: every attempt ends by itself; when one of an account's
// attempts has worked, the others are over.
import { randomBytes } from "node:crypto";
import type { Clock } from "../../clock/clock.ts";
import { PosternError, toPosternError } from "../../errors/postern-error.ts";
import type { AuthorizationAttempt } from "../client/authorization-code-grant.ts";
import type { IssuedTokens } from "../client/settings.ts";

export interface SignIns {
  /** @throws PosternError `keychain-…` before anything was started, `authorization-server-…` */
  start(accountId: string, options: SignInOptions): Promise<StartedSignIn>;
  /** Waits for an attempt's end. @throws PosternError as the attempt ended, `request-invalid` for an unknown one */
  outcome(attemptId: string): Promise<void>;
  cancel(attemptId: string): void;
  /** Cancels an account's attempts, or all. */
  cancelAll(accountId?: string): void;
  /** How many attempts of the account are waiting for a browser. */
  waiting(accountId: string): number;
}

export interface SignInOptions {
  /** Whether somebody else than the account's address may sign in: an alias, a delegate. */
  readonly anyIdentity: boolean;
}

export interface StartedSignIn {
  readonly attemptId: string;
  readonly authorizationUrl: string;
}

export interface SignInParts {
  readonly clock: Clock;
  /** Rejects when a sign-in could not be stored: better known before a browser opens. */
  prepareKeychain(): Promise<void>;
  begin(accountId: string, accept: (tokens: IssuedTokens) => Promise<void>): Promise<AuthorizationAttempt>;
  accept(accountId: string, tokens: IssuedTokens, options: SignInOptions): Promise<void>;
  /** An attempt is over; without failure, somebody is signed in. */
  onEnd(accountId: string, failure: PosternError | undefined): void;
}

interface Attempt {
  readonly accountId: string;
  readonly attempt: AuthorizationAttempt;
  /** Settled once; whoever asks later gets it too. */
  readonly outcome: Promise<PosternError | undefined>;
  over: boolean;
  /** Whether anybody has asked for its outcome yet. */
  awaited: boolean;
}

/** Whoever starts a sign-in waits for it at once; one that nobody waits for was given up, in milliseconds. */
const UNAWAITED = 3000;

/** Attempts of one account at the same time: a person with two browsers, not a loop. */
const MOST_PER_ACCOUNT = 4;
/** Ended attempts that are remembered for a late question about their outcome. */
const MOST_REMEMBERED = 100;

export function createSignIns(parts: SignInParts): SignIns {
  const attempts = new Map<string, Attempt>();
  const running = (accountId: string): Attempt[] =>
    [...attempts.values()].filter((one) => !one.over && one.accountId === accountId);

  function remember(attemptId: string, attempt: Attempt): void {
    attempts.set(attemptId, attempt);
    for (const [id, old] of attempts) {
      if (attempts.size <= MOST_REMEMBERED) break;
      if (old.over) attempts.delete(id);
    }
  }

  return {
    async start(accountId, options) {
      await parts.prepareKeychain();
      if (running(accountId).length >= MOST_PER_ACCOUNT) running(accountId)[0]?.attempt.cancel();
      const attempt = await parts.begin(accountId, (tokens) => parts.accept(accountId, tokens, options));
      const attemptId = randomBytes(12).toString("base64url");
      const entry: Attempt = {
        accountId,
        attempt,
        over: false,
        awaited: false,
        outcome: attempt.completed.then(
          () => undefined,
          (thrown: unknown) => toPosternError(thrown),
        ),
      };
      remember(attemptId, entry);
      const cancelUnawaited = parts.clock.schedule(UNAWAITED, () => {
        if (!entry.awaited) attempt.cancel();
      });
      void entry.outcome.then((failure) => {
        entry.over = true;
        cancelUnawaited();
        if (failure === undefined) for (const other of running(accountId)) other.attempt.cancel();
        parts.onEnd(accountId, failure);
      });
      return { attemptId, authorizationUrl: attempt.authorizationUrl };
    },

    async outcome(attemptId) {
      const entry = attempts.get(attemptId);
      if (entry === undefined) throw new PosternError("request-invalid", { detail: "no such sign-in" });
      entry.awaited = true;
      const failure = await entry.outcome;
      if (failure !== undefined) throw failure;
    },

    cancel(attemptId) {
      attempts.get(attemptId)?.attempt.cancel();
    },

    cancelAll(accountId) {
      for (const entry of attempts.values()) {
        if (!entry.over && (accountId === undefined || entry.accountId === accountId)) entry.attempt.cancel();
      }
    },

    waiting: (accountId) => running(accountId).length,
  };
}
