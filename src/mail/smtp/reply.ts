// The SMTP listener's replies (RFC 5321 §4.2, RFC 4954 §6): formatted in one place, nothing of a mail program echoed.
import { assertNever } from "../../errors/assert-never.ts";
import type { PosternError } from "../../errors/postern-error.ts";

export const GREETING = "220 localhost ESMTP Postern\r\n";
export const AUTHENTICATED = "235 2.7.0 Authentication successful\r\n";
export const OK = "250 2.0.0 OK\r\n";
export const GOODBYE = "221 2.0.0 Bye\r\n";
export const AUTHENTICATION_REQUIRED = "530 5.7.0 Authentication required\r\n";
export const ALREADY_AUTHENTICATED = "503 5.5.1 Already authenticated\r\n";
export const BAD_SEQUENCE = "503 5.5.1 Bad sequence of commands\r\n";
export const UNKNOWN_COMMAND = "500 5.5.2 Command not recognised\r\n";
export const EHLO_FIRST = "503 5.5.1 Say EHLO first\r\n";
export const BAD_EHLO = "501 5.5.4 EHLO takes a domain\r\n";
export const UNKNOWN_MECHANISM = "504 5.5.4 Mechanism not supported\r\n";
export const CANCELLED = "501 5.7.0 Authentication cancelled\r\n";
export const BAD_BASE64 = "501 5.5.2 Invalid base64\r\n";
export const BAD_CREDENTIALS_MESSAGE = "501 5.5.2 PLAIN takes a user name and a password\r\n";
export const NO_MECHANISM = "501 5.5.4 AUTH takes a mechanism\r\n";
export const FOREIGN_AUTHZID = "535 5.7.8 Nobody acts for somebody else here\r\n";
export const LINE_TOO_LONG = "500 5.5.6 Line too long\r\n";
export const TOO_MANY_FAILURES = "421 4.7.0 Too many failures; connect again\r\n";

export const formatPrompt = (prompt: string): string => `334 ${prompt}\r\n`;

/** RFC 5321 §4.1.1.1: a multi-line EHLO reply; AUTH comes last. */
export function formatEhlo(keywords: readonly string[]): string {
  const lines = ["localhost", ...keywords, "AUTH PLAIN LOGIN"];
  return lines.map((line, place) => `250${place === lines.length - 1 ? " " : "-"}${line}\r\n`).join("");
}

/** Ends a connection on which another protocol is spoken. */
export const formatForeignClosing = (text: string): string => `421 4.7.0 ${text}\r\n`;

/** A reply that ends a connection before anybody logged in. */
export const formatClosing = (text: string): string => `421 4.3.2 ${text}\r\n`;

/** What AUTH is answered with when the local password was wrong: the only case in which AUTH fails at once. */
export function formatAuthFailure(error: PosternError): string {
  return error.entry.category === "local-password"
    ? `535 5.7.8 ${error.wireText}\r\n`
    : `454 4.7.0 ${error.wireText}\r\n`;
}

/**
 * What MAIL is answered with when the login at the provider failed behind our 235 (protocol.md §7): never 451 or 452,
 * which Thunderbird calls "too many recipients"; permanent only where a person must act before any retry can work.
 */
export function formatMailRefusal(error: PosternError): string {
  return `${mailRefusalCode(error)} ${error.wireText}\r\n`;
}

function mailRefusalCode(error: PosternError): string {
  const { category } = error.entry;
  switch (category) {
    case "network":
    case "keychain":
      return "450 4.4.1";
    case "configuration":
      return "450 4.3.5";
    case "disabled":
      return "550 5.7.0";
    case "local-password":
    case "sign-in":
    case "refused":
    case "throttled":
    case "certificate":
    case "request":
      return "450 4.7.0";
    default:
      return assertNever(category);
  }
}
