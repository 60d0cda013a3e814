// The passwords of mailboxes at providers that take no OAuth: kept in the keychain, handed out to the upstream login.
// Invariant: a password that a mail server has refused twice, a minute apart, is not tried there again until a person
// gives another one, since providers lock mailboxes over that; it is deleted only because a person asked for it.
import type { Clock } from "../clock/clock.ts";
import { PosternError } from "../errors/postern-error.ts";
import { type EntryName, type Keychain, keychainValue } from "../oauth/keychain/keychain.ts";
import type { TokenReport } from "../oauth/token/broker.ts";
import type { MailProtocol } from "../proxy/outages.ts";
import { type UpstreamPassword, upstreamPassword } from "../secret/secret.ts";

export interface UpstreamPasswords {
  /** A mail server let somebody in with it: what was doubted there is believed again. */
  worked(accountId: string, protocol: MailProtocol): void;
  /**
   * For a login at one of the account's mail servers: one may refuse what the other takes.
   * @param rejected what that server has just refused
   * @throws PosternError `signed-out`, `sign-in-refused-once`, `upstream-password-refused`, `keychain-…`
   */
  password(accountId: string, protocol: MailProtocol, rejected?: RejectedPassword): Promise<UpstreamPassword>;
  /** @throws PosternError `keychain-…`; then nothing has changed */
  keep(accountId: string, password: string): Promise<void>;
  forget(accountId: string): Promise<void>;
  /** For status. @throws PosternError `keychain-…` */
  look(accountId: string): Promise<TokenReport>;
}

export interface RejectedPassword {
  readonly password: UpstreamPassword;
  /** What the mail server said. */
  readonly detail: string | undefined;
}

export interface PasswordParts {
  readonly keychain: Keychain;
  readonly clock: Clock;
  wasSignedIn(accountId: string): boolean;
  onChange(accountId: string): void;
}

type Refusal =
  /** It may be the server's mistake. `first` is monotonic. */
  | { readonly kind: "once"; readonly error: PosternError; readonly first: number }
  | { readonly kind: "final"; readonly error: PosternError; readonly since: number };

/** Milliseconds between two refusals that end it. */
const SECOND_OPINION = 60_000;
const PROTOCOLS = ["imap", "smtp"] as const;

export function createUpstreamPasswords(parts: PasswordParts): UpstreamPasswords {
  const { keychain, clock } = parts;
  const known = new Map<string, UpstreamPassword>();
  const refusals = new Map<string, Refusal>();
  /** Accounts whose password has opened the mailbox since the start. */
  const proven = new Set<string>();
  const nameOf = (accountId: string): EntryName => ({ purpose: "upstream-password", accountId });
  const keyOf = (accountId: string, protocol: MailProtocol): string => `${accountId} ${protocol}`;

  async function stored(accountId: string): Promise<UpstreamPassword | undefined> {
    const before = known.get(accountId);
    if (before !== undefined) return before;
    const entry = await keychain.read(nameOf(accountId));
    const password = entry && upstreamPassword(entry.current.value.reveal());
    // One that is not there may be there later: a locked keyring answers like an empty one.
    if (password !== undefined) known.set(accountId, password);
    return password;
  }

  const missing = (accountId: string) =>
    parts.wasSignedIn(accountId) ? ("keychain-entry-missing" as const) : ("signed-out" as const);
  const minuteLeft = (first: number): number => first + SECOND_OPINION - clock.monotonic();

  function refuse(accountId: string, protocol: MailProtocol, detail: string | undefined): PosternError {
    const key = keyOf(accountId, protocol);
    const said = detail === undefined ? {} : { detail };
    const before = refusals.get(key);
    // Logins that were under way together count as one.
    if (before?.kind === "final" || (before?.kind === "once" && minuteLeft(before.first) > 0)) {
      return before.error;
    }
    const refusal: Refusal =
      before === undefined
        ? {
            kind: "once",
            error: new PosternError("sign-in-refused-once", { ...said, retryAfter: SECOND_OPINION }),
            first: clock.monotonic(),
          }
        : { kind: "final", error: new PosternError("upstream-password-refused", said), since: clock.now() };
    refusals.set(key, refusal);
    parts.onChange(accountId);
    return refusal.error;
  }

  function forgetRefusals(accountId: string): void {
    for (const protocol of PROTOCOLS) refusals.delete(keyOf(accountId, protocol));
  }

  return {
    async password(accountId, protocol, rejected) {
      const before = refusals.get(keyOf(accountId, protocol));
      const holds = before?.kind === "final" || (before?.kind === "once" && minuteLeft(before.first) > 0);
      if (before !== undefined && holds) throw before.error;
      const password = await stored(accountId);
      if (password === undefined) throw new PosternError(missing(accountId));
      // Where a person has given another one meanwhile, the refusal says nothing about that.
      if (rejected?.password.equals(password)) throw refuse(accountId, protocol, rejected.detail);
      return password;
    },

    worked(accountId, protocol) {
      const isNews = refusals.delete(keyOf(accountId, protocol)) || !proven.has(accountId);
      proven.add(accountId);
      if (isNews) parts.onChange(accountId);
    },

    async keep(accountId, password) {
      await keychain.replace(nameOf(accountId), keychainValue(password));
      await keychain.dropPredecessor(nameOf(accountId)).catch(() => {});
      known.set(accountId, upstreamPassword(password));
      // It has just opened the mailbox.
      proven.add(accountId);
      forgetRefusals(accountId);
      parts.onChange(accountId);
    },

    async forget(accountId) {
      known.delete(accountId);
      proven.delete(accountId);
      forgetRefusals(accountId);
      await keychain.remove(nameOf(accountId));
      parts.onChange(accountId);
    },

    async look(accountId) {
      const both = PROTOCOLS.map((protocol) => refusals.get(keyOf(accountId, protocol)));
      const final = both.find((refusal) => refusal?.kind === "final");
      const report = { outage: undefined, unsaved: false };
      if (final?.kind === "final") {
        const { error, since } = final;
        return { ...report, state: { kind: "needs-attention", error, since } };
      }
      const password = await stored(accountId);
      if (password === undefined) {
        return { ...report, state: { kind: "signed-out", reason: missing(accountId) } };
      }
      const state = { kind: "stored", used: proven.has(accountId) } as const;
      const once = both.find((refusal) => refusal?.kind === "once");
      if (once?.kind !== "once") return { ...report, state };
      const { error, first } = once;
      const retryAt = Math.max(clock.monotonic(), first + SECOND_OPINION);
      return { ...report, state, outage: { error, since: first, lastFailure: first, retryAt, failures: 1 } };
    },
  };
}
