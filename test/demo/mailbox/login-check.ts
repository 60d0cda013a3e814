// Who may log in, the same for IMAP and SMTP, and a record of who tried how.
// Invariant: a login is accepted only when the access token is good for exactly the address that the SASL message
// names and that address has a mailbox. The record never holds a token or a password.

/** Checks an access token: the address it is for, or undefined when it is not (or no longer) good. */
export type TokenCheck = (accessToken: string) => Promise<string | undefined>;

export interface LoginAttempt {
  readonly protocol: "imap" | "smtp";
  /** The SASL mechanism in upper case; "LOGIN" stands for the IMAP LOGIN command too. */
  readonly mechanism: string;
  /** As the mail program wrote it; empty where the attempt was refused before it named anybody. */
  readonly user: string;
  readonly accepted: boolean;
}

export interface LoginCheck {
  readonly logins: readonly LoginAttempt[];
  /** Whether this login is accepted; recorded either way. Rejects (recorded as refused) when the token check does. */
  check(attempt: Omit<LoginAttempt, "accepted">, accessToken: string): Promise<boolean>;
  /** Records an attempt that was refused without looking at a token. */
  refuse(attempt: Omit<LoginAttempt, "accepted">): void;
}

export function createLoginCheck(users: readonly string[], checkToken: TokenCheck): LoginCheck {
  const known = new Set(users.map((user) => user.toLowerCase()));
  const logins: LoginAttempt[] = [];

  async function check(attempt: Omit<LoginAttempt, "accepted">, accessToken: string): Promise<boolean> {
    let accepted = false;
    try {
      const address = (await checkToken(accessToken))?.toLowerCase();
      accepted = address !== undefined && address === attempt.user.toLowerCase() && known.has(address);
      return accepted;
    } finally {
      logins.push({ ...attempt, accepted });
    }
  }

  function refuse(attempt: Omit<LoginAttempt, "accepted">): void {
    logins.push({ ...attempt, accepted: false });
  }

  return { logins, check, refuse };
}
