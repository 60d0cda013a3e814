// Who may log in here: user name and local password to account. Knows no tokens, and touches none (threats.md A2).
// Invariant: an unknown user name and a wrong password cost the same time and give a mail program the same answer; only a
// person who may look is told which it was.
import { PosternError } from "../errors/postern-error.ts";
import type { LocalPassword } from "../secret/secret.ts";
import { type Account, canonicalUserName } from "./account.ts";
import {
  generateLocalPassword,
  hashLocalPassword,
  type LocalPasswordRecord,
  matchesLocalPassword,
} from "./local-password.ts";

export interface Directory {
  /** All accounts, in the order in which they were added. */
  accounts(): readonly Account[];
  /**
   * The account that this user name and local password open, and under which name the password was made.
   * @throws PosternError `wrong-local-password`, `local-user-unknown`
   */
  verify(userName: string, password: LocalPassword): { account: Account; passwordName: string };
}

/** A record that no password matches: what an unknown user name is compared with. */
const NOBODY = hashLocalPassword("", "", generateLocalPassword(), 0);

export function createDirectory(
  accounts: () => readonly Account[],
  passwords: () => readonly LocalPasswordRecord[],
): Directory {
  return {
    accounts,
    verify(userName, password) {
      const account = findAccount(accounts(), userName);
      const records = passwords().filter((record) => record.accountId === account?.id);
      const match = (records.length === 0 ? [NOBODY] : records).filter((record) =>
        matchesLocalPassword(record, password),
      )[0];
      if (account === undefined) throw new PosternError("local-user-unknown");
      if (match === undefined) throw new PosternError("wrong-local-password");
      return { account, passwordName: match.name };
    },
  };
}

/** The account of an address or of a local user name, compared as people mean it. */
export function findAccount(accounts: readonly Account[], userName: string): Account | undefined {
  const wanted = canonicalUserName(userName);
  return accounts.find(
    ({ email, localUser }) =>
      canonicalUserName(email) === wanted ||
      (localUser !== undefined && canonicalUserName(localUser) === wanted),
  );
}
