// A short visit at a mail server: verified TLS, the right greeting, goodbye. Invariant: a visit ends within its time, and
// leaves no connection open.
import type { MailServer } from "../account/account.ts";
import { visit } from "../mail/dial/visit.ts";
import { hasCapability, mechanismsOf } from "../mail/imap/capability.ts";
import { probeImapServer } from "../mail/imap/probe.ts";
import type { FailureChallenge } from "../mail/sasl/failure-challenge.ts";
import { greetSmtpUpstream } from "../mail/smtp/upstream.ts";
import type { DiscoveryParts } from "./parts.ts";

/** Milliseconds for all of a visit: a host that answers at all does so sooner. */
const VISIT = 8000;
/** Where logins fail: servers answer them late on purpose, Dovecot the second one by four seconds or more. */
const VISIT_WITH_FAILED_LOGINS = 25_000;

/** @throws PosternError `upstream-…` */
export function visitImapServer(parts: DiscoveryParts, server: MailServer): Promise<void> {
  return visit(parts, server, VISIT, async (transport) => {
    (await probeImapServer(transport, parts.clock)).logOut();
  });
}

/** What an IMAP server says before anybody has logged in. */
export interface ImapAnnouncement {
  readonly takes: readonly ("oauth" | "password")[];
  /** To a login without a token; undefined where nothing was said. */
  readonly challenge: FailureChallenge | undefined;
}

/** @throws PosternError `upstream-…` */
export function askForChallenge(parts: DiscoveryParts, server: MailServer): Promise<ImapAnnouncement> {
  return visit(parts, server, VISIT_WITH_FAILED_LOGINS, async (transport) => {
    const probed = await probeImapServer(transport, parts.clock);
    const challenge = await probed.askForChallenge(server.host, server.port);
    probed.logOut();
    return { takes: announcedLogins(probed.capabilities), challenge };
  });
}

/** RFC 9051 §6.2.3: LOGIN works where LOGINDISABLED is not announced. */
function announcedLogins(capabilities: readonly string[]): ("oauth" | "password")[] {
  const mechanisms = new Set(mechanismsOf(capabilities).map((name) => name.toUpperCase()));
  const takesToken = mechanisms.has("OAUTHBEARER") || mechanisms.has("XOAUTH2");
  const takesPassword =
    mechanisms.has("PLAIN") || mechanisms.has("LOGIN") || !hasCapability(capabilities, "LOGINDISABLED");
  return [...(takesToken ? (["oauth"] as const) : []), ...(takesPassword ? (["password"] as const) : [])];
}

/** @throws PosternError `upstream-…` */
export function visitSmtpServer(parts: DiscoveryParts, server: MailServer): Promise<void> {
  return visit(parts, server, VISIT, async (transport) => {
    const { wire } = await greetSmtpUpstream(transport, parts.clock);
    wire.close("QUIT\r\n");
  });
}
