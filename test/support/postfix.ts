// A real Postfix on 127.0.0.1 with its own directory, queue and free ports: submission with SASL by Dovecot, delivery to Dovecot.
// Invariant: it reads and writes nothing outside its directory, and mail for other domains is refused, so nothing leaves the machine.
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestAuthority } from "./authority.ts";
import type { Dovecot } from "./dovecot.ts";
import { startForegroundDaemon, startOnFreePorts } from "./foreground-daemon.ts";

export interface Postfix {
  /** The plain port, which offers STARTTLS and AUTH only after it (RFC 6409), on 127.0.0.1. */
  readonly submissionPort: number;
  /** Implicit TLS (RFC 8314). */
  readonly submissionsPort: number;
  /** What Postfix logged, for looking at after a failure. */
  log(): Promise<string>;
  /** Ends all its processes and resolves when none is left. Queue and log stay. */
  stop(): Promise<void>;
}

export interface PostfixOptions {
  /**
   * An existing directory for this server alone. Its path must be at most 70 octets (Unix sockets stand below it) and every
   * parent open to other users, as os.tmpdir() is; the directory itself gets mode 0711.
   */
  readonly directory: string;
  /** Issues Postfix's certificate (localhost, 127.0.0.1). */
  readonly authority: TestAuthority;
  /** Judges the logins and receives the mail. */
  readonly dovecot: Pick<Dovecot, "authSocket" | "lmtpSocket">;
  /** Mail for every local part of this domain is accepted, and for no other domain. */
  readonly domain: string;
}

interface Files {
  readonly queue: string;
  readonly data: string;
  readonly log: string;
  readonly output: string;
  readonly main: string;
  readonly master: string;
  readonly certificate: string;
  readonly key: string;
}

interface Ids {
  readonly postfixUid: number;
  readonly postfixGid: number;
  readonly postdropGid: number;
}

/** postconf(5): where the package keeps Postfix's programs. */
const DAEMON_DIRECTORY = "/usr/lib/postfix/sbin";
const LONGEST_DIRECTORY = 70;
const MESSAGE_SIZE_LIMIT = 100 * 1024 * 1024;

/** Starts Postfix and resolves when it greets. Needs root and the packages of debian.ts. Throws with Postfix's log. */
export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const { directory, authority } = options;
  if (Buffer.byteLength(directory) > LONGEST_DIRECTORY) {
    throw new RangeError(`too long for the Unix sockets below it: ${directory}`);
  }
  await chmod(directory, 0o711);
  const files = nameFiles(directory);
  await prepareDirectories(files, await readIds());
  const issued = await authority.issue(["localhost", "127.0.0.1"]);
  await writeFile(files.certificate, issued.certificate);
  await writeFile(files.key, issued.key, { mode: 0o600 });
  await writeFile(files.main, formatMain(options, files));
  // Postfix waits until main.cf has not changed for two seconds.
  await utimes(files.main, 0, 0);

  return await startOnFreePorts(2, async ([submission = 0, submissions = 0]) => {
    await writeFile(files.master, formatMaster(submission, submissions));
    await writeFile(files.log, "");
    const log = () => readLogs(files);
    const daemon = await startForegroundDaemon({
      program: join(DAEMON_DIRECTORY, "master"),
      // -d: stay in the foreground.
      arguments: ["-c", directory, "-d"],
      // Without these the master logs to syslog until its own log service runs, so why it does not start would be lost.
      environment: {
        POSTLOG_SERVICE: join(files.queue, "public", "postlog"),
        POSTLOG_HOSTNAME: `mail.${options.domain}`,
      },
      outputFile: files.output,
      greetingPorts: [submission],
      log,
    });
    return {
      submissionPort: submission,
      submissionsPort: submissions,
      log,
      stop: () => daemon.stop(),
    };
  });
}

function nameFiles(directory: string): Files {
  return {
    queue: join(directory, "queue"),
    data: join(directory, "data"),
    log: join(directory, "postfix.log"),
    output: join(directory, "postfix.output"),
    main: join(directory, "main.cf"),
    master: join(directory, "master.cf"),
    certificate: join(directory, "postfix.pem"),
    key: join(directory, "postfix.key"),
  };
}

/** What "postfix set-permissions" would do, which however also touches the package's own files. */
async function prepareDirectories(files: Files, ids: Ids): Promise<void> {
  const { postfixUid, postfixGid, postdropGid } = ids;
  async function prepare(path: string, mode: number, uid: number, gid: number): Promise<void> {
    await mkdir(path, { recursive: true });
    await chown(path, uid, gid);
    await chmod(path, mode);
  }
  await prepare(files.data, 0o700, postfixUid, postfixGid);
  await prepare(files.queue, 0o755, 0, 0);
  await prepare(join(files.queue, "pid"), 0o755, 0, 0);
  await prepare(join(files.queue, "maildrop"), 0o730, postfixUid, postdropGid);
  await prepare(join(files.queue, "public"), 0o710, postfixUid, postdropGid);
  const owned = [
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
  ];
  for (const name of owned) await prepare(join(files.queue, name), 0o700, postfixUid, postfixGid);
}

async function readIds(): Promise<Ids> {
  const postfix = (await readDatabase("passwd", "postfix")).split(":");
  const postdrop = (await readDatabase("group", "postdrop")).split(":");
  return { postfixUid: Number(postfix[2]), postfixGid: Number(postfix[3]), postdropGid: Number(postdrop[2]) };
}

async function readDatabase(database: "passwd" | "group", name: string): Promise<string> {
  const { stdout } = await promisify(execFile)("getent", [database, name]);
  return stdout;
}

async function readLogs(files: Files): Promise<string> {
  const texts = await Promise.all(
    [files.output, files.log].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  return texts.join("");
}

function formatMain({ directory, dovecot, domain }: PostfixOptions, files: Files): string {
  return `compatibility_level = 3.6
queue_directory = ${files.queue}
data_directory = ${files.data}
daemon_directory = ${DAEMON_DIRECTORY}
maillog_file = ${files.log}
maillog_file_prefixes = ${directory}

myhostname = mail.${domain}
mydestination =
mynetworks =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
biff = no

# Everything for the domain goes to Dovecot, and nothing else goes anywhere.
virtual_mailbox_domains = ${domain}
virtual_mailbox_maps = static:all
virtual_transport = lmtp:unix:${dovecot.lmtpSocket}
default_transport = error:only mail for ${domain} is delivered
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = permit_sasl_authenticated, reject

smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${dovecot.authSocket}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = ${files.certificate}
smtpd_tls_key_file = ${files.key}

message_size_limit = ${MESSAGE_SIZE_LIMIT}
mailbox_size_limit = 0
virtual_mailbox_limit = 0

# Several hundred logins at once, all from 127.0.0.1, of which many may fail.
default_process_limit = 500
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000

# What Dovecot could not take at once is tried again while a test still waits for it.
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 5s
`;
}

/** master(5): service, type, private, unprivileged, chroot, wakeup time, process limit, command. Nothing is chrooted. */
function formatMaster(submissionPort: number, submissionsPort: number): string {
  return `127.0.0.1:${submissionPort} inet n - n - - smtpd
127.0.0.1:${submissionsPort} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}
