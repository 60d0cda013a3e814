// The sign-ins that people are making right now. Invariants: every attempt ends by itself; when one of an account's
// attempts has worked, the others are over; tokens of somebody else than the account is for are held here, in the memory,
// until a person agrees or ten minutes have passed.
import { randomBytes } from "node:crypto";
import type { Clock } from "../../clock/clock.ts";
import { PosternError, toPosternError } from "../../errors/postern-error.ts";
import type { Accept, Acceptance, IssuedTokens, SignInAttempt } from "../client/settings.ts";

export interface SignIns<Started> {
  /** @throws PosternError `keychain-…` before anything was started, `authorization-server-…`, `flow-not-offered` */
  start(accountId: string, options: SignInOptions): Promise<{ attemptId: string; started: Started }>;
  /** Takes what a person pasted. @throws PosternError `answer-unusable`, `request-invalid` */
  answer(attemptId: string, text: string): void;
  /** Waits for an attempt's end. @throws PosternError as the attempt ended, `request-invalid` for an unknown one */
  outcome(attemptId: string): Promise<SignInOutcome>;
  /** A person agrees to who signed in: the tokens are kept. @throws PosternError `request-invalid`, `keychain-…` */
  agree(attemptId: string): Promise<SignInOutcome>;
  cancel(attemptId: string): void;
  /** Cancels an account's attempts, or all. */
  cancelAll(accountId?: string): void;
  /** How many attempts of the account are waiting for a person. */
  waiting(accountId: string): number;
}

export type SignInOutcome =
  | {
      readonly kind: "signed-in";
      readonly identity: string | undefined;
      /** What was asked for and not granted, in words. */
      readonly notices: readonly string[];
    }
  | { readonly kind: "somebody-else"; readonly identity: string };

export interface SignInOptions {
  readonly flow: "auto" | "loopback" | "paste" | "device" | "import" | "password";
  /** Whether a browser can be opened where the person is. */
  readonly browserHere: boolean;
  readonly redirectPort?: number | undefined;
  /** Whether somebody else than the account's address may sign in: an alias, a delegate. */
  readonly anyIdentity: boolean;
  readonly verificationHost?: string | undefined;
  /** For "import". */
  readonly refreshToken?: string | undefined;
  /** The mailbox's password at the provider, for "password". */
  readonly password?: string | undefined;
}

/** What a flow has begun: what a person must be shown, and what they may answer. */
export interface Begun<Started> {
  readonly started: Started;
  readonly attempt: SignInAttempt & { answer?(text: string): void };
}

/** Who signed in, against whom the account is for. */
export type Judgement =
  | { readonly kind: "owner"; readonly identity: string | undefined; readonly notices?: readonly string[] }
  | { readonly kind: "somebody-else"; readonly identity: string };

export interface SignInParts<Started> {
  readonly clock: Clock;
  /** Rejects when a sign-in could not be stored: better known before a browser opens. */
  prepareKeychain(): Promise<void>;
  begin(accountId: string, options: SignInOptions, accept: Accept): Promise<Begun<Started>>;
  /** @throws PosternError `scope-not-granted` and the like: then nothing is kept, whoever it was */
  judge(accountId: string, tokens: IssuedTokens, options: SignInOptions): Promise<Judgement>;
  /** Stores the tokens; gives what a person should know. */
  keep(accountId: string, tokens: IssuedTokens, identity: string | undefined): Promise<readonly string[]>;
  /** An attempt is over; without failure, somebody is signed in. */
  onEnd(accountId: string, failure: PosternError | undefined): void;
}

interface Entry {
  readonly accountId: string;
  readonly attempt: Begun<unknown>["attempt"];
  /** Whether it was cancelled: also while its tokens are being judged, which nothing else can stop. */
  readonly fate: { cancelled: boolean };
  /** Settled once; whoever asks later gets it too. */
  readonly ending: Promise<Ending>;
  /** What waits for a person's agreement. */
  held: { readonly tokens: IssuedTokens; readonly identity: string } | undefined;
  over: boolean;
  /** Whether anybody has asked for its outcome yet. */
  awaited: boolean;
}

type Ending = SignInOutcome | { readonly kind: "failed"; readonly failure: PosternError };

/** Whoever starts a sign-in waits for it at once; one that nobody waits for was given up, in milliseconds. */
const UNAWAITED = 3000;
/** How long a person may think about who signed in. */
const HELD = 600_000;
/** Attempts of one account at the same time: a person with two browsers, not a loop. */
const MOST_PER_ACCOUNT = 4;
/** Ended attempts that are remembered for a late question about their outcome. */
const MOST_REMEMBERED = 100;

export function createSignIns<Started>(parts: SignInParts<Started>): SignIns<Started> {
  const entries = new Map<string, Entry>();
  /** By account: how many are being started, which no entry counts yet. */
  const starting = new Map<string, number>();
  const running = (accountId: string): Entry[] =>
    [...entries.values()].filter((one) => !one.over && one.accountId === accountId);

  const entryOf = (attemptId: string): Entry => {
    const entry = entries.get(attemptId);
    if (entry === undefined) throw new PosternError("request-invalid", { detail: "no such sign-in" });
    return entry;
  };

  function remember(attemptId: string, entry: Entry): void {
    entries.set(attemptId, entry);
    for (const [id, old] of entries) {
      if (entries.size <= MOST_REMEMBERED) break;
      if (old.over) entries.delete(id);
    }
  }

  function finish(entry: Entry, failure: PosternError | undefined): void {
    if (entry.over) return;
    entry.over = true;
    entry.held = undefined;
    if (failure === undefined) for (const other of running(entry.accountId)) cancel(other);
    parts.onEnd(entry.accountId, failure);
  }

  function cancel(entry: Entry): void {
    entry.fate.cancelled = true;
    entry.attempt.cancel();
    if (entry.held !== undefined) finish(entry, new PosternError("sign-in-not-agreed"));
  }

  async function startOne(
    accountId: string,
    options: SignInOptions,
  ): Promise<{ attemptId: string; started: Started }> {
    await parts.prepareKeychain();

    let outcome: SignInOutcome = { kind: "signed-in", identity: undefined, notices: [] };
    let held: Entry["held"];
    const fate = { cancelled: false };
    const accept: Accept = async (tokens): Promise<Acceptance> => {
      const judgement = await parts.judge(accountId, tokens, options);
      if (fate.cancelled) throw new PosternError("sign-in-cancelled");
      const { identity } = judgement;
      if (judgement.kind === "somebody-else" && !options.anyIdentity) {
        held = { tokens, identity: judgement.identity };
        outcome = judgement;
        return { kind: "asked", identity: judgement.identity };
      }
      outcome = {
        kind: "signed-in",
        identity,
        notices: [
          ...(judgement.kind === "owner" ? (judgement.notices ?? []) : []),
          ...(await parts.keep(accountId, tokens, identity)),
        ],
      };
      return { kind: "kept" };
    };
    const { started, attempt } = await parts.begin(accountId, options, accept);
    const attemptId = randomBytes(12).toString("base64url");
    const entry: Entry = {
      accountId,
      attempt,
      fate,
      held: undefined,
      over: false,
      awaited: false,
      ending: attempt.completed.then(
        () => outcome,
        (thrown: unknown) => ({ kind: "failed", failure: toPosternError(thrown) }),
      ),
    };
    remember(attemptId, entry);
    const cancelUnawaited = parts.clock.schedule(UNAWAITED, () => {
      if (!entry.awaited) cancel(entry);
    });
    void entry.ending.then((ending) => {
      cancelUnawaited();
      if (ending.kind === "somebody-else") {
        entry.held = held;
        held = undefined;
        parts.clock.schedule(HELD, () => finish(entry, new PosternError("sign-in-not-agreed")));
      } else finish(entry, ending.kind === "failed" ? ending.failure : undefined);
    });
    return { attemptId, started };
  }

  return {
    async start(accountId, options) {
      const [oldest] = running(accountId);
      const already = starting.get(accountId) ?? 0;
      if (already >= MOST_PER_ACCOUNT) {
        throw new PosternError("request-invalid", { detail: "too many sign-ins are being started at once" });
      }
      if (oldest !== undefined && running(accountId).length + already >= MOST_PER_ACCOUNT) cancel(oldest);
      starting.set(accountId, already + 1);
      try {
        return await startOne(accountId, options);
      } finally {
        starting.set(accountId, (starting.get(accountId) ?? 1) - 1);
      }
    },

    answer(attemptId, text) {
      const { attempt } = entryOf(attemptId);
      if (attempt.answer === undefined) {
        throw new PosternError("answer-unusable", { detail: "this kind of sign-in takes no pasted answer" });
      }
      attempt.answer(text);
    },

    async outcome(attemptId) {
      const entry = entryOf(attemptId);
      entry.awaited = true;
      const ending = await entry.ending;
      if (ending.kind === "failed") throw ending.failure;
      return ending;
    },

    async agree(attemptId) {
      const entry = entryOf(attemptId);
      const { held } = entry;
      if (held === undefined) {
        throw new PosternError("request-invalid", { detail: "nothing waits for an agreement here" });
      }
      const notices = await parts.keep(entry.accountId, held.tokens, held.identity);
      finish(entry, undefined);
      return { kind: "signed-in", identity: held.identity, notices };
    },

    cancel(attemptId) {
      const entry = entries.get(attemptId);
      if (entry !== undefined) cancel(entry);
    },

    cancelAll(accountId) {
      for (const entry of entries.values()) {
        if (!entry.over && (accountId === undefined || entry.accountId === accountId)) cancel(entry);
      }
    },

    waiting: (accountId) => running(accountId).length,
  };
}
