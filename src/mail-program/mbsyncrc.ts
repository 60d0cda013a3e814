// mbsync's configuration for one account. Pure. mbsync(1): in double quotes `\` escapes.
import { formatAccountName } from "./account-name.ts";
import type { LocalAccess } from "./local-access.ts";

/** Where the mail goes; mbsync does not make it itself. */
export function mbsyncFolder({ email }: Pick<LocalAccess, "email">): string {
  return `~/Mail/${formatAccountName(email)}`;
}

export function formatMbsyncrc({ email, userName, imap }: LocalAccess, password: string): string | undefined {
  if (imap === undefined) return undefined;
  const name = formatAccountName(email);
  const folder = mbsyncFolder({ email });
  return `IMAPAccount ${name}
Host ${imap.host}
Port ${imap.port}
User ${quoteForMbsync(userName)}
Pass ${quoteForMbsync(password)}
SSLType None
AuthMechs LOGIN

IMAPStore ${name}-remote
Account ${name}

MaildirStore ${name}-local
Path ${folder}/
Inbox ${folder}/INBOX
SubFolders Verbatim

Channel ${name}
Far :${name}-remote:
Near :${name}-local:
Patterns *
Create Near
SyncState *
`;
}

function quoteForMbsync(value: string): string {
  return /^[A-Za-z0-9.+_@-]+$/.test(value) ? value : `"${value.replace(/[\\"]/g, "\\$&")}"`;
}
