// Logs in at the provider's submission server (RFC 4954, RFC 3207, RFC 7628).
// Invariant: the credentials are written only inside verified TLS, and always in a line of their own (RFC 4954 §4 limits
// the AUTH command to 512 octets; Postfix cuts a longer one).
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
import { hasKeyword, mechanismsOf } from "./keyword.ts";

/** A connection that is ready for AUTH, with what the server announced inside TLS. */
export interface SmtpUpstream {
  readonly wire: Wire;
  readonly keywords: readonly string[];
  /** @throws PosternError `upstream-…`; `upstream-refused` means that the server did not accept these credentials */
  logIn(exchange: PrepareExchange): Promise<void>;
}

interface Reply {
  readonly code: number;
  /** The text of each line. */
  readonly lines: readonly string[];
}

/** Our name at EHLO: an address literal, since a workstation's own name is nobody's business. */
const EHLO = "EHLO [127.0.0.1]\r\n";

/** Reads the greeting, upgrades to TLS where that is configured, and asks what the server offers. */
export async function greetSmtpUpstream(transport: UpstreamTransport, clock: Clock): Promise<SmtpUpstream> {
  let { wire } = transport;
  let lines = createUpstreamLines(wire, clock);
  const command = async (text: string): Promise<Reply> => {
    wire.write(text);
    return readReply(lines);
  };

  const greeting = await readReply(lines);
  if (greeting.code !== 220) throw explain(greeting, "greeting");
  let keywords = await ehlo(command);

  if (transport.startTls !== undefined) {
    if (!hasKeyword(keywords, "STARTTLS")) throw new PosternError("upstream-without-tls");
    const answer = await command("STARTTLS\r\n");
    if (answer.code !== 220) throw new PosternError("upstream-without-tls", { detail: formatReply(answer) });
    refuseInjected(wire);
    wire = await transport.startTls();
    lines = createUpstreamLines(wire, clock);
    keywords = await ehlo(command);
  }

  return {
    wire,
    keywords,
    async logIn(exchange) {
      const { mechanism, messages, failureReply, secrets } = exchange(mechanismsOf(keywords));
      let answer = await command(`AUTH ${mechanism}\r\n`);
      let reason = "no reason given";
      for (const message of messages) {
        if (answer.code === 235) {
          throw new PosternError("upstream-protocol", { detail: "it said 235 before any credentials" });
        }
        if (answer.code !== 334) break;
        answer = await command(`${message}\r\n`);
      }
      if (answer.code === 334) {
        // The exchange has failed, and the server waits for an answer before it says so.
        reason = formatFailureChallenge(parseFailureChallenge(answer.lines[0]?.trim() ?? ""));
        answer = await command(`${failureReply}\r\n`);
      }
      if (answer.code !== 235) {
        const lines = answer.lines.map((line) => withhold(line, ...secrets));
        throw explain({ ...answer, lines }, `${mechanism}: ${reason}`);
      }
    },
  };
}

async function ehlo(command: (text: string) => Promise<Reply>): Promise<readonly string[]> {
  const answer = await command(EHLO);
  if (answer.code !== 250) throw explain(answer, "EHLO");
  // The first line is the server's name; the rest are keywords (RFC 5321 §4.1.1.1).
  return answer.lines.slice(1).filter((line) => /^[\x20-\x7e]{1,500}$/.test(line));
}

/** One reply with all its lines (RFC 5321 §4.2.1). */
async function readReply(lines: UpstreamLines): Promise<Reply> {
  const texts: string[] = [];
  let first: string | undefined;
  for (;;) {
    const line = await lines.next();
    const [, code, separator = " ", text = ""] = /^(\d{3})(?:([ -])(.*))?$/.exec(line) ?? [];
    if (code === undefined)
      throw new PosternError("upstream-protocol", { detail: "a line that is not an SMTP reply" });
    first ??= code;
    if (code !== first) throw new PosternError("upstream-protocol", { detail: "a reply changes its code" });
    texts.push(text);
    if (separator === " ") return { code: Number(code), lines: texts };
    if (texts.length >= limits.upstreamReplyLines) {
      throw new PosternError("upstream-protocol", { detail: "a reply has too many lines" });
    }
  }
}

/** Microsoft refuses in two ways; the other one is 5.7.139. */
const ABOUT_5_7_3 =
  "5.7.3 is about this user name and token, which do not fit or may not send, and not about a switch; ";

/** The failure that a reply stands for; 4xx passes, 5.7.139 is Microsoft's "SMTP AUTH is switched off". */
function explain(answer: Reply, where: string): PosternError {
  const detail = `${where}; it said ${formatReply(answer)}`;
  const upstreamText = answer.lines.map((line) => line.replace(/^\d\.\d{1,3}\.\d{1,3} /, "")).join(" ");
  if (answer.code >= 400 && answer.code < 500)
    return new PosternError("upstream-throttled", { detail, upstreamText });
  if (answer.lines.some((line) => line.startsWith("5.7.139"))) {
    return new PosternError("upstream-smtp-auth-disabled", { detail });
  }
  // 535 judges the token; 534 wants another one of the account's. The rest says that we did not understand each other.
  const judged = answer.code === 535 || answer.code === 534;
  if (!judged) return new PosternError("upstream-protocol", { detail });
  const hint = answer.lines.some((line) => /^5\.7\.3\b/.test(line)) ? ABOUT_5_7_3 : "";
  return new PosternError("upstream-refused", { detail: `${hint}${detail}` });
}

function formatReply(answer: Reply): string {
  return `${answer.code} ${answer.lines.join(" ")}`;
}
