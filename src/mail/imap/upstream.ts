// Logs in at the provider's IMAP server (RFC 9051 §6.2, RFC 4959, RFC 7628).
// Invariant: the credentials are written only inside verified TLS; nothing that the server said before TLS is believed;
// nothing it says before the login reaches the mail program.
import type { Clock } from "../../clock/clock.ts";
import { PosternError } from "../../errors/postern-error.ts";
import { withhold } from "../../errors/withhold.ts";
import { formatFailureChallenge, parseFailureChallenge } from "../sasl/failure-challenge.ts";
import type { PrepareExchange } from "../sasl/upstream-exchange.ts";
import { limits } from "../wire/limits.ts";
import {
  createUpstreamLines,
  refuseInjected,
  type UpstreamLines,
  type UpstreamTransport,
} from "../wire/upstream-lines.ts";
import type { Wire } from "../wire/wire.ts";
import { hasCapability, mechanismsOf, parseCapabilities } from "./capability.ts";

export interface ImapUpstreamLogin {
  readonly transport: UpstreamTransport;
  readonly exchange: PrepareExchange;
  readonly clock: Clock;
  /** Makes this connection's tags hard to guess, so that no answer can be prepared (threats.md E5). */
  readonly tagPrefix: string;
}

/** A logged-in connection: the wire to release into the splice, and the server's capabilities after the login. */
export interface ImapUpstream {
  readonly wire: Wire;
  readonly capabilities: readonly string[];
  /** For whoever keeps the connection. @throws PosternError `upstream-…` where the server gives no proper answer */
  command(text: string): Promise<Completion>;
}

/** How a command ended, with the capabilities that its answer or an untagged line announced. */
export interface Completion {
  readonly status: "OK" | "NO" | "BAD";
  readonly text: string;
  readonly announced: readonly string[] | undefined;
}

/**
 * @throws PosternError `upstream-…`; `upstream-refused` means that the server did not accept these credentials
 */
export async function logInAtImapUpstream(login: ImapUpstreamLogin): Promise<ImapUpstream> {
  const { transport, clock } = login;
  let { wire } = transport;
  let lines = createUpstreamLines(wire, clock);
  let commands = 0;
  const nextTag = (): string => `${login.tagPrefix}${++commands}`;

  /** Sends a command without continuation and waits for its completion. */
  const command = async (text: string): Promise<Completion> => {
    const tag = nextTag();
    wire.write(`${tag} ${text}\r\n`);
    return readCompletion(lines, tag, refuseContinuation);
  };
  const askCapabilities = async (): Promise<readonly string[]> => {
    const completion = await command("CAPABILITY");
    if (completion.status !== "OK" || completion.announced === undefined) {
      throw new PosternError("upstream-protocol", { detail: "no answer to CAPABILITY" });
    }
    return completion.announced;
  };

  let capabilities = parseGreeting(await lines.next());

  if (transport.startTls !== undefined) {
    if (!hasCapability(capabilities ?? (await askCapabilities()), "STARTTLS")) {
      throw new PosternError("upstream-without-tls");
    }
    const completion = await command("STARTTLS");
    if (completion.status !== "OK")
      throw new PosternError("upstream-without-tls", { detail: completion.text });
    refuseInjected(wire);
    wire = await transport.startTls();
    lines = createUpstreamLines(wire, clock);
    capabilities = undefined;
  }

  capabilities ??= await askCapabilities();
  if (!hasCapability(capabilities, "IMAP4REV1") && !hasCapability(capabilities, "IMAP4REV2")) {
    throw new PosternError("upstream-protocol", { detail: "it is neither IMAP4rev1 nor IMAP4rev2" });
  }

  const exchange = login.exchange(mechanismsOf(capabilities));
  const { mechanism, messages, beginsInCommand, failureReply } = exchange;
  const unsent = [...messages];
  const tag = nextTag();
  const inOneLine = `${tag} AUTHENTICATE ${mechanism} ${messages[0]}\r\n`;
  if (
    beginsInCommand &&
    hasCapability(capabilities, "SASL-IR") &&
    inOneLine.length <= limits.upstreamCommand
  ) {
    unsent.shift();
    wire.write(inOneLine);
  } else {
    wire.write(`${tag} AUTHENTICATE ${mechanism}\r\n`);
  }

  let reason = "no reason given";
  const completion = await readCompletion(lines, tag, (challenge) => {
    const next = unsent.shift();
    if (next !== undefined) {
      wire.write(`${next}\r\n`);
      return;
    }
    // The exchange has failed, and the server waits for an answer before it says so (RFC 7628 §3.2.3).
    reason = formatFailureChallenge(parseFailureChallenge(challenge));
    wire.write(`${failureReply}\r\n`);
  });
  if (completion.status === "OK" && unsent.length > 0) {
    throw new PosternError("upstream-protocol", { detail: "it said OK before any credentials" });
  }
  if (completion.status !== "OK") {
    throw explainRefusal(
      { ...completion, text: withhold(completion.text, ...exchange.secrets) },
      `${mechanism}: ${reason}`,
    );
  }
  return { wire, capabilities: completion.announced ?? (await askCapabilities()), command };
}

/** The capabilities of the greeting, if it names any. @throws PosternError for anything but `* OK` */
export function parseGreeting(line: string): readonly string[] | undefined {
  const [, status, text = ""] = /^\* ([A-Za-z]+)(?: (.*))?$/.exec(line) ?? [];
  switch (status?.toUpperCase()) {
    case "OK":
      return announcedIn(text);
    case "BYE":
      throw saidBye(text);
    case "PREAUTH":
      throw new PosternError("upstream-protocol", { detail: "it greets with PREAUTH" });
    default:
      throw new PosternError("upstream-protocol", { detail: `its greeting is not IMAP: ${line}` });
  }
}

/** Reads until the tagged completion; `onContinuation` answers continuation requests. */
export async function readCompletion(
  lines: UpstreamLines,
  tag: string,
  onContinuation: (challenge: string) => void,
): Promise<Completion> {
  let announced: readonly string[] | undefined;
  let continuations = 0;
  for (;;) {
    const line = await lines.next();
    if (line.startsWith("+")) {
      continuations += 1;
      if (continuations > 2)
        throw new PosternError("upstream-protocol", { detail: "too many continuation requests" });
      // Some servers leave out the space.
      onContinuation(line.slice(1).trim());
      continue;
    }
    if (line.startsWith("* ")) {
      const untagged = line.slice(2);
      if (/^BYE\b/i.test(untagged)) throw saidBye(untagged.slice("BYE ".length));
      if (/^CAPABILITY /i.test(untagged)) announced = parseCapabilities(untagged.slice("CAPABILITY ".length));
      continue;
    }
    const [, answered, status, text = ""] = /^(\S+) (OK|NO|BAD)(?: (.*))?$/i.exec(line) ?? [];
    if (answered !== tag || status === undefined) {
      throw new PosternError("upstream-protocol", { detail: "a line that belongs to no command of ours" });
    }
    return {
      status: status.toUpperCase() as Completion["status"],
      text,
      announced: announcedIn(text) ?? announced,
    };
  }
}

export function refuseContinuation(): never {
  throw new PosternError("upstream-protocol", { detail: "an unexpected continuation request" });
}

function announcedIn(text: string): readonly string[] | undefined {
  const list = /^\[CAPABILITY ([^\]]*)\]/i.exec(text)?.[1];
  const capabilities = list === undefined ? [] : parseCapabilities(list);
  return capabilities.length === 0 ? undefined : capabilities;
}

/** Response codes that speak of the server's state, not of the token (RFC 5530 §3; Gmail's ALERT at 15 connections). */
const PASSING = /^\[(?:UNAVAILABLE|LIMIT|INUSE|SERVERBUG|OVERQUOTA)\]|too many|throttl|temporar/i;

/**
 * Texts that say that IMAP is switched off: Gmail's for an account and for a domain, Zoho's, and whoever else says it so.
 * Yandex's "invalid credentials or IMAP is disabled" says nothing.
 */
const IMAP_DISABLED =
  /\bnot enabled for IMAP\b|\byet to enable IMAP\b|(?<!\bor )\bIMAP (?:access |service )?(?:is |has been )?(?:disabled|not enabled|not activated|(?:switched|turned) off)\b(?! or\b)/i;

function explainRefusal(completion: Completion, reason: string): PosternError {
  const detail = `${reason}; it said ${completion.status} ${completion.text}`;
  if (completion.status === "BAD") return new PosternError("upstream-protocol", { detail });
  if (PASSING.test(completion.text)) {
    return new PosternError("upstream-throttled", { detail, upstreamText: withoutCode(completion.text) });
  }
  if (IMAP_DISABLED.test(completion.text)) return new PosternError("upstream-imap-disabled", { detail });
  return new PosternError("upstream-refused", { detail });
}

function saidBye(text: string): PosternError {
  return new PosternError("upstream-throttled", {
    detail: `it said BYE: ${text}`,
    upstreamText: withoutCode(text),
  });
}

/** A response text without its response code: a code of the server's is not for the mail program (threats.md D5). */
function withoutCode(text: string): string {
  return text.replace(/^\[[^\]]*\]\s*/, "");
}
