// A connection to one of an account's mail servers, along the way that leads there, and the login upon it.
// Invariants: when what is done on it fails, nothing of it stays open; an access token goes only to the account's own
// host, and only under the name that it is handed in with.
import { randomBytes } from "node:crypto";
import type { Account, MailServer } from "../account/account.ts";
import type { Clock } from "../clock/clock.ts";
import { type Dialled, dial } from "../mail/dial/dial.ts";
import { type ImapUpstream, logInAtImapUpstream } from "../mail/imap/upstream.ts";
import { bearerExchange, type PrepareExchange, passwordExchange } from "../mail/sasl/upstream-exchange.ts";
import { greetSmtpUpstream, type SmtpUpstream } from "../mail/smtp/upstream.ts";
import type { Route } from "../network/route.ts";
import type { AccessToken, UpstreamPassword } from "../secret/secret.ts";

export interface ConnectionMeans {
  readonly clock: Clock;
  /** The way to a mail server: straight, or through a proxy. @throws PosternError `proxy-invalid`, `keychain-…` */
  route(host: string, port: number): Promise<Route>;
}

/** What a login is made with. */
export interface LoginAs {
  readonly account: Account;
  /** The SASL user name. */
  readonly user: string;
  readonly credential: UpstreamCredential;
}

/** What opens a mailbox at a provider. */
export type UpstreamCredential =
  | { readonly kind: "bearer"; readonly accessToken: AccessToken }
  | { readonly kind: "password"; readonly password: UpstreamPassword };

/** @throws PosternError `upstream-…`, `proxy-…` */
export function openImap(means: ConnectionMeans, login: LoginAs): Promise<ImapUpstream> {
  const { account } = login;
  return connected(means, account.imap, ({ transport }) =>
    logInAtImapUpstream({
      transport,
      exchange: exchangeFor(account.imap, login),
      clock: means.clock,
      tagPrefix: `P${randomBytes(4).toString("hex")}.`,
    }),
  );
}

/** @throws PosternError `upstream-…`, `proxy-…` */
export function openSmtp(means: ConnectionMeans, login: LoginAs): Promise<SmtpUpstream> {
  const { account } = login;
  return connected(means, account.smtp, async ({ transport }) => {
    const upstream = await greetSmtpUpstream(transport, means.clock);
    await upstream.logIn(exchangeFor(account.smtp, login));
    return upstream;
  });
}

/** What a submission server announces, asked without logging in. */
export function askSmtpKeywords(means: ConnectionMeans, server: MailServer): Promise<readonly string[]> {
  return connected(means, server, async ({ transport, destroy }) => {
    const { keywords, wire } = await greetSmtpUpstream(transport, means.clock);
    wire.write("QUIT\r\n");
    destroy();
    return keywords;
  });
}

async function connected<T>(
  { route, clock }: ConnectionMeans,
  server: MailServer,
  use: (dialled: Dialled) => Promise<T>,
): Promise<T> {
  const dialled = await dial(server, clock, await route(server.host, server.port));
  try {
    return await use(dialled);
  } catch (thrown) {
    dialled.destroy();
    throw thrown;
  }
}

/** What is said to this server. Host and port are those that are really connected to (RFC 7628 §3.1). */
export function exchangeFor(
  { host, port }: MailServer,
  { account, user, credential }: LoginAs,
): PrepareExchange {
  if (credential.kind === "password") return passwordExchange(user, credential.password);
  const { accessToken } = credential;
  const choice = account.kind === "oauth" ? account.mechanism : "auto";
  return bearerExchange({ user, accessToken, host, port }, choice);
}
