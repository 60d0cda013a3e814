// The demo's mail provider: an IMAP server and an SMTP submission server over implicit TLS, with one mail store in
// memory behind both. Invariant: nobody gets in without an OAuth access token, and nothing leaves this machine.
import { startImapServer } from "./imap/imap-server.ts";
import { createLoginCheck, type LoginAttempt, type TokenCheck } from "./login-check.ts";
import { createMailStore } from "./store/mail-store.ts";
import { startSubmissionServer } from "./submission-server.ts";

export type { LoginAttempt, TokenCheck } from "./login-check.ts";

export interface DemoMailbox {
  /** On 127.0.0.1, implicit TLS. */
  readonly imapPort: number;
  /** On 127.0.0.1, implicit TLS. */
  readonly smtpPort: number;
  /** Every SASL mechanism and plain-text credential form that was tried, newest last (for assertions), never tokens. */
  readonly logins: readonly LoginAttempt[];
  /** Ends every connection and frees both ports; the mail is forgotten. May be called again. */
  close(): Promise<void>;
}

export interface DemoMailboxOptions {
  /** Private key, PEM. */
  readonly key: string;
  /** Certificate chain, PEM. */
  readonly certificate: string;
  /** The addresses that have a mailbox; upper and lower case are the same. */
  readonly users: readonly string[];
  readonly checkToken: TokenCheck;
  /** Any free port unless given. */
  readonly imapPort?: number;
  /** Any free port unless given. */
  readonly smtpPort?: number;
}

/** Starts both servers on 127.0.0.1. Rejects with the system's error when a port cannot be had. */
export async function startDemoMailbox(options: DemoMailboxOptions): Promise<DemoMailbox> {
  const { key, certificate, users, checkToken } = options;
  const store = createMailStore(users);
  const loginCheck = createLoginCheck(users, checkToken);
  const imap = await startImapServer({ key, certificate, port: options.imapPort ?? 0, store, loginCheck });
  const smtp = await startSubmissionServer({
    key,
    certificate,
    port: options.smtpPort ?? 0,
    store,
    loginCheck,
  }).catch(async (error: unknown) => {
    await imap.close();
    throw error;
  });

  let closed: Promise<unknown> | undefined;

  async function close(): Promise<void> {
    closed ??= Promise.all([imap.close(), smtp.close()]);
    await closed;
  }

  return { imapPort: imap.port, smtpPort: smtp.port, logins: loginCheck.logins, close };
}
