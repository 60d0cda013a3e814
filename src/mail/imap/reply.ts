// The listener's lines: formatted in one place, so that no octet of a mail program is ever echoed but its tag.
import { assertNever } from "../../errors/assert-never.ts";
import type { PosternError } from "../../errors/postern-error.ts";
import { LISTENER_CAPABILITIES } from "./capability.ts";

export const formatGreeting = (): string => `* OK [CAPABILITY ${LISTENER_CAPABILITIES}] Postern ready\r\n`;

/** A BYE that ends a connection; RFC 5530 §3 UNAVAILABLE is the code that brings no password prompt. */
export const formatBye = (text: string): string => `* BYE [UNAVAILABLE] ${text}\r\n`;

/** Not UNAVAILABLE: trying again will not help. */
export const formatForeignBye = (text: string): string => `* BYE ${text}\r\n`;

export const formatOk = (tag: string, text: string): string => `${tag} OK ${text}\r\n`;
export const formatNo = (tag: string, text: string): string => `${tag} NO ${text}\r\n`;
export const formatBad = (tag: string, text: string): string => `${tag} BAD ${text}\r\n`;
export const formatUntaggedCapability = (): string => `* CAPABILITY ${LISTENER_CAPABILITIES}\r\n`;

/** The login succeeded: capabilities both ways that RFC 9051 knows, since some programs read only one of them. */
export function formatLoggedIn(tag: string, capabilities: readonly string[]): string {
  const list = capabilities.join(" ");
  return `* CAPABILITY ${list}\r\n${tag} OK [CAPABILITY ${list}] Logged in\r\n`;
}

/** What a failed login is answered with (protocol.md §7): a password prompt only for a wrong local password. */
export function formatLoginFailure(tag: string, error: PosternError): string {
  return formatNo(tag, `[${responseCode(error)}] ${error.wireText}`);
}

function responseCode(error: PosternError): string {
  const { category } = error.entry;
  switch (category) {
    case "local-password":
      return "AUTHENTICATIONFAILED";
    // Thunderbird prompts for a password at every other code, and at none.
    case "network":
    case "sign-in":
    case "refused":
    case "disabled":
    case "throttled":
    case "certificate":
    case "keychain":
    case "configuration":
    case "request":
      return "UNAVAILABLE";
    default:
      return assertNever(category);
  }
}
