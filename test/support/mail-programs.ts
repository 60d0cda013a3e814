// Real mail programs against a local IMAP or SMTP port on 127.0.0.1 without TLS, with user name and password.
// Invariant: no password is in an argument (which every user of the machine can read); it goes through stdin, a file with
// mode 0600 or the environment. No configuration of this machine or its user is read. Every program has a deadline.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ProgramResult, runProgram } from "./run-program.ts";

export interface LocalLogin {
  /** On 127.0.0.1, IMAP or SMTP as the function's name says. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Milliseconds a program may take; 30 s unless told otherwise. */
  readonly timeout?: number;
}

/** A message and its envelope (RFC 5321 §2.3.1). Lines of the message end in CRLF. */
export interface OutgoingMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: string | Buffer;
}

/** How to log in. In IMAP "LOGIN" is the command of that name (but with curl the SASL mechanism), in SMTP the SASL mechanism. */
export interface LoginOptions {
  readonly mechanism?: "PLAIN" | "LOGIN";
}

export interface CurlOptions extends LoginOptions {
  /**
   * Sends an initial response unasked. Otherwise curl waits for the empty challenge, except in IMAP where the server has the
   * capability SASL-IR (RFC 4959).
   */
  readonly initialResponse?: boolean;
}

/** Whole messages as the program stored them, in the order of the mailbox unless said otherwise. */
export interface FetchResult extends ProgramResult {
  readonly messages: readonly Buffer[];
}

export interface MessageDigest {
  readonly subject: string;
  /** Of the octets after the first empty line, hexadecimal. */
  readonly bodySha256: string;
}

const PYTHON_SCRIPTS = fileURLToPath(new URL("python/", import.meta.url));

// --- curl

/** LIST "" *: the untagged LIST responses are in stdout. */
export async function curlListMailboxes(
  login: LocalLogin,
  options: CurlOptions = {},
): Promise<ProgramResult> {
  const url = `imap://127.0.0.1:${login.port}/`;
  return await runCurl(login, [["url", url], ...curlLogin(login, options)]);
}

/** SEARCH ALL, then BODY[] of every message. The result is the last run's; no message after a failure. */
export async function curlFetchInbox(login: LocalLogin, options: CurlOptions = {}): Promise<FetchResult> {
  const inbox = `imap://127.0.0.1:${login.port}/INBOX`;
  const access = curlLogin(login, options);
  const search = await runCurl(login, [["url", `${inbox}?ALL`], ...access]);
  const indexes = /^\* SEARCH((?: \d+)+)/m.exec(search.stdout)?.[1]?.trim().split(" ") ?? [];
  if (search.exitCode !== 0 || indexes.length === 0) return { ...search, messages: [] };

  return await inScratchDirectory(async (directory) => {
    const files = indexes.map((index) => join(directory, index));
    const transfers = indexes.flatMap((index): CurlSetting[] => [
      ["url", `${inbox};MAILINDEX=${index}`],
      ["output", join(directory, index)],
    ]);
    const fetched = await runCurl(login, [...transfers, ...access]);
    if (fetched.exitCode !== 0) return { ...fetched, messages: [] };
    return { ...fetched, messages: await Promise.all(files.map((file) => readFile(file))) };
  });
}

export async function curlSend(
  login: LocalLogin,
  mail: OutgoingMail,
  options: CurlOptions = {},
): Promise<ProgramResult> {
  return await inScratchDirectory(async (directory) => {
    const file = join(directory, "message");
    await writeFile(file, mail.message);
    return await runCurl(login, [
      ["url", `smtp://127.0.0.1:${login.port}/localhost`],
      ["upload-file", file],
      ["mail-from", mail.from],
      ...mail.to.map((recipient): CurlSetting => ["mail-rcpt", recipient]),
      ...curlLogin(login, options),
    ]);
  });
}

type CurlSetting = readonly [name: string, value?: string];

function curlLogin(login: LocalLogin, options: CurlOptions): readonly CurlSetting[] {
  const settings: CurlSetting[] = [
    ["user", `${login.user}:${login.password}`],
    ["login-options", `AUTH=${options.mechanism ?? "PLAIN"}`],
  ];
  return options.initialResponse ? [...settings, ["sasl-ir"]] : settings;
}

/** curl reads its settings from stdin, for the sake of the password. */
async function runCurl(login: LocalLogin, settings: readonly CurlSetting[]): Promise<ProgramResult> {
  const lines = settings.map(([name, value]) => (value === undefined ? name : `${name} = ${quote(value)}`));
  const programArguments = ["--disable", "--silent", "--show-error", "--verbose", "--config", "-"];
  return await runProgram("curl", programArguments, { ...limits(login), input: `${lines.join("\n")}\n` });
}

// --- swaks, msmtp

/** The transcript is in stdout, without the password. */
export async function swaksSend(
  login: LocalLogin,
  mail: OutgoingMail,
  options: LoginOptions = {},
): Promise<ProgramResult> {
  const programArguments = ["--server", "127.0.0.1", "--port", String(login.port), "--ehlo", "localhost"];
  programArguments.push(
    "--auth",
    options.mechanism ?? "PLAIN",
    "--auth-user",
    login.user,
    "--auth-hide-password",
  );
  programArguments.push("--from", mail.from, "--to", mail.to.join(","), "--data", "-", "--no-data-fixup");
  return await inScratchDirectory(async (home) => {
    return await runProgram("swaks", programArguments, {
      ...limits(login),
      environment: { HOME: home, SWAKS_OPT_auth_password: login.password },
      input: formatMailData(mail.message),
    });
  });
}

/** Leaves the message's header as it is. */
export async function msmtpSend(
  login: LocalLogin,
  mail: OutgoingMail,
  options: LoginOptions = {},
): Promise<ProgramResult> {
  return await inScratchDirectory(async (home) => {
    const configuration = join(home, "msmtprc");
    // msmtp drops the outermost quotes and has no escapes between them.
    const settings = `account local
host 127.0.0.1
port ${login.port}
tls off
auth ${(options.mechanism ?? "PLAIN").toLowerCase()}
user "${login.user}"
password "${login.password}"
from ${mail.from}
set_from_header off
set_date_header off
account default : local
`;
    await writeFile(configuration, settings, { mode: 0o600 });
    return await runProgram("msmtp", ["--file", configuration, "--", ...mail.to], {
      ...limits(login),
      environment: { HOME: home },
      // msmtp reads the lines of a Unix file and writes CRLF itself.
      input: formatUnixLines(mail.message),
    });
  });
}

// --- mbsync

/** Pulls INBOX into the Maildir `directory`/INBOX (made where missing), one way, and lists its message files in new and cur. */
export async function mbsyncPull(
  login: LocalLogin,
  directory: string,
  options: LoginOptions = {},
): Promise<ProgramResult & { readonly messageFiles: readonly string[] }> {
  return await inScratchDirectory(async (home) => {
    await mkdir(directory, { recursive: true });
    const configuration = join(home, "mbsyncrc");
    const settings = `IMAPAccount local
Host 127.0.0.1
Port ${login.port}
User ${quote(login.user)}
Pass ${quote(login.password)}
SSLType None
AuthMechs ${options.mechanism ?? "LOGIN"}

IMAPStore local-remote
Account local

MaildirStore local-local
Path ${quote(`${directory}/`)}
Inbox ${quote(join(directory, "INBOX"))}

Channel inbox
Far :local-remote:
Near :local-local:
Patterns INBOX
Create Near
Sync Pull
SyncState *
`;
    await writeFile(configuration, settings, { mode: 0o600 });
    const result = await runProgram("mbsync", ["--config", configuration, "--all"], {
      ...limits(login),
      environment: { HOME: home },
    });
    return { ...result, messageFiles: await listMaildir(join(directory, "INBOX")) };
  });
}

// --- mutt

/**
 * Sends by mutt's own SMTP. mutt takes the recipients from the message's header (To, Cc, Bcc), not from the envelope, and
 * writes the header anew; a body of US-ASCII text stays as it is.
 */
export async function muttSend(
  login: LocalLogin,
  mail: OutgoingMail,
  options: LoginOptions = {},
): Promise<ProgramResult> {
  return await inScratchDirectory(async (home) => {
    const draft = join(home, "draft");
    await writeFile(draft, formatUnixLines(mail.message));
    const configuration = await writeMuttConfiguration(home, [
      ["smtp_url", `smtp://${encodeURIComponent(login.user)}@127.0.0.1:${login.port}/`],
      ["smtp_pass", login.password],
      ["smtp_authenticators", (options.mechanism ?? "PLAIN").toLowerCase()],
      ["from", mail.from],
      ["envelope_from_address", mail.from],
      ["use_envelope_from", "yes"],
      ["copy", "no"],
    ]);
    // Without a terminal on stdin mutt sends at once and asks nothing.
    return await runProgram("mutt", ["-F", configuration, "-H", draft], {
      ...limits(login),
      environment: { HOME: home, TERM: "dumb" },
    });
  });
}

/**
 * Opens INBOX in mutt's screen (on a pseudo-terminal), which lists it, and copies every message out of it. The exit code of an
 * empty INBOX is 1, as mutt has it. The order is that of the file names mutt makes up, not the mailbox's.
 */
export async function muttListInbox(login: LocalLogin, options: LoginOptions = {}): Promise<FetchResult> {
  return await inScratchDirectory(async (home) => {
    const copies = join(home, "copies");
    const configuration = await writeMuttConfiguration(home, [
      ["imap_user", login.user],
      ["imap_pass", login.password],
      ["imap_authenticators", (options.mechanism ?? "PLAIN").toLowerCase()],
      ["mbox_type", "Maildir"],
      ["confirmcreate", "no"],
      ["confirmappend", "no"],
      ["move", "no"],
      ["quit", "yes"],
      ["sleep_time", "0"],
    ]);
    const keys = `push '<tag-pattern>~A<enter><tag-prefix><copy-message><kill-line>${copies}<enter><quit>'`;
    const command = `exec mutt -F '${configuration}' -z -f imap://127.0.0.1:${login.port}/INBOX -e "${keys}"`;
    const result = await runProgram("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      ...limits(login),
      environment: { HOME: home, TERM: "xterm", SHELL: "/bin/sh" },
    });
    const files = await listMaildir(copies);
    return { ...result, messages: await Promise.all(files.map((file) => readFile(file))) };
  });
}

async function writeMuttConfiguration(
  home: string,
  settings: readonly (readonly [name: string, value: string])[],
): Promise<string> {
  const path = join(home, "muttrc");
  const common = [
    ["ssl_starttls", "no"],
    ["ssl_force_tls", "no"],
    // Otherwise mutt asks whether to create ~/Mail, and takes a pushed key for the answer.
    ["folder", home],
  ] as const;
  const lines = [...common, ...settings].map(
    ([name, value]) => `set ${name}="${value.replace(/[\\"$`]/g, "\\$&")}"\n`,
  );
  await writeFile(path, lines.join(""), { mode: 0o600 });
  return path;
}

// --- Python's own libraries

/** imaplib: login() or authenticate("PLAIN"), SELECT INBOX, every message. No message after a failure. */
export async function pythonImaplib(
  login: LocalLogin,
  options: LoginOptions = {},
): Promise<ProgramResult & { readonly messages: readonly MessageDigest[] }> {
  const result = await runPython(login, "imap_fetch.py", { mechanism: options.mechanism ?? "LOGIN" });
  return { ...result, messages: result.exitCode === 0 ? (JSON.parse(result.stdout) as MessageDigest[]) : [] };
}

/** smtplib: login() with the mechanism it prefers unless told otherwise, then sendmail(). A refusal is a traceback in stderr. */
export async function pythonSmtplib(
  login: LocalLogin,
  mail: OutgoingMail,
  options: LoginOptions = {},
): Promise<ProgramResult> {
  return await inScratchDirectory(async (directory) => {
    const messageFile = join(directory, "message");
    await writeFile(messageFile, mail.message);
    const { mechanism = null } = options;
    return await runPython(login, "smtp_send.py", { mechanism, from: mail.from, to: mail.to, messageFile });
  });
}

async function runPython(login: LocalLogin, script: string, request: object): Promise<ProgramResult> {
  const { port, user, password } = login;
  return await runProgram("python3", ["-I", join(PYTHON_SCRIPTS, script)], {
    ...limits(login),
    input: JSON.stringify({ port, user, password, ...request }),
  });
}

// --- shared

function limits(login: LocalLogin): { timeout?: number } {
  return login.timeout === undefined ? {} : { timeout: login.timeout };
}

/** A quoted string as curl and mbsync read it in their files. */
function quote(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

/** RFC 5321 §4.5.2: leading dots doubled, and the line that ends the data. */
function formatMailData(message: string | Buffer): Buffer {
  const text = Buffer.from(message).toString("latin1");
  const ended = text.endsWith("\r\n") ? text : `${text}\r\n`;
  return Buffer.from(`${ended.replace(/^\./gm, "..")}.\r\n`, "latin1");
}

function formatUnixLines(message: string | Buffer): Buffer {
  return Buffer.from(Buffer.from(message).toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}

async function listMaildir(maildir: string): Promise<readonly string[]> {
  const folders = ["cur", "new"].map((name) => join(maildir, name));
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return folders.flatMap((folder, index) => (names[index] ?? []).map((name) => join(folder, name))).sort();
}

async function inScratchDirectory<T>(act: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "postern-mail-"));
  try {
    return await act(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
