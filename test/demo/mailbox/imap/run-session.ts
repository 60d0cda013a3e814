// One IMAP connection from greeting to end: reads whole commands one after another and answers each.
// Invariant: every command gets exactly one tagged reply, and before it whatever changed in the selected mailbox.
import type { TLSSocket } from "node:tls";
import { MailboxRefusal } from "../store/mailbox-tree.ts";
import { LineTooLong } from "./byte-reader.ts";
import { commandLimits, formatCapabilities } from "./capabilities.ts";
import { type CommandCursor, CommandSyntaxError, createCommandCursor } from "./command-cursor.ts";
import { LiteralTooLarge, type ReceivedCommand, readCommand } from "./command-reader.ts";
import { authenticate, refuseLogin } from "./login-commands.ts";
import { append, changeTree, list, lsub, namespace, rename, select, status } from "./mailbox-commands.ts";
import { close, copy, expunge, fetch, move, search, store, uid } from "./message-commands.ts";
import {
  CommandRefusal,
  createSession,
  type ImapServices,
  type ImapSession,
  requireSelected,
  requireTree,
} from "./session.ts";

const TAG = /(?:(?![(){%*"\\+])[!-~])+/y;
const DONE_LIMIT = 1024;

/** Resolves when either side ended the connection; rejects when it broke. */
export async function runSession(socket: TLSSocket, services: ImapServices): Promise<void> {
  const session = createSession(socket, services);
  await session.write(`* OK [CAPABILITY ${formatCapabilities(session)}] Demo mailbox ready\r\n`);
  while (session.state.kind !== "logout") {
    const received = await receive(session);
    if (received === "end") break;
    if (received !== "refused") await answer(session, received);
  }
  socket.end();
}

async function receive(session: ImapSession): Promise<ReceivedCommand | "refused" | "end"> {
  try {
    const requestContinuation = () => session.write("+ Ready for literal data\r\n");
    return (await readCommand(session.reader, commandLimits(session), requestContinuation)) ?? "end";
  } catch (error) {
    if (error instanceof LiteralTooLarge && error.isSynchronizing) {
      const [tag = "*"] = error.text.split(" ");
      await session.write(`${tag} NO [TOOBIG] Literal too large\r\n`);
      return "refused";
    }
    // What follows cannot be told from commands any more.
    if (!(error instanceof LiteralTooLarge || error instanceof LineTooLong)) throw error;
    await session.write("* BYE [TOOBIG] Command too large\r\n");
    return "end";
  }
}

async function answer(session: ImapSession, received: ReceivedCommand): Promise<void> {
  const cursor = createCommandCursor(received);
  let tag = "*";
  let verb = "";
  let reply: string;
  try {
    tag = cursor.match(TAG, "a tag");
    cursor.space();
    verb = cursor.atom().toUpperCase();
    reply = await execute(session, verb, cursor);
  } catch (error) {
    reply = formatError(error);
  }
  if (session.state.kind === "selected") {
    // RFC 3501 §7.4.1: no EXPUNGE while sequence numbers are in use.
    const mayExpunge = !["FETCH", "STORE", "SEARCH"].includes(verb);
    const changes = session.state.selected.takeChanges(mayExpunge);
    if (changes !== "") await session.write(changes);
  }
  await session.write(`${tag} ${reply}\r\n`);
}

function formatError(error: unknown): string {
  if (error instanceof CommandSyntaxError) return `BAD ${error.message}`;
  if (error instanceof CommandRefusal && error.code === "") return `NO ${error.message}`;
  if (error instanceof CommandRefusal || error instanceof MailboxRefusal) {
    return `NO [${error.code}] ${error.message}`;
  }
  return `NO [SERVERBUG] ${String(error)}`;
}

async function execute(session: ImapSession, verb: string, cursor: CommandCursor): Promise<string> {
  switch (verb) {
    case "CAPABILITY":
      await session.write(`* CAPABILITY ${formatCapabilities(session)}\r\n`);
      return "OK CAPABILITY completed";
    case "NOOP":
      return "OK NOOP completed";
    case "ID":
      await session.write('* ID ("name" "Postern demo mailbox")\r\n');
      return "OK ID completed";
    case "LOGOUT":
      session.state = { kind: "logout" };
      await session.write("* BYE Logging out\r\n");
      return "OK LOGOUT completed";
    case "CHECK":
      requireSelected(session);
      return "OK CHECK completed";
    case "UNSELECT":
      return close(session, cursor, false);
    case "CLOSE":
      return close(session, cursor, true);
    case "EXPUNGE":
      return expunge(session, cursor, false);
    case "NAMESPACE":
      return namespace(session, cursor);
    case "IDLE":
      return idle(session);
  }
  cursor.space();
  switch (verb) {
    case "AUTHENTICATE":
      return authenticate(session, cursor);
    case "LOGIN":
      return refuseLogin(session, cursor);
    case "SELECT":
      return select(session, cursor, false);
    case "EXAMINE":
      return select(session, cursor, true);
    case "CREATE":
      return changeTree(session, cursor, "create");
    case "DELETE":
      return changeTree(session, cursor, "delete");
    case "SUBSCRIBE":
      return changeTree(session, cursor, "subscribe");
    case "UNSUBSCRIBE":
      return changeTree(session, cursor, "unsubscribe");
    case "RENAME":
      return rename(session, cursor);
    case "LIST":
      return list(session, cursor);
    case "LSUB":
      return lsub(session, cursor);
    case "STATUS":
      return status(session, cursor);
    case "APPEND":
      return append(session, cursor);
    case "SEARCH":
      return search(session, cursor, false);
    case "FETCH":
      return fetch(session, cursor, false);
    case "STORE":
      return store(session, cursor, false);
    case "COPY":
      return copy(session, cursor, false);
    case "MOVE":
      return move(session, cursor, false);
    case "UID":
      return uid(session, cursor);
    default:
      throw new CommandSyntaxError(`unknown command ${verb}`);
  }
}

/** IDLE (RFC 2177): changes are written as they happen, until the client sends DONE. */
async function idle(session: ImapSession): Promise<string> {
  requireTree(session);
  await session.write("+ idling\r\n");
  const selected = session.state.kind === "selected" ? session.state.selected : undefined;

  function report(): void {
    const changes = selected?.takeChanges(true) ?? "";
    // A connection that broke is noticed by whoever reads from it.
    if (changes !== "") session.write(changes).catch(() => {});
  }

  const stopWatching = selected?.mailbox.watch(report);
  try {
    report();
    const line = await session.reader.readLine(DONE_LIMIT);
    if (line === undefined) throw new Error("connection closed");
    if (line.toString("latin1").toUpperCase() !== "DONE") throw new CommandSyntaxError("expected DONE");
    return "OK IDLE completed";
  } finally {
    stopWatching?.();
  }
}
