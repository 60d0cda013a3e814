// Under which SASL user name to log in: the account's own, or the one under which the provider knows the person who
// signed in (demands.md 16).
// Invariants: a name that a person chose is the only one; what has worked is tried first; whatever is right at the
// mail server is found within two logins, and stays.
import { type Account, upstreamUser } from "../account/account.ts";
import type { MailProtocol } from "./outages.ts";

/** What was noted down about names, beyond the end of the program. */
export interface UpstreamUsers {
  /** What has worked since the last sign-in, where that was another name than the account's own. */
  remembered(account: Account, protocol: MailProtocol): string | undefined;
  /** Another name that is worth a try, where the account's own was refused. */
  alternative(account: Account, protocol: MailProtocol): string | undefined;
  worked(account: Account, protocol: MailProtocol, user: string): void;
}

export interface UpstreamNames {
  /** The names of a login's first try and of its second one, which has a new access token. */
  tries(account: Account, protocol: MailProtocol): readonly [string, string];
  /** The mail server let this name in. */
  worked(account: Account, protocol: MailProtocol, user: string): void;
  /** Both tries were refused. */
  refused(account: Account, protocol: MailProtocol): void;
  /** Whether there was a mailbox behind the name that IMAP let in: without one the next login begins with another name. */
  hasMailbox(account: Account, user: string, has: boolean): void;
}

export function createUpstreamNames(users: UpstreamUsers): UpstreamNames {
  /** By account and protocol: the name that a mail server has let in since the start. */
  const proven = new Map<string, string>();
  /** Where the proven name was refused with two tokens. */
  const doubted = new Set<string>();
  /** Names without a mailbox behind them. */
  const shunned = new Map<string, string>();
  const keyOf = ({ id }: Account, protocol: MailProtocol): string => `${id} ${protocol}`;

  return {
    tries(account, protocol) {
      const own = upstreamUser(account, protocol);
      const chosen = protocol === "imap" ? account.imapUser : account.smtpUser;
      if (chosen !== undefined) return [own, own];
      const key = keyOf(account, protocol);
      const alternative = users.alternative(account, protocol);
      // Somebody else may have signed in since: the former person's name proves nothing about this one's.
      const known = [users.remembered(account, protocol), proven.get(key)].find(
        (name) => name !== undefined && [own, alternative].includes(name),
      );
      const first = known ?? own;
      const other = first === own ? (alternative ?? own) : own;
      if (shunned.get(key) === first) return [other, first];
      // A name that has worked is right, and its refusal is about the token: until that too has been refused.
      return known === undefined || doubted.has(key) ? [first, other] : [first, first];
    },

    worked(account, protocol, user) {
      const key = keyOf(account, protocol);
      if (user !== (users.remembered(account, protocol) ?? upstreamUser(account, protocol))) {
        users.worked(account, protocol, user);
      }
      proven.set(key, user);
      doubted.delete(key);
    },

    refused: (account, protocol) => void doubted.add(keyOf(account, protocol)),

    hasMailbox(account, user, has) {
      const key = keyOf(account, "imap");
      if (!has) shunned.set(key, user);
      else if (shunned.get(key) === user) shunned.delete(key);
    },
  };
}
