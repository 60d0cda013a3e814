// A real Dovecot 2.3 on 127.0.0.1 with its own directory and free ports; it knows access tokens, and passwords where told.
// Invariant: it reads and writes nothing outside its directory.
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { TestAuthority } from "./authority.ts";
import { startForegroundDaemon, startOnFreePorts } from "./foreground-daemon.ts";

export interface Dovecot {
  /** The plain port, which offers STARTTLS, on 127.0.0.1. */
  readonly imapPort: number;
  /** Implicit TLS (RFC 8314). */
  readonly imapsPort: number;
  readonly pop3Port: number;
  readonly pop3sPort: number;
  /** Unix socket of Dovecot's SASL service, for Postfix. */
  readonly authSocket: string;
  /** Unix socket that takes mail by LMTP (RFC 2033), for Postfix. */
  readonly lmtpSocket: string;
  /** Makes this the password of somebody whom `passwords` names. Resolves when Dovecot knows it. */
  setPassword(user: string, password: string): Promise<void>;
  /** What Dovecot logged, for looking at after a failure. */
  log(): Promise<string>;
  /** Ends all its processes and resolves when none is left. Mail and log stay. */
  stop(): Promise<void>;
}

export interface DovecotOptions {
  /**
   * An existing directory for this server alone. Its path must be at most 70 octets (Unix sockets stand below it) and every
   * parent open to other users, as os.tmpdir() is; the directory itself gets mode 0711. Mail is in it under mail/DOMAIN/LOCAL-PART.
   */
  readonly directory: string;
  /** Issues Dovecot's certificate (localhost, 127.0.0.1) and vouches for the introspection endpoint. */
  readonly authority: TestAuthority;
  /** RFC 7662; https, with the resource server's client_id and secret as userinfo. */
  readonly introspectionUrl: string;
  /** Posted with the token, for an endpoint that wants it there and not in the address. */
  readonly introspectionClient?: { readonly id: string; readonly secret: string };
  /** Told to clients in the failure challenge (RFC 7628 §3.2.2). */
  readonly openidConfigurationUrl: string;
  /** Both unless told otherwise. */
  readonly mechanisms?: readonly ("xoauth2" | "oauthbearer")[];
  /** By user name: who may log in with a password, inside TLS. Nobody unless told otherwise. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** For passwords; both unless told otherwise. */
  readonly passwordMechanisms?: readonly ("plain" | "login")[];
}

interface Ports {
  readonly imap: number;
  readonly imaps: number;
  readonly pop3: number;
  readonly pop3s: number;
}

interface Files {
  readonly run: string;
  readonly state: string;
  readonly mail: string;
  readonly log: string;
  readonly output: string;
  readonly configuration: string;
  readonly oauth2: string;
  readonly passwords: string;
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  readonly authSocket: string;
  readonly lmtpSocket: string;
}

const PROGRAM = "/usr/sbin/dovecot";
const LONGEST_DIRECTORY = 70;
/** In milliseconds. */
const LONGEST_READ = 10_000;
/** The user all mail belongs to; every Debian has it (its uid is below Dovecot's default first_valid_uid). */
const MAIL_USER = "mail";

/** Starts Dovecot and resolves when it greets. Needs root and the packages of debian.ts. Throws with Dovecot's log. */
export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const { directory, authority } = options;
  if (Buffer.byteLength(directory) > LONGEST_DIRECTORY) {
    throw new RangeError(`too long for the Unix sockets below it: ${directory}`);
  }
  await chmod(directory, 0o711);
  const files = nameFiles(directory, await authority.writeTo(directory));
  await prepareDirectories(files);
  const issued = await authority.issue(["localhost", "127.0.0.1"]);
  await writeFile(files.certificate, issued.certificate);
  await writeFile(files.key, issued.key, { mode: 0o600 });
  await writeFile(files.oauth2, formatOauth2(options, files), { mode: 0o600 });
  const setPassword = await writePasswords(files, options.passwords ?? {});

  return await startOnFreePorts(4, async ([imap = 0, imaps = 0, pop3 = 0, pop3s = 0]) => {
    const ports = { imap, imaps, pop3, pop3s };
    await writeFile(files.configuration, formatConfiguration(options, files, ports));
    await writeFile(files.log, "");
    const log = () => readLogs(files);
    const daemon = await startForegroundDaemon({
      program: PROGRAM,
      arguments: ["-F", "-c", files.configuration],
      outputFile: files.output,
      greetingPorts: [imap, pop3],
      log,
    });
    return {
      imapPort: imap,
      imapsPort: imaps,
      pop3Port: pop3,
      pop3sPort: pop3s,
      authSocket: files.authSocket,
      lmtpSocket: files.lmtpSocket,
      setPassword,
      log,
      stop: () => daemon.stop(),
    };
  });
}

function nameFiles(directory: string, authority: string): Files {
  return {
    run: join(directory, "run"),
    state: join(directory, "state"),
    mail: join(directory, "mail"),
    log: join(directory, "dovecot.log"),
    output: join(directory, "dovecot.output"),
    configuration: join(directory, "dovecot.conf"),
    oauth2: join(directory, "dovecot-oauth2.conf"),
    passwords: join(directory, "passwords"),
    certificate: join(directory, "dovecot.pem"),
    key: join(directory, "dovecot.key"),
    authority,
    authSocket: join(directory, "run", "postfix-auth"),
    lmtpSocket: join(directory, "run", "postfix-lmtp"),
  };
}

async function prepareDirectories(files: Files): Promise<void> {
  for (const directory of [files.run, files.state, files.mail]) {
    await mkdir(directory, { recursive: true, mode: 0o755 });
  }
  const [uid, gid] = await Promise.all([readId("-u"), readId("-g")]);
  await chown(files.mail, uid, gid);
}

async function readId(flag: "-u" | "-g"): Promise<number> {
  const { stdout } = await promisify(execFile)("id", [flag, MAIL_USER]);
  return Number(stdout);
}

async function readLogs(files: Files): Promise<string> {
  const texts = await Promise.all(
    [files.output, files.log].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  return texts.join("");
}

/** A passwd-file, whose passwords may have any character. Gives what changes one. */
async function writePasswords(
  { passwords: file, configuration }: Files,
  initial: Readonly<Record<string, string>>,
): Promise<Dovecot["setPassword"]> {
  const passwords = new Map(Object.entries(initial));
  let written = 0;
  async function write(): Promise<void> {
    const lines = [...passwords].map(
      ([user, password]) => `${user}:{PLAIN.b64}${Buffer.from(password).toString("base64")}\n`,
    );
    // Dovecot's own user reads it.
    await writeFile(file, lines.join(""), { mode: 0o644 });
    // Again when its time, in whole seconds, is another one.
    written += 1;
    await utimes(file, written, written);
  }
  await write();
  return async (user, password) => {
    if (!passwords.has(user)) throw new Error(`${user} has no password that could be changed`);
    passwords.set(user, password);
    await write();
    // It looks once a second.
    const asked = ["-c", configuration, "auth", "test", "-x", "secured", user, password];
    const deadline = performance.now() + LONGEST_READ;
    for (;;) {
      const refusal = await promisify(execFile)("doveadm", asked).then(() => undefined, String);
      if (refusal === undefined) return;
      if (performance.now() > deadline) throw new Error(`Dovecot does not see the new password: ${refusal}`);
    }
  };
}

/** Dovecot posts both fields always, empty ones too, and some endpoints answer those with nothing. */
function formatIntrospectionClient({ introspectionClient: client }: DovecotOptions): string {
  return client === undefined ? "" : `client_id = ${client.id}\nclient_secret = ${client.secret}\n`;
}

function formatOauth2(options: DovecotOptions, files: Files): string {
  return `introspection_mode = post
introspection_url = ${options.introspectionUrl}
${formatIntrospectionClient(options)}openid_configuration_url = ${options.openidConfigurationUrl}
tls_ca_cert_file = ${files.authority}
active_attribute = active
active_value = true
username_attribute = email
scope = mail
`;
}

function formatPasswordDatabase(files: Files, mechanisms: string): string {
  return `passdb {
  driver = passwd-file
  mechanisms = ${mechanisms}
  args = username_format=%u ${files.passwords}
}
`;
}

function formatConfiguration(options: DovecotOptions, files: Files, ports: Ports): string {
  const mechanisms = (options.mechanisms ?? ["xoauth2", "oauthbearer"]).join(" ");
  const forPasswords = (options.passwordMechanisms ?? ["plain", "login"]).join(" ");
  const withPasswords = options.passwords !== undefined;
  return `base_dir = ${files.run}
state_dir = ${files.state}
instance_name = postern-test
log_path = ${files.log}
listen = 127.0.0.1
protocols = imap pop3 lmtp

ssl = required
ssl_cert = <${files.certificate}
ssl_key = <${files.key}

auth_mechanisms = ${mechanisms}${withPasswords ? ` ${forPasswords}` : ""}
auth_failure_delay = 0
passdb {
  driver = oauth2
  mechanisms = ${mechanisms}
  args = ${files.oauth2}
}
${withPasswords ? formatPasswordDatabase(files, forPasswords) : ""}# LMTP asks for users that never logged in: everybody exists.
userdb {
  driver = static
  args = uid=${MAIL_USER} gid=${MAIL_USER} home=${files.mail}/%Ld/%Ln allow_all_users=yes
}
first_valid_uid = 1
mail_location = maildir:~/Maildir
# Nobody misses this mail after a crash of the machine.
mail_fsync = never
namespace inbox {
  inbox = yes
  mailbox Drafts {
    auto = subscribe
    special_use = \\Drafts
  }
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Trash {
    auto = subscribe
    special_use = \\Trash
  }
}

# Several hundred logins at once, all from 127.0.0.1.
mail_max_userip_connections = 2000
default_process_limit = 1000
default_client_limit = 4000
service imap-login {
  service_count = 0
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  service_count = 0
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = ${ports.pop3s}
    ssl = yes
  }
}
service auth {
  unix_listener ${basename(files.authSocket)} {
    mode = 0666
  }
}
service lmtp {
  unix_listener ${basename(files.lmtpSocket)} {
    mode = 0666
  }
}
# Otherwise each failed login makes the next one from 127.0.0.1 slower.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`;
}
