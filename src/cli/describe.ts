// The daemon's answers in words, for a terminal.
import type { AccountView, Activity, Snapshot } from "../control/contract.ts";
import { printable } from "../errors/printable.ts";
import { describeLetter, fillIn, relativeTime } from "./output.ts";

const SHAPES: Readonly<Record<AccountView["status"]["kind"], string>> = {
  working: "●",
  "needs-you": "▲",
  offline: "○",
  blocked: "■",
  "signed-out": "▲",
};

/** One line: shape, address, sentence. */
export function describeAccountLine({ email, status }: AccountView): string {
  return `${SHAPES[status.kind]} ${email}  ${status.sentence}`;
}

/** How it is and what there is to do: the line first. */
export function describeAccountState(account: AccountView): string[] {
  const { status, email, notices } = account;
  return [
    describeAccountLine(account),
    ...(status.action === undefined ? [] : [`  ${fillIn(status.action, email)}`]),
    ...(status.detail === undefined ? [] : [`  Detail: ${status.detail}`]),
    ...describeHostsChanged(account),
    ...notices.map((notice) => `  ▲ ${printable(notice, 1000)}`),
  ];
}

/** Everything a person may want to know or do. */
export function describeAccount(account: AccountView, now: number): string {
  const { status } = account;
  const lines = describeAccountState(account);
  if (status.retryAt !== undefined) lines.push(`  Next try: ${relativeTime(status.retryAt, now)}`);
  if (account.accessTokenExpiresAt !== undefined) {
    lines.push(
      `  Renewed by itself; the current access ends ${relativeTime(account.accessTokenExpiresAt, now)}`,
    );
  }
  if (account.signInsWaiting > 0) lines.push("  A sign-in waits for somebody to finish it.");
  lines.push(`  Open connections: ${account.sessions}`);
  lines.push(...describeNames(account));
  lines.push(`  IMAP ${describeServer(account.imap)}   SMTP ${describeServer(account.smtp)}`);
  lines.push(
    account.kind === "oauth"
      ? `  Issuer ${account.issuer}   client id ${account.clientId}   mechanism ${account.mechanism}`
      : `  Opened with the mailbox's password${status.kind === "signed-out" ? "" : ", which is in the keychain"}`,
  );
  if (status.letter !== undefined) lines.push(describeLetter(status.letter));
  return lines.join("\n");
}

function describeHostsChanged({ hostsChanged, email }: AccountView): string[] {
  if (hostsChanged === undefined) return [];
  const listed = (hosts: readonly string[]): string => hosts.join(", ") || "none";
  return [
    "  ▲ The hosts of this account have changed; its sign-in is held back until you agree.",
    `    You agreed to: ${listed(hostsChanged.trusted)}`,
    `    Now it names:  ${listed(hostsChanged.now)}`,
    `    If you changed them: postern account trust ${email}`,
  ];
}

/** Who is who, where that is not simply the address. */
function describeNames(account: AccountView): string[] {
  const names = [
    ["Signed in as", account.identity],
    ["Owner of the sign-in", account.kind === "oauth" ? account.owner : undefined],
    ["User name at the IMAP server", account.imapUser],
    ["User name at the SMTP server", account.smtpUser],
    ["Local user name besides the address", account.localUser],
  ] as const;
  return [
    ...names.flatMap(([what, name]) => (name === undefined ? [] : [`  ${what}: ${printable(name, 320)}`])),
    ...(account.kind === "oauth" && account.tokenAccess
      ? [`  May hand out access tokens: postern token ${account.email}`]
      : []),
  ];
}

function describeServer({ host, port, tls }: AccountView["imap"]): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port} (${tls === "implicit" ? "TLS" : "STARTTLS"})`;
}

/** Who else decides here, and whether their word can be read. */
export function describePolicy(policy: Snapshot["policy"]): string[] {
  if (policy === undefined) return [];
  const { path, organisation, problem } = policy;
  if (problem !== undefined) {
    return [
      `■ The policy file ${path} cannot be used, so no account can be added: ${printable(problem, 300)}`,
    ];
  }
  return [`Managed by ${printable(organisation ?? "your organisation", 100)}: ${path}`];
}

export function describeListener(listener: Snapshot["listeners"][number]): string {
  const name = `${listener.protocol.toUpperCase()} ${listener.address.includes(":") ? `[${listener.address}]` : listener.address}`;
  switch (listener.state) {
    case "listening":
      return `● ${name}:${listener.port}`;
    case "taken":
      return `■ ${name}:${listener.port} is taken by another program; Postern tries again every 30 seconds`;
    case "absent":
      return `○ ${name}: this machine has no such address`;
    case "failed":
      return `■ ${name}: ${listener.reason ?? "cannot be opened"}`;
    case "closed":
      return `○ ${name}: closed`;
  }
}

export function describeKeychain({ kind, ready, sentence, action, detail }: Snapshot["keychain"]): string[] {
  return [
    `${ready ? "●" : "▲"} Keychain (${kind}): ${sentence}`,
    ...(action === undefined ? [] : [`  ${action}`]),
    ...(detail === undefined ? [] : [`  Detail: ${detail}`]),
  ];
}

export function describePause(): string {
  return "○ Paused: mail programs are told to come back later. To go on: postern resume";
}

const ACTIVITIES: Readonly<Record<Activity["what"], readonly [shape: string, sentence: string]>> = {
  "logged-in": ["●", "A mail program has logged in"],
  "login-refused": ["■", "A mail program was refused"],
  "login-failed": ["■", "A mail program could not be connected"],
  "wrong-protocol": ["■", "A program does not speak what this port takes"],
  "session-ended": ["·", "A mail program's connection has ended"],
  "mailbox-not-connected": ["■", "The mail server knows the sign-in, but does not open the mailbox"],
  "signed-in": ["●", "Signed in"],
  "sign-in-failed": ["▲", "A sign-in did not succeed"],
  "signed-out": ["▲", "Signed out"],
  "token-handed-out": ["●", "An access token was handed out to a program of this machine"],
};

/** What happened, and why, and what to do where it does not pass by itself. */
export function describeActivity({
  what,
  account,
  protocol,
  passwordName,
  userName,
  failure,
}: Activity): string[] {
  const [shape, sentence] = ACTIVITIES[what];
  const who = account === undefined ? "" : ` ${printable(account, 320)} `;
  const how = [
    ...(protocol === undefined ? [] : [protocol.toUpperCase()]),
    ...(userName === undefined ? [] : [`user name ${printable(userName, 100)}`]),
    ...(passwordName === undefined ? [] : [`password ${printable(passwordName, 100)}`]),
  ].join(", ");
  const line = `${failure?.temporary ? "○" : shape}${who} ${sentence}${how && ` (${how})`}.`;
  if (failure === undefined) return [line];
  return [
    `${line} ${failure.sentence}`,
    ...(failure.detail === undefined ? [] : [`  Detail: ${failure.detail}`]),
    ...(failure.temporary ? [] : [`  ${fillIn(failure.action, account)}`]),
  ];
}

/**
 * Where a mail program connects: the ports that are open.
 * @param userName what the person calls the account: its address or its local user name
 */
export function describeSettings(snapshot: Snapshot, userName: string): string {
  const portOf = (protocol: "imap" | "smtp"): string => {
    const open = snapshot.listeners.find((one) => one.protocol === protocol && one.state === "listening");
    return open?.port === undefined ? "not open now (see postern status)" : String(open.port);
  };
  const isSame = (name: string | undefined): boolean => name?.toLowerCase() === userName.toLowerCase();
  const account = snapshot.accounts.find(({ email, localUser }) => isSame(email) || isSame(localUser));
  const other =
    account?.localUser === undefined ? "" : `, or where an @ cannot be typed: ${account.localUser}`;
  return [
    "In your mail program:",
    `  User name   ${account?.email ?? userName}${other}`,
    `  IMAP        127.0.0.1 port ${portOf("imap")}, no encryption, normal password`,
    `  SMTP        127.0.0.1 port ${portOf("smtp")}, no encryption, normal password`,
  ].join("\n");
}
