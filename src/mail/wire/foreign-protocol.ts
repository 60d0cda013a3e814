// Recognises what is spoken to a mail port by mistake, so that a person can be told which setting is wrong.
// Invariant: nothing that a mail program of the port's own protocol says is taken for another's; nothing that was said is
// repeated, since it may be a password.
import { isHttp } from "./http.ts";

export type PortProtocol = "imap" | "smtp";

/** "tls": a ClientHello on a port without TLS. "starttls": it was asked for, and is not offered. */
export type ForeignProtocol = "tls" | "starttls" | "http" | "imap" | "smtp" | "pop3";

/** RFC 8446 §5.1: a handshake record; neither a tag nor a verb begins with this octet. */
const HANDSHAKE = 0x16;

const POP3 = /^(?:(?:USER|PASS|APOP) \S.*|CAPA)$/i;
const SMTP = /^(?:(?:EHLO|HELO|LHLO)(?: .*)?|(?:MAIL FROM|RCPT TO):.*)$/i;
/** A tag and a command; a verb of SMTP before it is no tag ("AUTH LOGIN"). */
const IMAP =
  /^(?!(?:AUTH|EHLO|HELO|LHLO|MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|VRFY|EXPN|HELP|STARTTLS) )\S+ (?:CAPABILITY|LOGIN|AUTHENTICATE|ID|NOOP|LOGOUT|STARTTLS|SELECT)(?: .*)?$/i;

/** @param octets the first that arrived */
export function startsWithTls(octets: Buffer): boolean {
  return octets[0] === HANDSHAKE;
}

/** @param line a command line, without its end */
export function recogniseForeign(port: PortProtocol, line: string): ForeignProtocol | undefined {
  if (isHttp(line)) return "http";
  if (POP3.test(line)) return "pop3";
  if (port === "imap" && SMTP.test(line)) return "smtp";
  if (port === "smtp" && IMAP.test(line)) return "imap";
  return undefined;
}

/** @param octets what came before the greeting, all that has arrived of it */
export function recogniseEarly(port: PortProtocol, octets: Buffer): ForeignProtocol | undefined {
  if (startsWithTls(octets)) return "tls";
  const [line = ""] = octets.subarray(0, 512).toString("latin1").split(/\r?\n/, 1);
  return recogniseForeign(port, line);
}

const NAMES = { http: "HTTP", imap: "IMAP", smtp: "SMTP", pop3: "POP3" } as const;

/** The last line that is said to it. */
export function formatForeign(port: PortProtocol, spoken: ForeignProtocol): string {
  if (spoken === "http") return "This is a mail server, not a web server";
  const here = `This is the ${NAMES[port]} port`;
  if (spoken === "tls" || spoken === "starttls") {
    return `${here}, and it takes no encryption; choose none in the mail program`;
  }
  return `${here}, and that was ${NAMES[spoken]}; check the port in the mail program`;
}

/** What happened, for a person. */
export function describeForeign(port: PortProtocol, spoken: ForeignProtocol): string {
  if (spoken === "tls") return `TLS was begun on the ${NAMES[port]} port`;
  if (spoken === "starttls") return `STARTTLS was asked for on the ${NAMES[port]} port`;
  return `${NAMES[spoken]} was spoken to the ${NAMES[port]} port`;
}
