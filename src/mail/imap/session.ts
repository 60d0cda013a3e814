// The listener's side of IMAP until the login (RFC 9051 §6.1, §6.2), towards the mail program.
// Invariant: after the line that logged in, no octet is read; whoever gets the upstream connection reads on.
import { assertNever } from "../../errors/assert-never.ts";
import { toPosternError } from "../../errors/postern-error.ts";
import { type Exchange, type ExchangeFailure, readCredentials } from "../sasl/exchange.ts";
import { parseLogin } from "../sasl/login.ts";
import type { LocalCredentials } from "../sasl/plain.ts";
import { type ForeignProtocol, formatForeign, startsWithTls } from "../wire/foreign-protocol.ts";
import { limits } from "../wire/limits.ts";
import type { Wire } from "../wire/wire.ts";
import { parseAstrings } from "./astring.ts";
import { filterCapabilities } from "./capability.ts";
import { type ImapCommand, readImapCommand } from "./command.ts";
import { parseId } from "./id.ts";
import * as reply from "./reply.ts";

/** What a login gives: the connection to the mailbox, and what the server behind it can do. */
export interface ImapLogin<Upstream> {
  readonly upstream: Upstream;
  readonly capabilities: readonly string[];
}

export interface ImapSession<Upstream> {
  readonly wire: Wire;
  /**
   * Checks the local password and logs in upstream.
   * @throws PosternError, answered as protocol.md §7 says
   */
  logIn(credentials: LocalCredentials): Promise<ImapLogin<Upstream>>;
  /** Told what the mail program calls itself. */
  onId?(program: string): void;
  /** Told what is spoken in place of IMAP. */
  onForeign?(spoken: ForeignProtocol): void;
}

/** Speaks IMAP until somebody is logged in; undefined when the connection is to be closed. */
export async function runImapSession<Upstream>(
  session: ImapSession<Upstream>,
): Promise<Upstream | undefined> {
  const { wire } = session;
  let badCommands = 0;
  let failedLogins = 0;
  const refuse = (spoken: ForeignProtocol): undefined => {
    session.onForeign?.(spoken);
    wire.close(reply.formatForeignBye(formatForeign("imap", spoken)));
  };
  wire.write(reply.formatGreeting());
  // A ClientHello has no line end to wait for.
  if (startsWithTls(await wire.reader.peek())) return refuse("tls");

  for (;;) {
    const read = await readImapCommand(wire);
    if (read.kind === "end") return undefined;
    if (read.kind === "foreign") return refuse(read.spoken);
    if (read.kind === "bad") {
      wire.write(reply.formatBad(read.tag, read.text));
      badCommands += 1;
      if (read.fatal || badCommands >= limits.badCommands) {
        wire.close(reply.formatBye("Too much that is not IMAP"));
        return undefined;
      }
      continue;
    }

    const { command } = read;
    let credentials: LocalCredentials | undefined;
    switch (command.name) {
      case "CAPABILITY":
        wire.write(reply.formatUntaggedCapability() + reply.formatOk(command.tag, "Capability completed"));
        continue;
      case "NOOP":
        wire.write(reply.formatOk(command.tag, "Noop completed"));
        continue;
      case "ID": {
        const program = parseId(command.parts);
        if (program !== undefined) session.onId?.(program);
        wire.write(`* ID NIL\r\n${reply.formatOk(command.tag, "ID completed")}`);
        continue;
      }
      case "LOGOUT":
        wire.close(`* BYE Logging out\r\n${reply.formatOk(command.tag, "Logout completed")}`);
        return undefined;
      case "LOGIN": {
        credentials = parseLoginCommand(command);
        if (credentials === undefined) {
          wire.write(reply.formatBad(command.tag, "LOGIN takes a user name and a password"));
          badCommands += 1;
        }
        break;
      }
      case "AUTHENTICATE": {
        const exchange = await readAuthenticate(command, wire);
        if (exchange.kind === "end") return undefined;
        if (exchange.kind === "credentials") credentials = exchange.credentials;
        else {
          wire.write(formatExchangeFailure(command.tag, exchange.kind));
          badCommands += 1;
        }
        break;
      }
      default:
        if (command.name === "STARTTLS") session.onForeign?.("starttls");
        wire.write(reply.formatBad(command.tag, "Log in first"));
        badCommands += 1;
    }

    if (credentials !== undefined) {
      try {
        const { upstream, capabilities } = await session.logIn(credentials);
        wire.write(reply.formatLoggedIn(command.tag, filterCapabilities(capabilities)));
        return upstream;
      } catch (thrown) {
        wire.write(reply.formatLoginFailure(command.tag, toPosternError(thrown)));
        failedLogins += 1;
      }
    }
    if (badCommands >= limits.badCommands || failedLogins >= limits.failedLogins) {
      wire.close(reply.formatBye("Too many failures; connect again"));
      return undefined;
    }
  }
}

function parseLoginCommand(command: ImapCommand): LocalCredentials | undefined {
  const [user, password, ...more] = parseAstrings(command.parts) ?? [];
  if (user === undefined || password === undefined || more.length > 0) return undefined;
  return parseLogin(user, password);
}

/** AUTHENTICATE, with and without initial response (RFC 9051 §6.2.2, RFC 4959). */
async function readAuthenticate(command: ImapCommand, wire: Wire): Promise<Exchange> {
  const [mechanism = "", initialResponse, ...more] =
    command.parts[0]?.octets.toString("latin1").split(" ") ?? [];
  if (command.parts.length > 1 || more.length > 0) return { kind: "malformed" };
  return readCredentials(mechanism, initialResponse, (prompt) => {
    // The space is mandatory even before an empty challenge (RFC 9051 §9 continue-req).
    wire.write(`+ ${prompt}\r\n`);
    return wire.reader.readLine(limits.imapCommand, limits.skippedLine);
  });
}

function formatExchangeFailure(tag: string, failure: ExchangeFailure): string {
  switch (failure) {
    case "unknown-mechanism":
      return reply.formatNo(tag, "[CANNOT] Unsupported mechanism");
    case "foreign-authzid":
      return reply.formatNo(tag, "[AUTHORIZATIONFAILED] Nobody acts for somebody else here");
    case "cancelled":
      return reply.formatBad(tag, "AUTHENTICATE cancelled");
    case "invalid-base64":
      return reply.formatBad(tag, "Invalid base64");
    case "too-long":
      return reply.formatBad(tag, "Line too long");
    case "no-mechanism":
    case "malformed":
      return reply.formatBad(tag, "AUTHENTICATE takes a mechanism, a user name and a password");
    default:
      return assertNever(failure);
  }
}
