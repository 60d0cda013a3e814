// The listener's side of SMTP submission until the login (RFC 4954, RFC 6409), towards the mail program.
// Invariant: 235 is said as soon as the local password is right, since Thunderbird hangs on a late one; what the mail
// program sends after it is held unread until the provider's server is ready, or refused at MAIL if it never is.
import { type PosternError, toPosternError } from "../../errors/postern-error.ts";
import { type Exchange, type ExchangeFailure, readCredentials } from "../sasl/exchange.ts";
import type { LocalCredentials } from "../sasl/plain.ts";
import {
  type ForeignProtocol,
  formatForeign,
  recogniseForeign,
  startsWithTls,
} from "../wire/foreign-protocol.ts";
import { limits } from "../wire/limits.ts";
import type { Wire } from "../wire/wire.ts";
import * as reply from "./reply.ts";

export interface SmtpSession<Account, Upstream> {
  readonly wire: Wire;
  /** What to announce at EHLO, besides AUTH. */
  keywords(): Promise<readonly string[]>;
  /** @throws PosternError `wrong-local-password` */
  checkLocalPassword(credentials: LocalCredentials): Promise<Account>;
  /** Logs in at the provider. @throws PosternError, answered at MAIL */
  openUpstream(account: Account): Promise<Upstream>;
  /** Answer a failed upstream login at AUTH, by the book, instead of at MAIL (for programs that retry on 454). */
  readonly strict: boolean;
  /** Told how the mail program names itself after EHLO. */
  onHello?(name: string): void;
  /** Told what is spoken in place of SMTP. */
  onForeign?(spoken: ForeignProtocol): void;
}

type State =
  | { readonly kind: "start" }
  | { readonly kind: "greeted"; readonly extended: boolean }
  /** Logged in here, not at the provider: the reason is told at MAIL. */
  | { readonly kind: "without-upstream"; readonly error: PosternError };

/** Speaks SMTP until somebody is logged in at the provider; undefined when the connection is to be closed. */
export async function runSmtpSession<Account, Upstream>(
  session: SmtpSession<Account, Upstream>,
): Promise<Upstream | undefined> {
  const { wire } = session;
  let state: State = { kind: "start" };
  let badCommands = 0;
  let failedLogins = 0;
  const refuse = (spoken: ForeignProtocol): undefined => {
    session.onForeign?.(spoken);
    wire.close(reply.formatForeignClosing(formatForeign("smtp", spoken)));
  };
  wire.write(reply.GREETING);
  // A ClientHello has no line end to wait for.
  if (startsWithTls(await wire.reader.peek())) return refuse("tls");

  for (;;) {
    const line = await wire.reader.readLine(limits.smtpLine, limits.skippedLine);
    if (line.kind === "end") return undefined;
    if (line.kind === "flood") {
      wire.close(reply.LINE_TOO_LONG);
      return undefined;
    }
    if (line.kind === "too-long") {
      wire.write(reply.LINE_TOO_LONG);
      badCommands += 1;
    } else {
      const text = line.octets.toString("latin1");
      const spoken = recogniseForeign("smtp", text);
      if (spoken !== undefined) return refuse(spoken);
      const [first = "", ...words] = text.trimEnd().split(" ");
      const verb = first.toUpperCase();
      // What a command of a transaction gets: there is none without a mail server behind it.
      const noTransaction =
        state.kind === "without-upstream" ? reply.BAD_SEQUENCE : reply.AUTHENTICATION_REQUIRED;

      switch (verb) {
        case "EHLO":
        case "HELO":
          if (words[0] === undefined || words[0] === "") {
            wire.write(reply.BAD_EHLO);
            badCommands += 1;
            break;
          }
          session.onHello?.(words[0]);
          if (verb === "HELO") wire.write("250 localhost\r\n");
          else wire.write(reply.formatEhlo(await session.keywords()));
          if (state.kind !== "without-upstream") {
            state = { kind: "greeted", extended: verb === "EHLO" };
          }
          break;
        case "NOOP":
        case "RSET":
          wire.write(reply.OK);
          break;
        case "QUIT":
          wire.close(reply.GOODBYE);
          return undefined;
        case "MAIL":
          if (state.kind === "without-upstream") wire.write(reply.formatMailRefusal(state.error));
          else wire.write(reply.AUTHENTICATION_REQUIRED);
          break;
        case "RCPT":
        case "DATA":
        case "VRFY":
          wire.write(noTransaction);
          break;
        case "BDAT": {
          // The chunk follows whatever we answer (RFC 3030 §2), so its octets must not become commands.
          const octets = /^\d{1,15}$/.test(words[0] ?? "") ? Number(words[0]) : 0;
          if (!(await wire.reader.skipOctets(octets))) return undefined;
          wire.write(noTransaction);
          break;
        }
        case "AUTH": {
          if (state.kind !== "greeted" || !state.extended) {
            wire.write(state.kind === "without-upstream" ? reply.ALREADY_AUTHENTICATED : reply.EHLO_FIRST);
            badCommands += 1;
            break;
          }
          const exchange = await readAuth(words, wire);
          if (exchange.kind === "end") return undefined;
          if (exchange.kind !== "credentials") {
            wire.write(EXCHANGE_FAILURES[exchange.kind]);
            badCommands += 1;
            break;
          }
          const outcome = await logIn(session, exchange.credentials);
          if (outcome.kind === "spliced") return outcome.upstream;
          if (outcome.kind === "accepted") state = { kind: "without-upstream", error: outcome.error };
          else failedLogins += 1;
          break;
        }
        default:
          if (verb === "STARTTLS") session.onForeign?.("starttls");
          wire.write(reply.UNKNOWN_COMMAND);
          badCommands += 1;
      }
    }
    if (badCommands >= limits.badCommands || failedLogins >= limits.failedLogins) {
      wire.close(reply.TOO_MANY_FAILURES);
      return undefined;
    }
  }
}

type LoginOutcome<Upstream> =
  | { readonly kind: "spliced"; readonly upstream: Upstream }
  | { readonly kind: "accepted"; readonly error: PosternError }
  | { readonly kind: "refused" };

async function logIn<Account, Upstream>(
  session: SmtpSession<Account, Upstream>,
  credentials: LocalCredentials,
): Promise<LoginOutcome<Upstream>> {
  const { wire } = session;
  let account: Account;
  try {
    account = await session.checkLocalPassword(credentials);
  } catch (thrown) {
    wire.write(reply.formatAuthFailure(toPosternError(thrown)));
    return { kind: "refused" };
  }
  if (!session.strict) wire.write(reply.AUTHENTICATED);
  try {
    const upstream = await session.openUpstream(account);
    if (session.strict) wire.write(reply.AUTHENTICATED);
    return { kind: "spliced", upstream };
  } catch (thrown) {
    const error = toPosternError(thrown);
    if (!session.strict) return { kind: "accepted", error };
    wire.write(reply.formatAuthFailure(error));
    return { kind: "refused" };
  }
}

/** AUTH, with and without initial response (RFC 4954 §4). */
async function readAuth(words: readonly string[], wire: Wire): Promise<Exchange> {
  const [mechanism = "", initialResponse, ...more] = words;
  if (more.length > 0) return { kind: "invalid-base64" };
  return readCredentials(mechanism, initialResponse, (prompt) => {
    wire.write(reply.formatPrompt(prompt));
    return wire.reader.readLine(limits.smtpLine, limits.skippedLine);
  });
}

const EXCHANGE_FAILURES: Readonly<Record<ExchangeFailure, string>> = {
  "no-mechanism": reply.NO_MECHANISM,
  "unknown-mechanism": reply.UNKNOWN_MECHANISM,
  cancelled: reply.CANCELLED,
  "invalid-base64": reply.BAD_BASE64,
  "too-long": reply.LINE_TOO_LONG,
  malformed: reply.BAD_CREDENTIALS_MESSAGE,
  "foreign-authzid": reply.FOREIGN_AUTHZID,
};
