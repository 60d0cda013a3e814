// msmtp's configuration for one account. Pure. msmtp(1): a value's outermost quotes are dropped, and nothing between them is
// escaped; only `from` knows patterns, and %U, %H, %C and %M cannot be escaped there.

import { formatAccountName } from "./account-name.ts";
import type { LocalAccess } from "./local-access.ts";

export function formatMsmtprc({ email, userName, smtp }: LocalAccess, password: string): string | undefined {
  if (smtp === undefined) return undefined;
  const name = formatAccountName(email);
  return `account ${name}
host ${smtp.host}
port ${smtp.port}
tls off
auth plain
user ${quoteForMsmtp(userName)}
password ${quoteForMsmtp(password)}
${formatFrom(email)}
account default : ${name}
`;
}

function quoteForMsmtp(value: string): string {
  return /^[A-Za-z0-9.+_@-]+$/.test(value) ? value : `"${value}"`;
}

/** An address with a pattern in it is left to the mail program that calls msmtp. */
function formatFrom(email: string): string {
  return /%[UHCM]/.test(email) ? "# from: give it with --from" : `from ${quoteForMsmtp(email)}`;
}
