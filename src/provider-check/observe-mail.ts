// Visits a mail server to see whether it is what a preset says: reachable, with a valid certificate, of its protocol, and
// what it announces. Invariant: no login is tried and nobody is named; a visit ends within its time.
import type { ErrorCode } from "../errors/catalogue.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { visit } from "../mail/dial/visit.ts";
import { probeImapServer } from "../mail/imap/probe.ts";
import { greetSmtpUpstream } from "../mail/smtp/upstream.ts";
import { createUpstreamLines, type UpstreamTransport } from "../mail/wire/upstream-lines.ts";
import type { MailProtocol, PresetServer } from "../provider/preset.ts";
import { explain, type ProviderCheckParts } from "./parts.ts";

export type MailObservation =
  /** IMAP capabilities or EHLO keywords, inside TLS; empty for POP3. */
  | { readonly kind: "answered"; readonly announced: readonly string[] }
  /** It is there, and is not what the preset says: another certificate, no TLS, another protocol. */
  | { readonly kind: "contradicts"; readonly reason: string }
  | { readonly kind: "silent"; readonly reason: string };

type Place = Pick<PresetServer, "host" | "port" | "tls">;

/** Milliseconds for all of a visit. */
const VISIT = 10_000;

/** What a server itself has said or shown. Anything else may be the network between. */
const CONTRADICTIONS: ReadonlySet<ErrorCode> = new Set([
  "upstream-certificate",
  "upstream-without-tls",
  "upstream-protocol",
]);

/** Never throws. */
export async function observeMailServer(
  parts: ProviderCheckParts,
  protocol: MailProtocol,
  place: Place,
): Promise<MailObservation> {
  try {
    const announced = await visit(parts, place, VISIT, (transport) => ANNOUNCED[protocol](parts, transport));
    return { kind: "answered", announced };
  } catch (thrown) {
    const error = toPosternError(thrown);
    return { kind: CONTRADICTIONS.has(error.code) ? "contradicts" : "silent", reason: explain(error) };
  }
}

type Ask = (parts: ProviderCheckParts, transport: UpstreamTransport) => Promise<readonly string[]>;

const ANNOUNCED: Readonly<Record<MailProtocol, Ask>> = {
  async imap({ clock }, transport) {
    const server = await probeImapServer(transport, clock);
    server.logOut();
    return server.capabilities;
  },
  async smtp({ clock }, transport) {
    const { keywords, wire } = await greetSmtpUpstream(transport, clock);
    wire.close("QUIT\r\n");
    return keywords;
  },
  /** Its greeting only (RFC 1939 §4). */
  async pop3({ clock }, transport) {
    if (transport.startTls !== undefined) {
      throw new PosternError("upstream-unreachable", { detail: "POP3 after STLS is not checked" });
    }
    const greeting = await createUpstreamLines(transport.wire, clock).next();
    if (!/^\+OK(?: |$)/.test(greeting)) {
      throw new PosternError("upstream-protocol", { detail: "it does not greet as a POP3 server" });
    }
    transport.wire.close("QUIT\r\n");
    return [];
  },
};
