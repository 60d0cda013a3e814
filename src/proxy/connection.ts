// One connection of a mail program, from its first octet to its last: session, local password, upstream login, splice.
import type { Socket } from "node:net";
import type { Account } from "../account/account.ts";
import { type Directory, findAccount } from "../account/directory.ts";
import type { LoginThrottle } from "../account/login-throttle.ts";
import { type Clock, wait } from "../clock/clock.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { printable } from "../errors/printable.ts";
import { createIdObserver } from "../mail/imap/id.ts";
import { createMailboxObserver } from "../mail/imap/observer.ts";
import { formatBye, formatForeignBye } from "../mail/imap/reply.ts";
import { runImapSession } from "../mail/imap/session.ts";
import type { LocalCredentials } from "../mail/sasl/plain.ts";
import { listenerKeywords } from "../mail/smtp/keyword.ts";
import { formatClosing, formatForeignClosing } from "../mail/smtp/reply.ts";
import { runSmtpSession } from "../mail/smtp/session.ts";
import {
  describeForeign,
  type ForeignProtocol,
  formatForeign,
  recogniseEarly,
} from "../mail/wire/foreign-protocol.ts";
import { limits } from "../mail/wire/limits.ts";
import type { Observer } from "../mail/wire/splice.ts";
import { createWire, type Wire } from "../mail/wire/wire.ts";
import type { KeywordCache } from "./keyword-cache.ts";
import type { MailProtocol } from "./outages.ts";
import { type PassedOctets, type SplicedSession, spliceSession } from "./spliced-session.ts";
import type { UpstreamLogins } from "./upstream-login.ts";

/** What happened on a connection, for the log and for status. */
export type ConnectionEvent =
  | { readonly kind: "connected" }
  /** It said what it is: by ID (RFC 2971), or after EHLO. */
  | { readonly kind: "named-itself"; readonly program: string }
  /** What it speaks is not what the port takes. */
  | { readonly kind: "wrong-protocol"; readonly error: PosternError }
  | {
      readonly kind: "login-refused";
      readonly error: PosternError;
      /** Whose user name it was. */
      readonly account: Account | undefined;
      /** What was given as one, where it is nobody's. */
      readonly userName: string | undefined;
    }
  /** Here; the login at the mail server comes now. */
  | { readonly kind: "password-accepted"; readonly account: Account; readonly passwordName: string }
  | { readonly kind: "login-failed"; readonly account: Account; readonly error: PosternError }
  /** On both sides; `session-ended` follows. */
  | {
      readonly kind: "logged-in";
      readonly account: Account;
      readonly passwordName: string;
      passed(): PassedOctets;
    }
  /** The server let us in, and there was no mailbox behind it. */
  | { readonly kind: "mailbox-not-connected"; readonly account: Account; readonly error: PosternError }
  | ({
      readonly kind: "session-ended";
      readonly account: Account;
      readonly passwordName: string;
    } & PassedOctets)
  /** The last, whatever has become of it. */
  | { readonly kind: "ended" };

/** Which connection something happened on. */
export interface ConnectionIdentity {
  /** Of this run of Postern. */
  readonly id: string;
  readonly protocol: MailProtocol;
}

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
  onEvent(connection: ConnectionIdentity, event: ConnectionEvent): void;
}

export interface Connection extends ConnectionIdentity {
  readonly socket: Socket;
  /** Whose mailbox it is, once somebody has logged in. */
  account: Account | undefined;
  /** Of the local password that was right. */
  passwordName: string | undefined;
  /** Once the mail server has let us in too. */
  session: SplicedSession | undefined;
}

/** A login that has succeeded on both sides. */
interface LoggedIn {
  readonly account: Account;
  readonly passwordName: string;
  readonly upstream: Wire;
  /** Looks at what the server says first. */
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
  const observers = {
    upstream: observe,
    ...(protocol === "imap"
      ? { mua: createIdObserver((program) => noteProgram(onEvent, connection, program)) }
      : {}),
  };
  const session = spliceSession({ protocol, clock, socket, mua, upstream, observers });
  connection.session = session;
  onEvent(connection, { kind: "logged-in", account, passwordName, passed: session.passed });
  await session.over;
  onEvent(connection, { kind: "session-ended", account, passwordName, ...session.passed() });
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
async function greetable(parts: ConnectionParts, connection: Connection, wire: Wire): Promise<boolean> {
  const { protocol, socket } = connection;
  const refusal = parts.refusal(protocol);
  if (refusal !== undefined) {
    wire.close(formatRefusal(protocol, refusal.wireText));
    return false;
  }
  // The server speaks first in both protocols: octets that are already here come from something else (threats.md C4).
  // What has arrived is seen only after the event loop has polled, which it does between two turns.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  if (socket.readableLength > 0) {
    const spoken = recogniseEarly(protocol, await wire.reader.peek());
    if (spoken === undefined) wire.close(formatRefusal(protocol, "The server speaks first"));
    else {
      const text = formatForeign(protocol, spoken);
      noteForeign(parts, connection, spoken);
      wire.close(protocol === "imap" ? formatForeignBye(text) : formatForeignClosing(text));
    }
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
    onId: (program) => noteProgram(parts.onEvent, connection, program),
    onForeign: (spoken) => noteForeign(parts, connection, spoken),
    async logIn(credentials) {
      const { account, passwordName } = await checkLocalPassword(parts, connection, credentials);
      const upstream = await openUpstream(parts, connection, deadline, account, () =>
        parts.logins.imap(account),
      );
      const observe = createMailboxObserver((verdict) => {
        const error = parts.logins.judge(account, upstream.user, verdict);
        if (error !== undefined) parts.onEvent(connection, { kind: "mailbox-not-connected", account, error });
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
    onHello: (name) => {
      // Whoever gives its address says nothing of itself.
      if (!name.startsWith("[")) noteProgram(parts.onEvent, connection, name);
    },
    onForeign: (spoken) => noteForeign(parts, connection, spoken),
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
  connection: Connection,
  { authcid, localPassword }: LocalCredentials,
): Promise<{ account: Account; passwordName: string }> {
  try {
    const verified = directory.verify(authcid, localPassword);
    connection.passwordName = verified.passwordName;
    onEvent(connection, { kind: "password-accepted", ...verified });
    return verified;
  } catch (thrown) {
    const error = toPosternError(thrown);
    const account = findAccount(directory.accounts(), authcid);
    const userName = account === undefined ? printable(authcid, 100) : undefined;
    onEvent(connection, { kind: "login-refused", error, account, userName });
    await wait(clock, throttle.failed(authcid, connection.socket.remoteAddress ?? ""));
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
    parts.onEvent(connection, { kind: "login-failed", account, error });
    throw error;
  }
}

function noteProgram(onEvent: ConnectionParts["onEvent"], connection: Connection, program: string): void {
  const shown = printable(program, 100);
  if (shown !== "") onEvent(connection, { kind: "named-itself", program: shown });
}

function noteForeign({ onEvent }: ConnectionParts, connection: Connection, spoken: ForeignProtocol): void {
  const code = spoken === "tls" || spoken === "starttls" ? "tls-on-plain-port" : "other-protocol";
  const error = new PosternError(code, { detail: describeForeign(connection.protocol, spoken) });
  onEvent(connection, { kind: "wrong-protocol", error });
}

/** A last line for a mail program that has not logged in. */
export function formatRefusal(protocol: MailProtocol, text: string): string {
  return protocol === "imap" ? formatBye(text) : formatClosing(text);
}
