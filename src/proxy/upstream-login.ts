// From an account to a logged-in connection at its provider: token, dial, login, and one more try with a new token
// when the server refuses the first. Here mail meets OAuth, and nowhere else.
// Invariants: at most two logins upstream for one login here; a token goes only to the account's own host.
import { randomBytes } from "node:crypto";
import type { Account, MailServer } from "../account/account.ts";
import { type Clock, withDeadline } from "../clock/clock.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { type Dialled, dial } from "../mail/dial/dial.ts";
import { type ImapUpstream, logInAtImapUpstream } from "../mail/imap/upstream.ts";
import { greetSmtpUpstream, type SmtpUpstream } from "../mail/smtp/upstream.ts";
import { limits } from "../mail/wire/limits.ts";
import type { Wire } from "../mail/wire/wire.ts";
import type { TokenBroker } from "../oauth/token/broker.ts";
import type { AccessToken } from "../secret/secret.ts";
import type { MailProtocol, Outages } from "./outages.ts";

export interface UpstreamParts {
  readonly broker: TokenBroker;
  readonly outages: Outages;
  readonly clock: Clock;
}

export interface UpstreamLogins {
  /** @throws PosternError as the table of protocol.md §7 needs it */
  imap(account: Account): Promise<ImapUpstream>;
  smtp(account: Account): Promise<SmtpUpstream>;
  /** What the account's SMTP server announces, asked without logging in. */
  smtpKeywords(account: Account): Promise<readonly string[]>;
}

export function createUpstreamLogins(parts: UpstreamParts): UpstreamLogins {
  const { clock } = parts;

  /** Dials, and destroys the connection when what is done on it fails. */
  async function connected<T>(server: MailServer, use: (dialled: Dialled) => Promise<T>): Promise<T> {
    const dialled = await dial(server, clock);
    try {
      return await use(dialled);
    } catch (thrown) {
      dialled.destroy();
      throw thrown;
    }
  }

  const credentialsFor = (account: Account, server: MailServer, accessToken: AccessToken) => ({
    user: account.email,
    accessToken,
    host: server.host,
    port: server.port,
  });

  return {
    imap: (account) =>
      logIn(parts, account, "imap", (accessToken) =>
        connected(account.imap, ({ transport }) =>
          logInAtImapUpstream({
            transport,
            credentials: credentialsFor(account, account.imap, accessToken),
            mechanism: account.mechanism,
            clock,
            tagPrefix: `P${randomBytes(4).toString("hex")}.`,
          }),
        ),
      ),

    smtp: (account) =>
      logIn(parts, account, "smtp", (accessToken) =>
        connected(account.smtp, async ({ transport }) => {
          const upstream = await greetSmtpUpstream(transport, clock);
          await upstream.logIn({
            credentials: credentialsFor(account, account.smtp, accessToken),
            mechanism: account.mechanism,
          });
          return upstream;
        }),
      ),

    async smtpKeywords(account) {
      return connected(account.smtp, async ({ transport, destroy }) => {
        const { keywords, wire } = await greetSmtpUpstream(transport, clock);
        wire.write("QUIT\r\n");
        destroy();
        return keywords;
      });
    },
  };
}

/** One login here: the account's token, and a new one if the mail server refuses it. */
async function logIn<T extends { readonly wire: Wire }>(
  { broker, outages, clock }: UpstreamParts,
  account: Account,
  protocol: MailProtocol,
  attempt: (accessToken: AccessToken) => Promise<T>,
): Promise<T> {
  const blocking = outages.blocking(account, protocol);
  if (blocking !== undefined) throw blocking;

  /** Whom the login is waiting for: who is late is who is told of. */
  let waitingFor: "token" | "mail server" = "token";
  const accessToken = async (rejected?: AccessToken): Promise<AccessToken> => {
    waitingFor = "token";
    const token = await broker.accessToken(account.id, rejected);
    waitingFor = "mail server";
    return token;
  };
  const bothTries = async (): Promise<T> => {
    const first = await accessToken();
    try {
      return await attempt(first);
    } catch (thrown) {
      if (toPosternError(thrown).code !== "upstream-refused") throw thrown;
    }
    return attempt(await accessToken(first));
  };

  const trying = bothTries();
  // A login that succeeds after its deadline is of no use to anybody.
  let late = false;
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
    return upstream;
  } catch (thrown) {
    const error = toPosternError(thrown);
    if (error.code.startsWith("upstream-")) outages.failed(account, protocol, error);
    throw error;
  }
}
