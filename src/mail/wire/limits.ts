// Every size and time limit of the login phase, in one place (protocol.md §3 and §9). Octets and milliseconds.

export const limits = {
  /** RFC 7162 §4: an IMAP command line, all its parts together, before authentication. */
  imapCommand: 8192,
  /** One literal before authentication. */
  imapLiteral: 1024,
  /** RFC 4954 §4: an AUTH continuation line; shorter SMTP commands are read under the same cap. */
  smtpLine: 12_288,
  /** A too long line is skipped up to here; beyond, the connection is closed. */
  skippedLine: 65_536,
  /** Answers to a mail program's nonsense before the connection is closed (nginx max_errors, ALPACA). */
  badCommands: 3,
  /** Wrong local passwords on one connection before it is closed. */
  failedLogins: 3,
  /** From the connection to a login, for the mail program. */
  loginPhase: 60_000,
  /** Connections that have not logged in, over all listeners; the oldest is closed when there are more. */
  unauthenticatedConnections: 200,

  /** One line of an upstream server during its login. */
  upstreamLine: 8192,
  /** All that an upstream server may say during its login. */
  upstreamTotal: 65_536,
  /** Lines of one SMTP reply. */
  upstreamReplyLines: 128,
  /** RFC 2683 §3.2.1.5: what every server must take as one command line. */
  upstreamCommand: 8000,
  upstreamConnect: 10_000,
  upstreamTls: 10_000,
  upstreamReply: 30_000,
  /** From the local password to the end of the upstream login: Thunderbird waits 20 s unharmed. */
  upstreamLogin: 20_000,
  /** At EHLO, for asking an upstream server what it offers. */
  upstreamProbe: 2000,
  keepAlive: 60_000,
} as const;
