// AUTHENTICATE and LOGIN. Only the two OAuth mechanisms get anybody in; passwords are refused unread.
import { formatCapabilities } from "./capabilities.ts";
import { type CommandCursor, CommandSyntaxError } from "./command-cursor.ts";
import { formatFailureChallenge, isOAuthMechanism, parseOAuthResponse } from "./oauth-response.ts";
import { CommandRefusal, type ImapSession } from "./session.ts";

const BASE64 = /(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/y;
/** Octets of a base64 line. */
const RESPONSE_LIMIT = 64 * 1024;

/** AUTHENTICATE (RFC 3501 §6.2.2), with an initial response (RFC 4959) or without. Gives the tagged reply. */
export async function authenticate(session: ImapSession, cursor: CommandCursor): Promise<string> {
  requireBeforeLogin(session);
  const mechanism = cursor.atom().toUpperCase();
  if (!isOAuthMechanism(mechanism)) {
    session.loginCheck.refuse({ protocol: "imap", mechanism, user: "" });
    throw new CommandRefusal("CANNOT", "Unsupported mechanism: this server takes OAuth access tokens only");
  }
  const message = cursor.accept(" ") ? readInitialResponse(cursor) : await requestResponse(session, "");
  const response = parseOAuthResponse(mechanism, message);
  const attempt = { protocol: "imap", mechanism, user: response?.user ?? "" } as const;
  const accepted = await session.loginCheck
    .check(attempt, response?.accessToken ?? "")
    .catch((error: unknown) => {
      throw new CommandRefusal("UNAVAILABLE", `Token check failed: ${String(error)}`);
    });
  const tree = session.store.find(attempt.user);
  if (!accepted || tree === undefined) {
    // The client has to answer the challenge, with an empty line or ^A, before it is told NO (RFC 7628 §3.2.3).
    await requestResponse(session, formatFailureChallenge(mechanism));
    throw new CommandRefusal("AUTHENTICATIONFAILED", "Invalid credentials");
  }
  session.state = { kind: "authenticated", tree };
  return `OK [CAPABILITY ${formatCapabilities(session)}] Logged in`;
}

/** LOGIN (RFC 3501 §6.2.3): LOGINDISABLED was advertised. */
export function refuseLogin(session: ImapSession, cursor: CommandCursor): never {
  requireBeforeLogin(session);
  session.loginCheck.refuse({ protocol: "imap", mechanism: "LOGIN", user: cursor.astring() });
  throw new CommandRefusal("CANNOT", "LOGIN is disabled: this server takes OAuth access tokens only");
}

function requireBeforeLogin(session: ImapSession): void {
  if (session.state.kind !== "not-authenticated") throw new CommandSyntaxError("logged in already");
}

/** "=" stands for a response that is there but empty. */
function readInitialResponse(cursor: CommandCursor): Buffer {
  if (cursor.accept("=")) return Buffer.alloc(0);
  const message = Buffer.from(cursor.match(BASE64, "base64"), "base64");
  cursor.end();
  return message;
}

async function requestResponse(session: ImapSession, challenge: string): Promise<Buffer> {
  await session.write(`+ ${challenge}\r\n`);
  const line = (await session.reader.readLine(RESPONSE_LIMIT))?.toString("latin1");
  if (line === undefined) throw new Error("connection closed");
  if (line === "*") throw new CommandSyntaxError("AUTHENTICATE cancelled");
  BASE64.lastIndex = 0;
  if (BASE64.exec(line)?.[0] !== line) throw new CommandSyntaxError("not base64");
  return Buffer.from(line, "base64");
}
