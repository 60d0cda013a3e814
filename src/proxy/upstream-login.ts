// From an account to a logged-in connection at its provider: token, connection, login, and one more try with a new token
// when the server refuses the first. Here mail meets OAuth, and nowhere else.
// Invariants: at most two logins upstream for one login here; of many at a time with a mailbox's password one tries it
// first, since providers lock mailboxes over wrong ones; nothing is dialled and no token fetched for an account
// whose hosts are not the ones that a person agreed to (threats.md G1).
import type { Account } from "../account/account.ts";
import { withDeadline } from "../clock/clock.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import type { MailboxVerdict } from "../mail/imap/observer.ts";
import type { ImapUpstream } from "../mail/imap/upstream.ts";
import type { SmtpUpstream } from "../mail/smtp/upstream.ts";
import { limits } from "../mail/wire/limits.ts";
import type { Wire } from "../mail/wire/wire.ts";
import { createOneFirst, type OneFirst } from "./one-first.ts";
import type { MailProtocol, Outages } from "./outages.ts";
import {
  askSmtpKeywords,
  type ConnectionMeans,
  openImap,
  openSmtp,
  type UpstreamCredential,
} from "./upstream-connection.ts";
import { createUpstreamNames, type UpstreamNames, type UpstreamUsers } from "./upstream-names.ts";

export interface UpstreamParts extends ConnectionMeans {
  /**
   * What opens the account's mailbox.
   * @param rejected what the mail server has just refused: it is not handed out again
   * @throws PosternError as TokenBroker.accessToken does, `upstream-password-refused`
   */
  credential(
    account: Account,
    protocol: MailProtocol,
    rejected?: RejectedCredential,
  ): Promise<UpstreamCredential>;
  readonly outages: Outages;
  readonly users: UpstreamUsers;
  /** @throws PosternError `account-hosts-changed`, `keychain-…` */
  checkHosts(account: Account): Promise<void>;
  /** Says what a failure means at the account's provider, where that is known. */
  explain(account: Account, protocol: MailProtocol, error: PosternError): PosternError;
}

export interface RejectedCredential {
  readonly credential: UpstreamCredential;
  /** What the mail server said. */
  readonly detail: string | undefined;
}

/** A connection that is logged in, and the SASL user name that it was let in under. */
export type LoggedInAs<Upstream> = Upstream & { readonly user: string };

export interface UpstreamLogins {
  /** @throws PosternError as the table of protocol.md §7 needs it */
  imap(account: Account): Promise<LoggedInAs<ImapUpstream>>;
  smtp(account: Account): Promise<LoggedInAs<SmtpUpstream>>;
  /** What the account's SMTP server announces, asked without logging in. */
  smtpKeywords(account: Account): Promise<readonly string[]>;
  /** Notes down what became of the mailbox behind an IMAP login under this name. Gives what is wrong with it, if anything is. */
  judge(account: Account, user: string, verdict: MailboxVerdict): PosternError | undefined;
  /** The SASL user name that the next login begins with. */
  user(account: Account, protocol: MailProtocol): string;
}

export function createUpstreamLogins(parts: UpstreamParts): UpstreamLogins {
  const names = createUpstreamNames(parts.users);
  const shared = { ...parts, names, oneFirst: createOneFirst(parts.clock, limits.upstreamLogin) };
  return {
    imap: (account) =>
      logIn(shared, account, "imap", async (user, credential) => {
        const upstream = await openImap(parts, { account, user, credential });
        return { ...upstream, user };
      }),

    smtp: (account) =>
      logIn(shared, account, "smtp", async (user, credential) => {
        const upstream = await openSmtp(parts, { account, user, credential });
        return { ...upstream, user };
      }),

    async smtpKeywords(account) {
      await parts.checkHosts(account);
      return askSmtpKeywords(parts, account.smtp);
    },

    judge(account, user, verdict) {
      names.hasMailbox(account, user, verdict === "connected");
      if (verdict === "connected") {
        parts.outages.mailboxOpened(account);
        return undefined;
      }
      const detail = `logged in as ${user}; it said: User is authenticated but not connected`;
      const error = new PosternError("mailbox-not-connected", { detail });
      parts.outages.failed(account, "imap", error);
      return error;
    },

    user: (account, protocol) => names.tries(account, protocol)[0],
  };
}

interface LoginParts extends UpstreamParts {
  readonly names: UpstreamNames;
  readonly oneFirst: OneFirst;
}

/** One login here: the account's token, and a new one if the mail server refuses it. */
async function logIn<T extends { readonly wire: Wire; readonly user: string }>(
  { credential, outages, clock, checkHosts, explain, names, oneFirst }: LoginParts,
  account: Account,
  protocol: MailProtocol,
  attempt: (user: string, credential: UpstreamCredential) => Promise<T>,
): Promise<T> {
  const blocking = outages.blocking(account, protocol);
  if (blocking !== undefined) throw blocking;

  /** Whom the login is waiting for: who is late is who is told of. */
  let waitingFor: "token" | "mail server" = "mail server";
  let late = false;
  const obtain = async (rejected?: RejectedCredential): Promise<UpstreamCredential> => {
    waitingFor = "token";
    const obtained = await credential(account, protocol, rejected);
    waitingFor = "mail server";
    return obtained;
  };
  const bothTries = async (): Promise<T> => {
    waitingFor = "token";
    await checkHosts(account);
    const [firstUser, secondUser] = names.tries(account, protocol);
    const first = await obtain();
    let detail: string | undefined;
    try {
      return await attempt(firstUser, first);
    } catch (thrown) {
      const error = toPosternError(thrown);
      if (error.code !== "upstream-refused") throw thrown;
      detail = error.detail;
    }
    const second = await obtain({ credential: first, detail });
    try {
      return await attempt(secondUser, second);
    } catch (thrown) {
      if (toPosternError(thrown).code === "upstream-refused") names.refused(account, protocol);
      throw thrown;
    }
  };

  const isGone = (): Error => new PosternError("upstream-timeout");
  const trying =
    account.kind === "password"
      ? oneFirst.try(`${account.id} ${protocol}`, bothTries, () => late, isGone)
      : bothTries();
  // A login that succeeds after its deadline is of no use to anybody.
  trying.then(
    (upstream) => {
      if (late) upstream.wire.close();
    },
    () => {},
  );
  try {
    const upstream = await withDeadline(clock, limits.upstreamLogin, trying, () => {
      late = true;
      return new PosternError(waitingFor === "token" ? "authorization-server-failing" : "upstream-timeout", {
        detail: "no answer within 20 seconds",
      });
    });
    outages.succeeded(account, protocol);
    names.worked(account, protocol, upstream.user);
    return upstream;
  } catch (thrown) {
    const error = explain(account, protocol, toPosternError(thrown));
    if (/^(?:upstream|proxy)-/.test(error.code)) outages.failed(account, protocol, error);
    throw error;
  }
}
