// What the commands of one IMAP connection share: the state (RFC 3501 §3), the way to write, and how to refuse.
import type { TLSSocket } from "node:tls";
import type { LoginCheck } from "../login-check.ts";
import type { MailStore } from "../store/mail-store.ts";
import type { MailboxTree } from "../store/mailbox-tree.ts";
import { type ByteReader, createByteReader } from "./byte-reader.ts";
import { CommandSyntaxError } from "./command-cursor.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";

export type SessionState =
  | { readonly kind: "not-authenticated" }
  | { readonly kind: "authenticated"; readonly tree: MailboxTree }
  | { readonly kind: "selected"; readonly tree: MailboxTree; readonly selected: SelectedMailbox }
  | { readonly kind: "logout" };

export interface ImapServices {
  readonly store: MailStore;
  readonly loginCheck: LoginCheck;
}

export interface ImapSession extends ImapServices {
  readonly reader: ByteReader;
  state: SessionState;
  /** Strings are latin1. Waits while the mail program reads too slowly; throws when the connection is gone. */
  write(...parts: readonly (string | Buffer)[]): Promise<void>;
}

/** A command that is answered with NO. */
export class CommandRefusal extends Error {
  /** Response code (RFC 5530 and others) without brackets, or empty. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A large literal goes to the socket in pieces, so that the memory it takes there stays small. */
const PIECE_OCTETS = 256 * 1024;

export function createSession(socket: TLSSocket, services: ImapServices): ImapSession {
  async function write(...parts: readonly (string | Buffer)[]): Promise<void> {
    socket.cork();
    for (const piece of parts.flatMap(splitIntoPieces)) {
      if (socket.write(piece, "latin1")) continue;
      socket.uncork();
      await waitForDrain(socket);
      socket.cork();
    }
    socket.uncork();
  }

  return { ...services, reader: createByteReader(socket), state: { kind: "not-authenticated" }, write };
}

function splitIntoPieces(part: string | Buffer): readonly (string | Buffer)[] {
  if (typeof part === "string" || part.length <= PIECE_OCTETS) return [part];
  const count = Math.ceil(part.length / PIECE_OCTETS);
  return Array.from({ length: count }, (_, index) =>
    part.subarray(index * PIECE_OCTETS, (index + 1) * PIECE_OCTETS),
  );
}

function waitForDrain(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    function settle(): void {
      socket.off("drain", settle);
      socket.off("close", settle);
      if (socket.destroyed) reject(new Error("connection closed"));
      else resolve();
    }
    if (socket.destroyed) return settle();
    socket.on("drain", settle);
    socket.on("close", settle);
  });
}

/** The mailboxes of who logged in; throws before the login. */
export function requireTree(session: ImapSession): MailboxTree {
  const { state } = session;
  if (state.kind === "authenticated" || state.kind === "selected") return state.tree;
  throw new CommandSyntaxError("log in first");
}

/** The selected mailbox; throws when there is none. */
export function requireSelected(session: ImapSession): SelectedMailbox {
  if (session.state.kind === "selected") return session.state.selected;
  throw new CommandSyntaxError("select a mailbox first");
}

/** The selected mailbox, unless EXAMINE made it read-only. */
export function requireWritable(session: ImapSession): SelectedMailbox {
  const selected = requireSelected(session);
  if (selected.isReadOnly) throw new CommandRefusal("", "the mailbox is selected read-only");
  return selected;
}
