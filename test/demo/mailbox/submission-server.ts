// The demo's SMTP submission server (RFC 6409) over implicit TLS, made with smtp-server.
// Invariant: it delivers into the mail store and nowhere else, octet for octet as after the dots were unstuffed; no
// trace header is added. smtp-server 3.21 knows no OAUTHBEARER, so XOAUTH2 is the only mechanism here.
import { once } from "node:events";
import type { Socket } from "node:net";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import type { LoginCheck } from "./login-check.ts";
import type { MailStore } from "./store/mail-store.ts";

/** Octets; what 250-SIZE says (RFC 1870). */
const MAXIMUM_MESSAGE_SIZE = 128 * 1024 * 1024;
/** RFC 5321 §4.5.3.2.7: a server waits at least five minutes for the next command. */
const COMMAND_TIMEOUT_MILLISECONDS = 5 * 60 * 1000;
const MECHANISM = "XOAUTH2";

export interface SubmissionServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface SubmissionServerOptions {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly store: MailStore;
  readonly loginCheck: LoginCheck;
}

/** Listens on 127.0.0.1. Rejects with the system's error when the port cannot be had. */
export async function startSubmissionServer(options: SubmissionServerOptions): Promise<SubmissionServer> {
  const { store, loginCheck } = options;
  const server = new SMTPServer({
    key: options.key,
    cert: options.certificate,
    secure: true,
    name: "demo-mailbox",
    authMethods: [MECHANISM],
    hideENHANCEDSTATUSCODES: false,
    size: MAXIMUM_MESSAGE_SIZE,
    rejectOversized: true,
    disableReverseLookup: true,
    socketTimeout: COMMAND_TIMEOUT_MILLISECONDS,
    // 0 would mean its default of 30 s.
    closeTimeout: 1,
    // smtp-server refuses other mechanisms before any callback; its log is the one place that tells of them.
    logger: { debug: recordRefusedMechanism },
    onAuth(auth, _session, callback) {
      const user = auth.username ?? "";
      loginCheck
        .check({ protocol: "smtp", mechanism: auth.method, user }, auth.accessToken ?? "")
        .then((accepted) => callback(null, accepted ? { user } : { data: failureChallenge }))
        .catch((error: unknown) => callback(createReply(454, `Token check failed: ${describe(error)}`)));
    },
    onRcptTo(recipient, _session, callback) {
      const known = store.find(recipient.address) !== undefined;
      callback(known ? null : createReply(550, "No such mailbox in this demo"));
    },
    onData(stream, session, callback) {
      readMessage(stream)
        .then((message) => {
          for (const recipient of session.envelope.rcptTo) store.deliver(recipient.address, message);
          callback(null, "Message delivered");
        })
        .catch((error: unknown) => callback(createReply(451, describe(error))));
    },
  });

  /** Called as smtp-server logs: for each command with "C:" and its line, in which it blots out credentials. */
  function recordRefusedMechanism(_entry: unknown, direction: unknown, line: unknown): void {
    const mechanism = /^AUTH +(\S+)/i.exec(direction === "C:" ? String(line) : "")?.[1]?.toUpperCase();
    if (mechanism === undefined || mechanism === MECHANISM) return;
    loginCheck.refuse({ protocol: "smtp", mechanism, user: "" });
  }

  // smtp-server turns a peer that goes away, or a failed handshake, into an "error" that would end the process.
  server.on("error", () => {});
  const connections = new Set<Socket>();
  server.server.on("connection", (connection: Socket) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
  });
  const listener = server.listen(options.port, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new TypeError("not a TCP listener");

  async function close(): Promise<void> {
    const closed = once(listener, "close");
    await new Promise<void>((resolve) => server.close(resolve));
    // Everybody has been told 421 by now; a peer that does not close its side would hold the port for 5 s.
    for (const connection of connections) connection.destroy();
    await closed;
  }

  return { port: address.port, close };
}

/** The JSON that Google sends on a refused XOAUTH2 token. */
const failureChallenge = { status: "401", schemes: "bearer mac", scope: "https://mail.google.com/" };

async function readMessage(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function createReply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
