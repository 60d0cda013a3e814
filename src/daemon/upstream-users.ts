// Under which SASL user names the mail servers know the person who signed in (demands.md 16): what has worked is
// remembered; until then the provider's own name for them is worth one try.
import { type Account, canonicalUserName, upstreamUser } from "../account/account.ts";
import type { UpstreamUsers } from "../proxy/upstream-names.ts";
import type { Document } from "../storage/document.ts";
import type { State } from "./config/state.ts";

export function createUpstreamUsers(
  state: Document<State>,
  onFailure: (error: unknown) => void,
): UpstreamUsers {
  const recordOf = (account: Account) => state.current().signIns[account.id];
  return {
    remembered: (account, protocol) => recordOf(account)?.workingUsers[protocol],

    alternative(account, protocol) {
      const identity = recordOf(account)?.identity;
      // A name that a person chose is the only one.
      const isChosen = (protocol === "imap" ? account.imapUser : account.smtpUser) !== undefined;
      const isDelegated = account.kind === "oauth" && account.owner !== undefined;
      if (identity === undefined || isChosen || isDelegated) return undefined;
      const own = upstreamUser(account, protocol);
      return canonicalUserName(identity) === canonicalUserName(own) ? undefined : identity;
    },

    worked(account, protocol, user) {
      if (recordOf(account)?.workingUsers[protocol] === user) return;
      // The account's own name needs no remembering unless another one was remembered in its place.
      if (recordOf(account)?.workingUsers[protocol] === undefined && user === upstreamUser(account, protocol))
        return;
      const change = state.change((current) => {
        const record = current.signIns[account.id];
        if (record === undefined) return current;
        const workingUsers = { ...record.workingUsers, [protocol]: user };
        return { ...current, signIns: { ...current.signIns, [account.id]: { ...record, workingUsers } } };
      });
      change.catch(onFailure);
    },
  };
}
