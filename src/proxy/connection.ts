// One connection of a mail program, from its first octet to its last: session, local password, upstream login, splice.
import type { Socket } from "node:net";
import type { Account } from "../account/account.ts";
import type { Directory } from "../account/directory.ts";
import type { LoginThrottle } from "../account/login-throttle.ts";
import { type Clock, wait } from "../clock/clock.ts";
import { type PosternError, toPosternError } from "../errors/postern-error.ts";
import { createMailboxObserver } from "../mail/imap/observer.ts";
import { formatBye } from "../mail/imap/reply.ts";
import { runImapSession } from "../mail/imap/session.ts";
import type { LocalCredentials } from "../mail/sasl/plain.ts";
import { listenerKeywords } from "../mail/smtp/keyword.ts";
import { formatClosing } from "../mail/smtp/reply.ts";
import { runSmtpSession } from "../mail/smtp/session.ts";
import { limits } from "../mail/wire/limits.ts";
import type { Observer } from "../mail/wire/splice.ts";
import { createWire, type Wire } from "../mail/wire/wire.ts";
import type { KeywordCache } from "./keyword-cache.ts";
import type { MailProtocol } from "./outages.ts";
import { type SplicedSession, spliceSession } from "./spliced-session.ts";
import type { UpstreamLogins } from "./upstream-login.ts";

/** What happened on a connection, for the log and for status. */
export type ConnectionEvent =
  | { readonly kind: "login-refused"; readonly error: PosternError }
  | { readonly kind: "login-failed"; readonly account: Account; readonly error: PosternError }
  /** On both sides; `session-ended` follows. */
  | { readonly kind: "logged-in"; readonly account: Account; readonly passwordName: string }
  /** The server let us in, and there was no mailbox behind it. */
  | { readonly kind: "mailbox-not-connected"; readonly account: Account; readonly error: PosternError }
  | {
      readonly kind: "session-ended";
      readonly account: Account;
      readonly passwordName: string;
      /** Since the login. */
      readonly octetsToMua: number;
      readonly octetsFromMua: number;
    };

export interface ConnectionParts {
  readonly directory: Directory;
  readonly throttle: LoginThrottle;
  readonly logins: UpstreamLogins;
  readonly keywords: KeywordCache;
  readonly clock: Clock;
  /** Whether failures are answered by the book instead of as Thunderbird bears them. */
  isStrict(): boolean;
  /** Why nobody can log in at this listener now; told at the greeting. */
  refusal(protocol: MailProtocol): PosternError | undefined;
  onEvent(protocol: MailProtocol, event: ConnectionEvent): void;
}

export interface Connection {
  readonly protocol: MailProtocol;
  readonly socket: Socket;
  /** Whose mailbox it is, once somebody has logged in. */
  account: Account | undefined;
  /** Once the mail server has let us in too. */
  session: SplicedSession | undefined;
}

/** A login that has succeeded on both sides. */
interface LoggedIn {
  readonly account: Account;
  readonly passwordName: string;
  readonly upstream: Wire;
  readonly observe?: Observer;
}

/** Resolves when the connection is over. Never rejects but for a bug of ours. */
export async function serveConnection(parts: ConnectionParts, connection: Connection): Promise<void> {
  const { clock } = parts;
  const { socket, protocol } = connection;
  const wire = createWire(socket, clock);
  const deadline = createLoginDeadline(clock, () =>
    wire.close(formatRefusal(protocol, "Nobody logged in within a minute")),
  );
  try {
    if (!(await greetable(parts, connection, wire))) return;
    const loggedIn = await (protocol === "imap"
      ? serveImap(parts, connection, wire, deadline)
      : serveSmtp(parts, connection, wire, deadline));
    // Whoever was told goodbye meanwhile gets no mail server any more.
    if (loggedIn === undefined || socket.writableEnded) {
      loggedIn?.upstream.close();
      wire.close();
    } else await passOn(parts, connection, wire, loggedIn);
  } finally {
    deadline.stop();
  }
}

/** From the login to the end: octets, both ways. */
async function passOn(
  { clock, onEvent }: ConnectionParts,
  connection: Connection,
  mua: Wire,
  { account, passwordName, upstream, observe }: LoggedIn,
): Promise<void> {
  const { protocol, socket } = connection;
  onEvent(protocol, { kind: "logged-in", account, passwordName });
  const session = spliceSession({ protocol, clock, socket, mua, upstream, observe });
  connection.session = session;
  await session.over;
  onEvent(protocol, { kind: "session-ended", account, passwordName, ...session.passed() });
}

/** The time a mail program has for its login; it stands still while the login is ours to finish. */
interface LoginDeadline {
  start(): void;
  stop(): void;
}

function createLoginDeadline(clock: Clock, onLate: () => void): LoginDeadline {
  let cancel = clock.schedule(limits.loginPhase, onLate);
  return {
    start() {
      cancel();
      cancel = clock.schedule(limits.loginPhase, onLate);
    },
    stop: () => cancel(),
  };
}

/** Whether the connection gets a greeting; otherwise it has been told why not. */
async function greetable(
  parts: ConnectionParts,
  { protocol, socket }: Connection,
  wire: Wire,
): Promise<boolean> {
  const refusal = parts.refusal(protocol);
  if (refusal !== undefined) {
    wire.close(formatRefusal(protocol, refusal.wireText));
    return false;
  }
  // The server speaks first in both protocols: octets that are already here come from something else (threats.md C4).
  // What has arrived is seen only after the event loop has polled, which it does between two turns.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  if (socket.readableLength > 0) {
    wire.close(formatRefusal(protocol, "The server speaks first"));
    return false;
  }
  return true;
}

function serveImap(
  parts: ConnectionParts,
  connection: Connection,
  wire: Wire,
  deadline: LoginDeadline,
): Promise<LoggedIn | undefined> {
  return runImapSession({
    wire,
    async logIn(credentials) {
      const { account, passwordName } = await checkLocalPassword(parts, connection, credentials);
      const upstream = await openUpstream(parts, connection, deadline, account, () =>
        parts.logins.imap(account),
      );
      const observe = createMailboxObserver((verdict) => {
        const error = parts.logins.judge(account, upstream.user, verdict);
        if (error !== undefined) parts.onEvent("imap", { kind: "mailbox-not-connected", account, error });
      });
      const { wire: upstreamWire, capabilities } = upstream;
      return { upstream: { account, passwordName, upstream: upstreamWire, observe }, capabilities };
    },
  });
}

function serveSmtp(
  parts: ConnectionParts,
  connection: Connection,
  wire: Wire,
  deadline: LoginDeadline,
): Promise<LoggedIn | undefined> {
  return runSmtpSession({
    wire,
    strict: parts.isStrict(),
    keywords: async () => listenerKeywords(await parts.keywords.lists(parts.directory.accounts())),
    checkLocalPassword: (credentials) => checkLocalPassword(parts, connection, credentials),
    async openUpstream({ account, passwordName }) {
      const upstream = await openUpstream(parts, connection, deadline, account, () =>
        parts.logins.smtp(account),
      );
      parts.keywords.learn(account, upstream.keywords);
      return { account, passwordName, upstream: upstream.wire };
    },
  });
}

async function checkLocalPassword(
  { directory, throttle, clock, onEvent }: ConnectionParts,
  { protocol, socket }: Connection,
  { authcid, localPassword }: LocalCredentials,
): Promise<{ account: Account; passwordName: string }> {
  try {
    return directory.verify(authcid, localPassword);
  } catch (thrown) {
    const error = toPosternError(thrown);
    onEvent(protocol, { kind: "login-refused", error });
    await wait(clock, throttle.failed(authcid, socket.remoteAddress ?? ""));
    throw error;
  }
}

async function openUpstream<T>(
  parts: ConnectionParts,
  connection: Connection,
  deadline: LoginDeadline,
  account: Account,
  open: () => Promise<T>,
): Promise<T> {
  deadline.stop();
  connection.account = account;
  try {
    return await open();
  } catch (thrown) {
    const error = toPosternError(thrown);
    connection.account = undefined;
    deadline.start();
    parts.onEvent(connection.protocol, { kind: "login-failed", account, error });
    throw error;
  }
}

/** A last line for a mail program that has not logged in. */
export function formatRefusal(protocol: MailProtocol, text: string): string {
  return protocol === "imap" ? formatBye(text) : formatClosing(text);
}
