// imapflow and nodemailer as independent mail programs: they sign in, look whether there is a mailbox, and leave. Loaded
// only when a test is asked for.
// Invariant: TLS is never optional at the provider; nothing in the mailbox changes; what they throw becomes a failure
// without any credential in it.
import type { Socket } from "node:net";
import type { Clock } from "../../clock/clock.ts";
import { isErrorCode } from "../../errors/catalogue.ts";
import { PosternError, systemCode, toPosternError } from "../../errors/postern-error.ts";
import { withhold } from "../../errors/withhold.ts";
import { saysNotConnected } from "../../mail/imap/observer.ts";
import { encodeBase64 } from "../../mail/sasl/base64.ts";
import { formatFailureChallenge, parseFailureChallenge } from "../../mail/sasl/failure-challenge.ts";
import type { PrepareExchange } from "../../mail/sasl/upstream-exchange.ts";
import { formatHostAndPort, type ProxyRoute, type Route } from "../../network/route.ts";
import { openTcp } from "../../network/tunnel.ts";
import type { UpstreamCredential } from "../../proxy/upstream-connection.ts";
import type { LocalPassword } from "../../secret/secret.ts";

/** At the provider: with what opens the mailbox there, and TLS. */
export interface DirectLogin {
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls";
  readonly user: string;
  readonly credential: UpstreamCredential;
  readonly exchange: PrepareExchange;
  readonly route: Route;
  readonly clock: Clock;
}

/** At our own listeners on this machine: with a local password, without TLS. */
export interface LocalLogin {
  readonly host: string;
  readonly port: number;
  readonly tls: "none";
  readonly user: string;
  readonly localPassword: LocalPassword;
}

const TIMEOUT = 30_000;

/** @throws PosternError `test-refused`, `test-failed`, `mailbox-not-connected` */
export async function signInByImapflow(login: DirectLogin | LocalLogin): Promise<void> {
  const { ImapFlow } = await import("imapflow");
  const client = new ImapFlow({
    host: login.host,
    port: login.port,
    secure: login.tls === "implicit",
    doSTARTTLS: login.tls === "starttls",
    auth: {
      user: login.user,
      ...secretOf(login),
      // Asked for when the server has announced its mechanisms. Without an answer, imapflow falls back to IMAP's own LOGIN.
      get loginMethod() {
        if (login.tls === "none" || login.credential.kind !== "password") return undefined;
        const names = [...client.capabilities.keys()].filter((name) => name.startsWith("AUTH="));
        return `AUTH=${login.exchange(names.map((name) => name.slice("AUTH=".length))).mechanism}`;
      },
    },
    ...(login.tls === "none" || login.route.kind === "direct" ? {} : { proxy: formatProxyUrl(login.route) }),
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    disableAutoEnable: true,
    connectionTimeout: TIMEOUT,
    greetingTimeout: TIMEOUT,
  });
  // An error after the login has nobody else to go to.
  client.on("error", () => {});
  try {
    await client.connect();
    // Exchange lets people in whom it has no mailbox for; only what needs one tells (threats.md E7).
    await client.mailboxOpen("INBOX", { readOnly: true });
    await client.logout();
  } catch (thrown) {
    throw explain(thrown, login);
  } finally {
    client.close();
  }
}

/** As imapflow takes it. The password in it goes nowhere else. */
function formatProxyUrl(proxy: ProxyRoute): string {
  const scheme = proxy.kind === "socks5" ? "socks5" : proxy.tls ? "https" : "http";
  const user = proxy.user === undefined ? "" : encodeURIComponent(proxy.user);
  const password = proxy.password === undefined ? "" : `:${encodeURIComponent(proxy.password.reveal())}`;
  const login = user === "" ? "" : `${user}${password}@`;
  return `${scheme}://${login}${formatHostAndPort(proxy)}`;
}

/** @throws PosternError `test-refused`, `test-failed`, `proxy-…` */
export async function signInByNodemailer(login: DirectLogin | LocalLogin): Promise<void> {
  const { createTransport } = await import("nodemailer");
  /** Why our own steps failed: nodemailer writes a code of its own into whatever error it is handed. */
  let failure: PosternError | undefined;
  const transport = createTransport({
    host: login.host,
    port: login.port,
    secure: login.tls === "implicit",
    requireTLS: login.tls === "starttls",
    ignoreTLS: login.tls === "none",
    // A server that announces no AUTH at all has not let anybody in.
    forceAuth: true,
    connectionTimeout: TIMEOUT,
    greetingTimeout: TIMEOUT,
    ...(login.tls === "none" || login.route.kind === "direct" ? {} : { getSocket: socketAlong(login) }),
    auth: { type: "custom", method: OWN_WAY, user: login.user, pass: "unused" },
    customAuth: {
      [OWN_WAY]: async (context) => {
        try {
          await (login.tls === "none" ? logInHere(context, login) : logInThere(context, login));
        } catch (thrown) {
          failure = explain(thrown, login);
          throw new Error(failure.message);
        }
      },
    },
  });
  try {
    await transport.verify();
  } catch (thrown) {
    throw failure ?? explain(thrown, login);
  } finally {
    transport.close();
  }
}

/** nodemailer knows HTTP proxies only; it takes an open connection from somebody who knows others. */
function socketAlong({ host, port, route, clock }: DirectLogin) {
  return (
    _options: unknown,
    callback: (failure: Error | null, opened?: { readonly connection: Socket }) => void,
  ): void => {
    openTcp({ host, port }, route, clock).then(
      (connection) => callback(null, { connection }),
      (thrown: unknown) => callback(toPosternError(thrown)),
    );
  };
}

/** nodemailer knows XOAUTH2 only, in the command line, where a long token does not fit (RFC 4954 §4). */
const OWN_WAY = "POSTERN";

interface SmtpConversation {
  readonly authMethods: readonly string[];
  sendCommand(command: string): Promise<{ readonly status: number; readonly response: string }>;
}

async function logInThere({ authMethods, sendCommand }: SmtpConversation, login: DirectLogin): Promise<void> {
  const { mechanism, messages, failureReply } = login.exchange(authMethods);
  const say = saying(async (command) => {
    const answer = await sendCommand(command);
    const isLast = command === messages.at(-1);
    if (answer.status !== 334 || !isLast) return answer;
    // The exchange has failed, and the server waits for an answer before it says so (RFC 7628 §3.2.3).
    const reason = formatFailureChallenge(parseFailureChallenge(answer.response.slice("334 ".length).trim()));
    const { status, response } = await sendCommand(failureReply);
    return { status, response: `${response} (${reason})` };
  });
  await say(`AUTH ${mechanism}`, 334);
  for (const [index, message] of messages.entries()) {
    await say(message, index === messages.length - 1 ? 235 : 334);
  }
}

/** For imapflow, which chooses the mechanism itself. */
function secretOf(login: DirectLogin | LocalLogin): { pass: string } | { accessToken: string } {
  if (login.tls === "none") return { pass: login.localPassword.reveal() };
  const { credential } = login;
  return credential.kind === "password"
    ? { pass: credential.password.reveal() }
    : { accessToken: credential.accessToken.reveal() };
}

async function logInHere(
  { sendCommand }: SmtpConversation,
  { user, localPassword }: LocalLogin,
): Promise<void> {
  const say = saying(sendCommand);
  await say(`AUTH PLAIN ${encodeBase64(`\0${user}\0${localPassword.reveal()}`)}`, 235);
  // Our listener says 235 before the provider has been asked; MAIL is where it tells how that went.
  await say(`MAIL FROM:<${user}>`, 250);
  await say("RSET", 250);
}

function saying(sendCommand: SmtpConversation["sendCommand"]) {
  return async (command: string, expected: number): Promise<void> => {
    const { status, response } = await sendCommand(command);
    if (status !== expected) throw new PosternError("test-refused", { detail: response });
  };
}

/** What a server may repeat of a login, in whatever way it was made. */
function secretsOf(login: DirectLogin | LocalLogin): readonly string[] {
  if (login.tls === "none") return [login.localPassword.reveal()];
  return ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"].flatMap((mechanism) => {
    try {
      return login.exchange([mechanism]).secrets;
    } catch {
      return [];
    }
  });
}

/** What imapflow and nodemailer throw: the server's own words where it said any, without what it was told. */
function explain(thrown: unknown, login: DirectLogin | LocalLogin): PosternError {
  const secrets = secretsOf(login);
  // nodemailer puts a code of its own over ours.
  if (thrown instanceof PosternError && isErrorCode(thrown.code) && thrown.code !== "test-refused")
    return thrown;
  if (thrown instanceof PosternError) {
    return new PosternError(
      "test-refused",
      thrown.detail === undefined ? {} : { detail: withhold(thrown.detail, ...secrets) },
    );
  }
  const words = ["responseText", "response", "message"] as const;
  const texts = words
    .map((word) => textAt(thrown, word))
    .filter((text) => text !== undefined && text !== "")
    .map((text) => withhold(text ?? "", ...secrets));
  const notConnected = texts.find((text) => text !== undefined && saysNotConnected(text));
  if (notConnected !== undefined) return new PosternError("mailbox-not-connected", { detail: notConnected });
  const [said] = texts;
  const refused = typeof thrown === "object" && thrown !== null && "authenticationFailed" in thrown;
  const detail = [systemCode(thrown), said].filter(Boolean).join(": ");
  // The cause is left out: these libraries keep the whole conversation in their errors.
  return new PosternError(refused ? "test-refused" : "test-failed", { detail });
}

function textAt(thrown: unknown, key: string): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const value: unknown = Reflect.get(thrown, key);
  return typeof value === "string" ? value : undefined;
}
