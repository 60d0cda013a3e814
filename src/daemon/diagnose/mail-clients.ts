// imapflow and nodemailer as independent mail programs: they sign in, look whether there is a mailbox, and leave. Loaded
// only when a test is asked for.
// Invariant: TLS is never optional at the provider; nothing in the mailbox changes; what they throw becomes a failure
// without any credential in it.
import type { Socket } from "node:net";
import type { Clock } from "../../clock/clock.ts";
import { PosternError, systemCode, toPosternError } from "../../errors/postern-error.ts";
import { saysNotConnected } from "../../mail/imap/observer.ts";
import { encodeBase64 } from "../../mail/sasl/base64.ts";
import { chooseMechanism } from "../../mail/sasl/choose-mechanism.ts";
import type { MechanismChoice } from "../../mail/sasl/mechanism.ts";
import { formatHostAndPort, type ProxyRoute, type Route } from "../../network/route.ts";
import { openTcp } from "../../network/tunnel.ts";
import type { AccessToken, LocalPassword } from "../../secret/secret.ts";

/** At the provider: with an access token, and TLS. */
export interface DirectLogin {
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls";
  readonly user: string;
  readonly accessToken: AccessToken;
  readonly mechanism: MechanismChoice;
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
    auth:
      login.tls === "none"
        ? { user: login.user, pass: login.localPassword.reveal() }
        : { user: login.user, accessToken: login.accessToken.reveal() },
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
    throw explain(thrown);
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
    connectionTimeout: TIMEOUT,
    greetingTimeout: TIMEOUT,
    ...(login.tls === "none" || login.route.kind === "direct" ? {} : { getSocket: socketAlong(login) }),
    auth: { type: "custom", method: OWN_WAY, user: login.user, pass: "unused" },
    customAuth: {
      [OWN_WAY]: async (context) => {
        try {
          await (login.tls === "none" ? logInHere(context, login) : logInThere(context, login));
        } catch (thrown) {
          failure = explain(thrown);
          throw new Error(failure.message);
        }
      },
    },
  });
  try {
    await transport.verify();
  } catch (thrown) {
    throw failure ?? explain(thrown);
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
  const mechanism = chooseMechanism(authMethods, login.mechanism);
  const say = saying(sendCommand);
  await say(`AUTH ${mechanism.name}`, 334);
  await say(encodeBase64(mechanism.format(login)), 235);
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

/** What imapflow and nodemailer throw: the server's own words where it said any. */
function explain(thrown: unknown): PosternError {
  if (thrown instanceof PosternError) return thrown;
  const words = ["responseText", "response", "message"] as const;
  const texts = words.map((word) => textAt(thrown, word)).filter((text) => text !== undefined && text !== "");
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
