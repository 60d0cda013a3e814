// The passwords of mailboxes at providers that take no OAuth: kept in the keychain, handed out to the upstream login.
// Invariant: a password that the provider has refused twice, a minute apart, is not tried again until a person gives
// another one, since providers lock mailboxes over that; it is deleted only because a person asked for it.
import type { Clock } from "../clock/clock.ts";
import { PosternError } from "../errors/postern-error.ts";
import { type EntryName, type Keychain, keychainValue } from "../oauth/keychain/keychain.ts";
import type { TokenReport } from "../oauth/token/broker.ts";
import { type UpstreamPassword, upstreamPassword } from "../secret/secret.ts";

export interface UpstreamPasswords {
  /** It worked: what was doubted is believed again. */
  worked(accountId: string): void;
  /** @param rejected the mail server has just refused it @throws PosternError `signed-out`, `upstream-password-refused`, `keychain-…` */
  password(accountId: string, rejected: boolean): Promise<UpstreamPassword>;
  /** @throws PosternError `keychain-…`; then nothing has changed */
  keep(accountId: string, password: string): Promise<void>;
  forget(accountId: string): Promise<void>;
  /** For status. @throws PosternError `keychain-…` */
  look(accountId: string): Promise<TokenReport>;
}

export interface PasswordParts {
  readonly keychain: Keychain;
  readonly clock: Clock;
  wasSignedIn(accountId: string): boolean;
  onChange(accountId: string): void;
}

/** Milliseconds between two refusals that end it. */
const SECOND_OPINION = 60_000;

export function createUpstreamPasswords(parts: PasswordParts): UpstreamPasswords {
  const { keychain, clock } = parts;
  const known = new Map<string, UpstreamPassword | undefined>();
  /** The first refusal (monotonic), which may be the provider's mistake. */
  const doubted = new Map<string, number>();
  const refused = new Map<string, { readonly error: PosternError; readonly since: number }>();
  const nameOf = (accountId: string): EntryName => ({ purpose: "upstream-password", accountId });

  async function stored(accountId: string): Promise<UpstreamPassword | undefined> {
    if (known.has(accountId)) return known.get(accountId);
    const entry = await keychain.read(nameOf(accountId));
    const password = entry && upstreamPassword(entry.current.value.reveal());
    // One that is not there may be there later: a locked keyring answers like an empty one.
    if (password !== undefined) known.set(accountId, password);
    return password;
  }

  const missing = (accountId: string) =>
    parts.wasSignedIn(accountId) ? ("keychain-entry-missing" as const) : ("signed-out" as const);

  return {
    async password(accountId, rejected) {
      const before = refused.get(accountId);
      if (before !== undefined) throw before.error;
      const doubt = doubted.get(accountId);
      const left = doubt === undefined ? 0 : doubt + SECOND_OPINION - clock.monotonic();
      if (rejected && (doubt === undefined || left > 0)) {
        doubted.set(accountId, doubt ?? clock.monotonic());
        throw new PosternError("sign-in-refused-once", { retryAfter: SECOND_OPINION });
      }
      if (rejected) {
        const error = new PosternError("upstream-password-refused");
        refused.set(accountId, { error, since: clock.now() });
        parts.onChange(accountId);
        throw error;
      }
      if (left > 0) throw new PosternError("sign-in-refused-once", { retryAfter: left });
      const password = await stored(accountId);
      if (password === undefined) throw new PosternError(missing(accountId));
      return password;
    },

    worked: (accountId) => void doubted.delete(accountId),

    async keep(accountId, password) {
      await keychain.replace(nameOf(accountId), keychainValue(password));
      await keychain.dropPredecessor(nameOf(accountId)).catch(() => {});
      known.set(accountId, upstreamPassword(password));
      doubted.delete(accountId);
      refused.delete(accountId);
      parts.onChange(accountId);
    },

    async forget(accountId) {
      known.delete(accountId);
      doubted.delete(accountId);
      refused.delete(accountId);
      await keychain.remove(nameOf(accountId));
      parts.onChange(accountId);
    },

    async look(accountId) {
      const refusal = refused.get(accountId);
      const report = { outage: undefined, unsaved: false };
      if (refusal !== undefined) return { ...report, state: { kind: "needs-attention", ...refusal } };
      const password = await stored(accountId);
      if (password === undefined) {
        return { ...report, state: { kind: "signed-out", reason: missing(accountId) } };
      }
      return { ...report, state: { kind: "stored" } };
    },
  };
}
