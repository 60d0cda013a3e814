// Hands out access tokens and keeps every account signed in (oauth.md §4).
// Invariants: one refresh in flight per account; a rotated refresh token is kept before its access token is handed out;
// a refresh token is deleted only because a person asked for it; a temporary failure never ends a sign-in; work that
// was waiting re-checks the revision before it writes.
import { type Clock, wait } from "../../clock/clock.ts";
import { PosternError, toPosternError } from "../../errors/postern-error.ts";
import { type AccessToken, type RefreshToken, refreshToken } from "../../secret/secret.ts";
import type { Keep } from "../client/refresh-token-grant.ts";
import type { IssuedTokens } from "../client/settings.ts";
import { type EntryName, type Keychain, type KeychainEntry, keychainValue } from "../keychain/keychain.ts";
import type { RefreshJournal } from "./refresh-journal.ts";
import { activate, nextOutage, type Outage, remaining, type TokenState } from "./state.ts";

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
  /** What is known, asking the keychain where nothing is known yet. */
  look(accountId: string): Promise<TokenReport>;
  /** What is wrong with getting tokens for this account, as far as is known without asking anybody. */
  outage(accountId: string): Outage | undefined;
  /** Saves what the keychain has refused so far, for at most `milliseconds`. */
  close(milliseconds: number): Promise<void>;
}

/** For status and for the listeners' greeting. */
export interface TokenReport {
  readonly state: TokenState;
  readonly outage: Outage | undefined;
  /** A rotated refresh token that could not be stored yet. */
  readonly unsaved: boolean;
}

export interface BrokerParts {
  readonly keychain: Keychain;
  readonly journal: RefreshJournal;
  readonly clock: Clock;
  /** The refresh_token grant at the account's authorization server. */
  refresh(accountId: string, current: RefreshToken, keep: Keep): Promise<IssuedTokens>;
  /** Whether somebody has signed in to this account before and nobody has signed out since. */
  wasSignedIn(accountId: string): boolean;
  /** 0 to 1. */
  random(): number;
  /** Something that `look` reports has changed. */
  onChange(accountId: string): void;
}

interface Account {
  state: TokenState;
  outage: Outage | undefined;
  /** The refresh in flight, which everybody who wants a token waits for. */
  flight: Promise<AccessToken> | undefined;
  /** Counts every change by a person; a refresh that started before one must not write after it. */
  revision: number;
  /** The first `invalid_grant` for a generation: one alone is not the end. */
  refusal: { readonly generation: number; readonly at: number } | undefined;
  unsaved: RefreshToken | undefined;
}

/** Milliseconds between two `invalid_grant` answers that end a sign-in. */
const SECOND_OPINION = 60_000;
/** A login may wait this long for the next allowed try instead of failing at once. */
const PATIENCE = 5000;
const FIRST_SAVE_RETRY = 1000;
const LONGEST_SAVE_RETRY = 60_000;

export function createTokenBroker(parts: BrokerParts): TokenBroker {
  const { keychain, journal, clock } = parts;
  const accounts = new Map<string, Account>();

  const accountOf = (accountId: string): Account => {
    const known = accounts.get(accountId);
    if (known !== undefined) return known;
    const fresh: Account = {
      state: { kind: "unknown" },
      outage: undefined,
      flight: undefined,
      revision: 0,
      refusal: undefined,
      unsaved: undefined,
    };
    accounts.set(accountId, fresh);
    return fresh;
  };
  const nameOf = (accountId: string): EntryName => ({ purpose: "refresh-token", accountId });
  const signedOut = (accountId: string) =>
    ({
      kind: "signed-out",
      reason: parts.wasSignedIn(accountId) ? "keychain-entry-missing" : "signed-out",
    }) as const;
  const times = (): { now: number; monotonic: number } => ({
    now: clock.now(),
    monotonic: clock.monotonic(),
  });

  /** The token that everybody who asks now will get. */
  function fetchToken(accountId: string, account: Account): Promise<AccessToken> {
    account.flight ??= waitOutOutage(account)
      .then(() => refreshNow(accountId, account))
      .finally(() => {
        account.flight = undefined;
        parts.onChange(accountId);
      });
    return account.flight;
  }

  async function waitOutOutage(account: Account): Promise<void> {
    if (account.outage === undefined) return;
    const left = account.outage.retryAt - clock.now();
    if (left > PATIENCE) throw account.outage.error;
    if (left > 0) await wait(clock, left);
  }

  async function refreshNow(accountId: string, account: Account): Promise<AccessToken> {
    const { revision } = account;
    // What could not be stored yet is newer than anything in the keychain, and there even while that is locked.
    const entry = account.unsaved === undefined ? await keychain.read(nameOf(accountId)) : undefined;
    const current = account.unsaved ?? (entry && refreshToken(entry.current.value.reveal()));
    if (current === undefined) {
      account.state = signedOut(accountId);
      throw new PosternError(account.state.reason);
    }
    const generation = entry?.current.number ?? 0;
    const interrupted = (await journal.interrupted(accountId)) === generation;
    await journal.begin(accountId, generation);
    try {
      return await refreshWith(accountId, account, current, revision);
    } catch (thrown) {
      const error = toPosternError(thrown);
      if (account.revision !== revision) throw error;
      if (error.code === "sign-in-ended") {
        return await handleRefusal(accountId, account, { error, entry, generation, interrupted, revision });
      }
      account.outage = nextOutage(account.outage, error, clock.now(), parts.random());
      throw error;
    }
  }

  /** One request to the authorization server, with everything that must be kept of its answer. */
  async function refreshWith(
    accountId: string,
    account: Account,
    current: RefreshToken,
    revision: number,
  ): Promise<AccessToken> {
    const keep: Keep = async (rotated) => {
      if (account.revision !== revision || rotated.equals(current)) return;
      await store(accountId, account, rotated);
    };
    const tokens = await parts.refresh(accountId, current, keep);
    if (account.revision !== revision) throw new PosternError("signed-out");
    account.state = activate(tokens.accessToken, tokens.lifetime, times(), parts.random());
    account.outage = undefined;
    account.refusal = undefined;
    await journal.clear(accountId);
    return tokens.accessToken;
  }

  /** Stores a rotated token; one that the keychain refuses stays in memory and is tried again. */
  async function store(accountId: string, account: Account, rotated: RefreshToken): Promise<void> {
    try {
      await keychain.replace(nameOf(accountId), keychainValue(rotated.reveal()));
      account.unsaved = undefined;
    } catch {
      account.unsaved = rotated;
      retryStoring(accountId, account, FIRST_SAVE_RETRY);
    }
    parts.onChange(accountId);
  }

  function retryStoring(accountId: string, account: Account, delay: number): void {
    clock.schedule(delay, () => {
      void saveUnsaved(accountId, account).then((saved) => {
        if (!saved) retryStoring(accountId, account, Math.min(delay * 2, LONGEST_SAVE_RETRY));
      });
    });
  }

  async function saveUnsaved(accountId: string, account: Account): Promise<boolean> {
    const { unsaved } = account;
    if (unsaved === undefined) return true;
    try {
      await keychain.replace(nameOf(accountId), keychainValue(unsaved.reveal()));
    } catch {
      return false;
    }
    if (account.unsaved === unsaved) account.unsaved = undefined;
    parts.onChange(accountId);
    return account.unsaved === undefined;
  }

  interface Refusal {
    readonly error: PosternError;
    readonly entry: KeychainEntry | undefined;
    readonly generation: number;
    /** The program ended while this generation was on its way: the answer was lost, and the grant with it. */
    readonly interrupted: boolean;
    readonly revision: number;
  }

  /** `invalid_grant`: believed at the second time, a minute later, for the same stored token. */
  async function handleRefusal(accountId: string, account: Account, refusal: Refusal): Promise<AccessToken> {
    const now = clock.now();
    const { error, generation } = refusal;
    const second = account.refusal?.generation === generation && now - account.refusal.at >= SECOND_OPINION;
    if (!second && !refusal.interrupted) {
      account.refusal = { generation, at: now };
      const doubt = new PosternError("sign-in-refused-once", {
        ...detailOf(error),
        retryAfter: SECOND_OPINION,
      });
      account.outage = nextOutage(account.outage, doubt, now, parts.random());
      // The second opinion must not wait for a mail program to ask.
      clock.schedule(SECOND_OPINION, () => void fetchToken(accountId, account).catch(() => {}));
      await journal.clear(accountId);
      throw doubt;
    }
    const predecessor = refusal.entry?.predecessor;
    if (predecessor !== undefined && !refusal.interrupted) {
      // All is lost already, so the one before may be tried: the server may never have made its successor good.
      try {
        return await refreshWith(
          accountId,
          account,
          refreshToken(predecessor.value.reveal()),
          refusal.revision,
        );
      } catch (thrown) {
        const failed = toPosternError(thrown);
        if (failed.code !== "sign-in-ended") {
          account.outage = nextOutage(account.outage, failed, now, parts.random());
          throw failed;
        }
      }
    }
    account.state = { kind: "needs-attention", reason: "sign-in-ended", since: now };
    account.outage = undefined;
    await journal.clear(accountId);
    throw new PosternError("sign-in-ended", detailOf(error));
  }

  return {
    async accessToken(accountId, rejected) {
      const account = accountOf(accountId);
      const { state } = account;
      if (state.kind === "needs-attention") throw new PosternError(state.reason);
      if (state.kind !== "active") return fetchToken(accountId, account);
      if (rejected !== undefined && state.accessToken.equals(rejected)) return fetchToken(accountId, account);
      const left = remaining(state, times());
      if (left <= state.margin) return fetchToken(accountId, account);
      if (left <= state.lead && (account.outage === undefined || account.outage.retryAt <= clock.now())) {
        void fetchToken(accountId, account).catch(() => {});
      }
      return state.accessToken;
    },

    async signedIn(accountId, tokens) {
      const account = accountOf(accountId);
      if (tokens.refreshToken === undefined) throw new PosternError("sign-in-not-lasting");
      account.revision += 1;
      const { revision } = account;
      await keychain.replace(nameOf(accountId), keychainValue(tokens.refreshToken.reveal()));
      if (account.revision !== revision) return;
      account.state = activate(tokens.accessToken, tokens.lifetime, times(), parts.random());
      account.outage = undefined;
      account.refusal = undefined;
      account.unsaved = undefined;
      await journal.clear(accountId);
      // The grant of the former sign-in is not a way back to this one.
      await keychain.dropPredecessor(nameOf(accountId));
      parts.onChange(accountId);
    },

    async forget(accountId) {
      const account = accountOf(accountId);
      account.revision += 1;
      await keychain.remove(nameOf(accountId));
      await journal.clear(accountId);
      account.state = { kind: "signed-out", reason: "signed-out" };
      account.outage = undefined;
      account.refusal = undefined;
      account.unsaved = undefined;
      parts.onChange(accountId);
    },

    async look(accountId) {
      const account = accountOf(accountId);
      if (account.state.kind === "unknown" || account.state.kind === "signed-out") {
        const entry = await keychain.read(nameOf(accountId));
        if (account.state.kind === "unknown" || account.state.kind === "signed-out") {
          account.state = entry === undefined ? signedOut(accountId) : { kind: "stored" };
        }
      }
      return { state: account.state, outage: account.outage, unsaved: account.unsaved !== undefined };
    },

    outage: (accountId) => accounts.get(accountId)?.outage,

    async close(milliseconds) {
      const unsaved = [...accounts].filter(([, account]) => account.unsaved !== undefined);
      const saving = Promise.all(unsaved.map(([accountId, account]) => saveUnsaved(accountId, account)));
      await Promise.race([saving, wait(clock, milliseconds)]);
    },
  };
}

function detailOf(error: PosternError): { detail?: string } {
  return error.detail === undefined ? {} : { detail: error.detail };
}
