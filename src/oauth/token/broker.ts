// Hands out access tokens and keeps every account signed in (oauth.md §4).
// Invariants: one refresh in flight per account; a rotated refresh token is kept before its access token is handed out;
// a refresh token is deleted only because a person asked for it; a temporary failure never ends a sign-in; a refresh
// that started before a person signed in or out changes nothing after it.
import { type Clock, wait } from "../../clock/clock.ts";
import { PosternError, toPosternError } from "../../errors/postern-error.ts";
import type { AccessToken, RefreshToken } from "../../secret/secret.ts";
import type { Keep } from "../client/refresh-token-grant.ts";
import type { IssuedTokens } from "../client/settings.ts";
import type { Keychain } from "../keychain/keychain.ts";
import type { RefreshJournal } from "./refresh-journal.ts";
import type { RefreshLock } from "./refresh-lock.ts";
import { activate, nextOutage, type Outage, remaining, type TokenState } from "./state.ts";
import { createTokenKeeper, type KeptToken } from "./token-keeper.ts";

export interface TokenBroker {
  /**
   * An access token that the mail server may be shown.
   * @param rejected the token that the mail server has just refused: it is not handed out again
   * @throws PosternError `signed-out`, `sign-in-…`, `authorization-server-…`, `oauth-client-refused`, `keychain-…`
   */
  accessToken(accountId: string, rejected?: AccessToken): Promise<AccessToken>;
  /** Takes the tokens of a sign-in. @throws PosternError `keychain-…`; then nothing has changed */
  signedIn(accountId: string, tokens: IssuedTokens): Promise<void>;
  /** Deletes the sign-in, because a person asked for it. */
  forget(accountId: string): Promise<void>;
  /** What stood in the way is gone: the next login may ask at once. */
  retry(accountId: string): void;
  /** The stored refresh token, to revoke it. @throws PosternError `keychain-…` */
  refreshToken(accountId: string): Promise<RefreshToken | undefined>;
  /** What is known, asking the keychain where nothing is known yet. */
  look(accountId: string): Promise<TokenReport>;
  /** What is wrong with getting tokens for this account, as far as is known without asking anybody. */
  outage(accountId: string): Outage | undefined;
  /** Lets refreshes that are under way end and saves what the keychain has refused so far, for at most `milliseconds`. */
  close(milliseconds: number): Promise<void>;
}

/** For status. */
export interface TokenReport {
  readonly state: TokenState;
  readonly outage: Outage | undefined;
  /** A rotated refresh token that could not be stored yet. */
  readonly unsaved: boolean;
}

export interface BrokerParts {
  readonly keychain: Keychain;
  readonly journal: RefreshJournal;
  readonly lock: RefreshLock;
  readonly clock: Clock;
  /** The refresh_token grant at the account's authorization server. */
  refresh(accountId: string, current: RefreshToken, keep: Keep): Promise<IssuedTokens>;
  /** Whether somebody has signed in to this account before and nobody has signed out since. */
  wasSignedIn(accountId: string): boolean;
  /** Says more exactly why a sign-in has ended, where the provider's word leaves it open. */
  refine(accountId: string, error: PosternError): PosternError;
  /** 0 to 1. */
  random(): number;
  /** Something that `look` reports has changed. */
  onChange(accountId: string): void;
}

interface Account {
  readonly id: string;
  state: TokenState;
  outage: Outage | undefined;
  /** The refresh in flight, which everybody who wants a token waits for. */
  flight: Promise<AccessToken> | undefined;
  /** A person's sign-in or sign-out that is being stored. */
  change: Promise<void>;
  /** Counts the changes by persons. */
  revision: number;
  /** The first `invalid_grant` for a generation (monotonic): one alone is not the end. */
  refusal: { readonly generation: number; readonly at: number } | undefined;
}

/** A refresh: what it started from, so that it can tell whether it still counts. */
interface Attempt {
  readonly revision: number;
  readonly kept: KeptToken;
  /** The program ended while this generation was on its way: the answer was lost, and the grant with it. */
  readonly interrupted: boolean;
}

/** Milliseconds between two `invalid_grant` answers that end a sign-in. */
const SECOND_OPINION = 60_000;
/** A login may wait this long for the next allowed try instead of failing at once. */
const PATIENCE = 5000;

export function createTokenBroker(parts: BrokerParts): TokenBroker {
  const { journal, clock } = parts;
  const keeper = createTokenKeeper(parts.keychain, clock, parts.onChange);
  const accounts = new Map<string, Account>();
  let closing = false;

  const accountOf = (id: string): Account => {
    const known = accounts.get(id);
    if (known !== undefined) return known;
    const fresh: Account = {
      id,
      state: { kind: "unknown" },
      outage: undefined,
      flight: undefined,
      change: Promise.resolve(),
      revision: 0,
      refusal: undefined,
    };
    accounts.set(id, fresh);
    return fresh;
  };
  const times = (): { now: number; monotonic: number } => ({
    now: clock.now(),
    monotonic: clock.monotonic(),
  });

  /** The token that everybody who asks now will get. */
  function fetchToken(account: Account): Promise<AccessToken> {
    if (closing) return Promise.reject(new PosternError("shutting-down"));
    account.flight ??= waitOutOutage(account)
      .then(() => parts.lock.during(account.id, () => refreshNow(account)))
      .finally(() => {
        account.flight = undefined;
        parts.onChange(account.id);
      });
    return account.flight;
  }

  async function waitOutOutage(account: Account): Promise<void> {
    if (account.outage === undefined) return;
    const left = account.outage.retryAt - clock.monotonic();
    if (left > PATIENCE) throw account.outage.error;
    if (left > 0) await wait(clock, left);
  }

  async function refreshNow(account: Account): Promise<AccessToken> {
    await settled(account.change);
    const { revision } = account;
    const kept = await keeper.newest(account.id);
    if (kept === undefined) {
      const out = signedOut(account.id);
      account.state = out;
      throw new PosternError(out.reason);
    }
    const interrupted = (await journal.interrupted(account.id)) === kept.generation;
    await journal.begin(account.id, kept.generation);
    const attempt: Attempt = { revision, kept, interrupted };
    try {
      return await refreshWith(account, attempt, kept.token);
    } catch (thrown) {
      const error = toPosternError(thrown);
      // The outcome is known, or known to be unknown: only an end of the program in between leaves the mark.
      await journal.clear(account.id).catch(() => {});
      if (account.revision !== revision) throw error;
      if (error.refusesGrant) return await handleRefusal(account, attempt, error);
      account.outage = nextOutage(account.outage, error, clock.monotonic(), parts.random());
      throw error;
    }
  }

  /** One request to the authorization server, with everything that must be kept of its answer. */
  async function refreshWith(account: Account, attempt: Attempt, sent: RefreshToken): Promise<AccessToken> {
    let newest = attempt.kept.token;
    const keep: Keep = async (token) => {
      await settled(account.change);
      if (account.revision !== attempt.revision || token.equals(newest)) return;
      newest = token;
      await keeper.keep(account.id, token);
    };
    const tokens = await parts.refresh(account.id, sent, keep);
    // Not rotated: the token that worked is the one to keep, also where it was the predecessor.
    if (tokens.refreshToken === undefined) await keep(sent);
    if (account.revision !== attempt.revision) {
      if (account.state.kind === "active") return account.state.accessToken;
      throw new PosternError("signed-out");
    }
    account.state = activate(tokens.accessToken, tokens.lifetime, times(), parts.random());
    account.outage = undefined;
    account.refusal = undefined;
    // A mark that stays behind costs one question at the next start, not this login.
    await journal.clear(account.id).catch(() => {});
    return tokens.accessToken;
  }

  /** `invalid_grant`: believed at the second time, a minute later, for the same stored token. */
  async function handleRefusal(
    account: Account,
    attempt: Attempt,
    error: PosternError,
  ): Promise<AccessToken> {
    const now = clock.monotonic();
    const { generation, predecessor } = attempt.kept;
    const second = account.refusal?.generation === generation && now - account.refusal.at >= SECOND_OPINION;
    if (!second && !attempt.interrupted) throw doubt(account, attempt, error);
    if (predecessor !== undefined && !attempt.interrupted) {
      // All is lost already, so the one before may be tried: the server may never have made its successor good.
      try {
        return await refreshWith(account, attempt, predecessor);
      } catch (thrown) {
        const failed = toPosternError(thrown);
        if (account.revision !== attempt.revision) throw failed;
        if (!failed.refusesGrant) {
          account.outage = nextOutage(account.outage, failed, now, parts.random());
          throw failed;
        }
      }
    }
    const ended = parts.refine(account.id, error);
    account.state = { kind: "needs-attention", error: ended, since: clock.now() };
    account.outage = undefined;
    throw ended;
  }

  /** The first refusal: notes it, and sees to it that the second opinion does not wait for a mail program to ask. */
  function doubt(account: Account, { revision, kept }: Attempt, error: PosternError): PosternError {
    const now = clock.monotonic();
    const doubted = new PosternError("sign-in-refused-once", {
      ...detailOf(error),
      retryAfter: SECOND_OPINION,
    });
    if (account.refusal?.generation !== kept.generation)
      account.refusal = { generation: kept.generation, at: now };
    account.outage = nextOutage(account.outage, doubted, now, parts.random());
    clock.schedule(SECOND_OPINION, () => {
      if (account.revision === revision && account.refusal !== undefined)
        void fetchToken(account).catch(() => {});
    });
    return doubted;
  }

  function signedOut(accountId: string): TokenState & { readonly kind: "signed-out" } {
    const reason = parts.wasSignedIn(accountId) ? "keychain-entry-missing" : "signed-out";
    return { kind: "signed-out", reason };
  }

  /** A change by a person: refreshes that are under way see it as one. */
  function change(account: Account, work: () => Promise<void>): Promise<void> {
    const changed = settled(account.change).then(work);
    account.change = changed;
    return changed.finally(() => parts.onChange(account.id));
  }

  return {
    async accessToken(accountId, rejected) {
      const account = accountOf(accountId);
      const { state } = account;
      if (state.kind === "needs-attention") throw state.error;
      if (state.kind !== "active") return fetchToken(account);
      if (rejected !== undefined && state.accessToken.equals(rejected)) return fetchToken(account);
      const left = remaining(state, times());
      if (left <= state.margin) return fetchToken(account);
      if (
        left <= state.lead &&
        (account.outage === undefined || account.outage.retryAt <= clock.monotonic())
      ) {
        void fetchToken(account).catch(() => {});
      }
      return state.accessToken;
    },

    signedIn(accountId, tokens) {
      const account = accountOf(accountId);
      const { refreshToken } = tokens;
      if (refreshToken === undefined) return Promise.reject(new PosternError("sign-in-not-lasting"));
      return change(account, async () => {
        await keeper.replace(accountId, refreshToken);
        account.revision += 1;
        account.state = activate(tokens.accessToken, tokens.lifetime, times(), parts.random());
        account.outage = undefined;
        account.refusal = undefined;
        await journal.clear(accountId).catch(() => {});
      });
    },

    forget(accountId) {
      const account = accountOf(accountId);
      // At once: what a refresh under way brings home is not wanted any more.
      account.revision += 1;
      account.state = { kind: "signed-out", reason: "signed-out" };
      account.outage = undefined;
      account.refusal = undefined;
      return change(account, async () => {
        await keeper.remove(accountId);
        await journal.clear(accountId);
      });
    },

    retry(accountId) {
      accountOf(accountId).outage = undefined;
      parts.onChange(accountId);
    },

    refreshToken: async (accountId) => (await keeper.newest(accountId))?.token,

    async look(accountId) {
      const account = accountOf(accountId);
      const isUnsure = (): boolean => account.state.kind === "unknown" || account.state.kind === "signed-out";
      if (isUnsure()) {
        const kept = await keeper.newest(accountId);
        if (isUnsure()) account.state = kept === undefined ? signedOut(accountId) : { kind: "stored" };
      }
      return { state: account.state, outage: account.outage, unsaved: keeper.isUnsaved(accountId) };
    },

    outage: (accountId) => accounts.get(accountId)?.outage,

    async close(milliseconds) {
      closing = true;
      const saving = async (): Promise<void> => {
        await Promise.allSettled(
          [...accounts.values()].flatMap(({ flight, change: changing }) => [flight, changing]),
        );
        await keeper.saveAll();
      };
      await Promise.race([saving(), wait(clock, milliseconds)]);
    },
  };
}

/** Waits for the end of something whose failure is somebody else's business. */
function settled(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => {},
    () => {},
  );
}

function detailOf(error: PosternError): { detail?: string } {
  return error.detail === undefined ? {} : { detail: error.detail };
}
