// What the server says it can do, and the limits it keeps.
import type { CommandLimits } from "./command-reader.ts";
import type { ImapSession } from "./session.ts";

/** Octets; a message to append may be this large (RFC 7889). */
const APPEND_LIMIT = 128 * 1024 * 1024;

const ALWAYS = [
  "IMAP4rev1",
  "LITERAL+",
  "ID",
  "IDLE",
  "NAMESPACE",
  "CHILDREN",
  "UIDPLUS",
  "MOVE",
  "UNSELECT",
  "SPECIAL-USE",
  `APPENDLIMIT=${APPEND_LIMIT}`,
];
const BEFORE_LOGIN = ["SASL-IR", "LOGINDISABLED", "AUTH=XOAUTH2", "AUTH=OAUTHBEARER"];

export function formatCapabilities(session: ImapSession): string {
  const isBeforeLogin = session.state.kind === "not-authenticated";
  return [...ALWAYS, ...(isBeforeLogin ? BEFORE_LOGIN : [])].join(" ");
}

/** Before the login nobody may make the server keep much. */
export function commandLimits(session: ImapSession): CommandLimits {
  const isBeforeLogin = session.state.kind === "not-authenticated";
  return { line: 1024 * 1024, literal: isBeforeLogin ? 64 * 1024 : APPEND_LIMIT };
}
