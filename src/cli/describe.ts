// The daemon's answers in words, for a terminal.
import type { AccountView, Snapshot } from "../control/contract.ts";
import { relativeTime } from "./output.ts";

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

/** The line and everything a person may want to know or do. */
export function describeAccount(account: AccountView, now: number): string {
  const { status } = account;
  const lines = [describeAccountLine(account)];
  if (status.action !== undefined) lines.push(`  ${status.action.replaceAll("EMAIL", account.email)}`);
  if (status.detail !== undefined) lines.push(`  Detail: ${status.detail}`);
  if (status.retryAt !== undefined) lines.push(`  Next try: ${relativeTime(status.retryAt, now)}`);
  if (account.accessTokenExpiresAt !== undefined) {
    lines.push(
      `  Renewed by itself; the current access ends ${relativeTime(account.accessTokenExpiresAt, now)}`,
    );
  }
  if (account.signInsWaiting > 0) lines.push("  A sign-in is waiting for the browser.");
  lines.push(`  Open connections: ${account.sessions}`);
  lines.push(`  IMAP ${describeServer(account.imap)}   SMTP ${describeServer(account.smtp)}`);
  lines.push(`  Issuer ${account.issuer}   client id ${account.clientId}   mechanism ${account.mechanism}`);
  return lines.join("\n");
}

function describeServer({ host, port, tls }: AccountView["imap"]): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port} (${tls === "implicit" ? "TLS" : "STARTTLS"})`;
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

/** Where a mail program connects: the ports that are open. */
export function describeSettings(snapshot: Snapshot, email: string): string {
  const portOf = (protocol: "imap" | "smtp"): string => {
    const open = snapshot.listeners.find((one) => one.protocol === protocol && one.state === "listening");
    return open?.port === undefined ? "not open now (see postern status)" : String(open.port);
  };
  return [
    "In your mail program:",
    `  User name   ${email}`,
    `  IMAP        127.0.0.1 port ${portOf("imap")}, no encryption, normal password`,
    `  SMTP        127.0.0.1 port ${portOf("smtp")}, no encryption, normal password`,
  ].join("\n");
}
