// Commands on mailboxes by name (RFC 3501 §6.3). Each reads its arguments and gives the tagged reply.
import { HIERARCHY_DELIMITER, type MailboxTree, superiorNames } from "../store/mailbox-tree.ts";
import type { StoredMailbox } from "../store/stored-mailbox.ts";
import { type CommandCursor, CommandSyntaxError } from "./command-cursor.ts";
import { addFlags, hasFlag, readFlags, SYSTEM_FLAGS } from "./flags.ts";
import { formatString } from "./format-string.ts";
import { readDateTime } from "./internal-date.ts";
import { selectMailbox } from "./selected-mailbox.ts";
import { CommandRefusal, type ImapSession, requireTree } from "./session.ts";

/** SELECT, and EXAMINE as read-only. */
export async function select(
  session: ImapSession,
  cursor: CommandCursor,
  isReadOnly: boolean,
): Promise<string> {
  const tree = requireTree(session);
  const name = cursor.astring();
  cursor.end();
  // A SELECT that fails leaves no mailbox selected.
  session.state = { kind: "authenticated", tree };
  const mailbox = tree.find(name);
  if (mailbox === undefined) throw new CommandRefusal("NONEXISTENT", "No such mailbox");
  const selected = selectMailbox(mailbox, isReadOnly);
  const view = selected.view();
  const flags = addFlags(
    SYSTEM_FLAGS,
    mailbox.messages.flatMap((message) => message.flags),
  ).join(" ");
  const firstUnseen = view.find(({ message }) => !hasFlag(message.flags, "\\Seen"))?.sequenceNumber;
  const responses = [
    `FLAGS (${flags})`,
    `OK [PERMANENTFLAGS (${isReadOnly ? "" : `${flags} \\*`})] Flags that are kept`,
    `${view.length} EXISTS`,
    `${view.filter(({ isRecent }) => isRecent).length} RECENT`,
    ...(firstUnseen === undefined ? [] : [`OK [UNSEEN ${firstUnseen}] First unseen message`]),
    `OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs valid`,
    `OK [UIDNEXT ${mailbox.uidNext}] Predicted next UID`,
  ];
  await session.write(responses.map((response) => `* ${response}\r\n`).join(""));
  session.state = { kind: "selected", tree, selected };
  return isReadOnly ? "OK [READ-ONLY] EXAMINE completed" : "OK [READ-WRITE] SELECT completed";
}

/** CREATE, DELETE, SUBSCRIBE and UNSUBSCRIBE: one name each. */
export function changeTree(
  session: ImapSession,
  cursor: CommandCursor,
  change: "create" | "delete" | "subscribe" | "unsubscribe",
): string {
  const tree = requireTree(session);
  const name = cursor.astring();
  cursor.end();
  tree[change](name);
  return `OK ${change.toUpperCase()} completed`;
}

export function rename(session: ImapSession, cursor: CommandCursor): string {
  const tree = requireTree(session);
  const from = cursor.astring();
  cursor.space();
  const to = cursor.astring();
  cursor.end();
  tree.rename(from, to);
  return "OK RENAME completed";
}

export async function namespace(session: ImapSession, cursor: CommandCursor): Promise<string> {
  requireTree(session);
  cursor.end();
  await session.write(`* NAMESPACE (("" "${HIERARCHY_DELIMITER}")) NIL NIL\r\n`);
  return "OK NAMESPACE completed";
}

export async function list(session: ImapSession, cursor: CommandCursor): Promise<string> {
  const tree = requireTree(session);
  const { pattern, isEmpty } = readPattern(cursor);
  // An empty pattern asks for the delimiter only.
  const found = isEmpty
    ? [{ name: "", attributes: ["\\Noselect"] }]
    : tree.list().filter(({ name }) => pattern.test(name));
  await writeNames(session, "LIST", found);
  return "OK LIST completed";
}

export async function lsub(session: ImapSession, cursor: CommandCursor): Promise<string> {
  const subscriptions = requireTree(session).subscriptions();
  const { pattern } = readPattern(cursor);
  // RFC 3501 §6.3.9: with "%", a level that only leads to subscribed names is shown as \Noselect.
  const names = new Set(subscriptions.flatMap((name) => [...superiorNames(name), name]));
  const found = [...names]
    .filter((name) => pattern.test(name))
    .map((name) => ({ name, attributes: subscriptions.includes(name) ? [] : ["\\Noselect"] }));
  await writeNames(session, "LSUB", found);
  return "OK LSUB completed";
}

interface NamePattern {
  readonly pattern: RegExp;
  readonly isEmpty: boolean;
}

/** Reference and pattern are simply joined. "*" matches everything, "%" all but the delimiter. */
function readPattern(cursor: CommandCursor): NamePattern {
  const reference = cursor.astring();
  cursor.space();
  const wanted = cursor.listMailbox();
  cursor.end();
  const source = (reference + wanted)
    .replace(/[.+?^${}()|[\]\\/]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replace(/%+/g, `[^${HIERARCHY_DELIMITER}]*`);
  const isInbox = /^inbox$/i.test(reference + wanted);
  return { pattern: new RegExp(`^${source}$`, isInbox ? "is" : "s"), isEmpty: wanted === "" };
}

async function writeNames(
  session: ImapSession,
  response: "LIST" | "LSUB",
  names: readonly { readonly name: string; readonly attributes: readonly string[] }[],
): Promise<void> {
  for (const { name, attributes } of names) {
    const delimiter = formatString(HIERARCHY_DELIMITER);
    await session.write(`* ${response} (${attributes.join(" ")}) ${delimiter} ${formatString(name)}\r\n`);
  }
}

export async function status(session: ImapSession, cursor: CommandCursor): Promise<string> {
  const tree = requireTree(session);
  const name = cursor.astring();
  cursor.space();
  const items = cursor.list(() => cursor.atom().toUpperCase());
  cursor.end();
  const mailbox = requireMailbox(tree, name, "NONEXISTENT");
  const values = items.map((item) => `${item} ${readStatus(mailbox, item)}`);
  await session.write(`* STATUS ${formatString(name)} (${values.join(" ")})\r\n`);
  return "OK STATUS completed";
}

function readStatus(mailbox: StoredMailbox, item: string): number {
  switch (item) {
    case "MESSAGES":
      return mailbox.messages.length;
    case "RECENT":
      return mailbox.messages.filter(({ uid }) => uid >= mailbox.firstRecentUid(false)).length;
    case "UIDNEXT":
      return mailbox.uidNext;
    case "UIDVALIDITY":
      return mailbox.uidValidity;
    case "UNSEEN":
      return mailbox.messages.filter(({ flags }) => !hasFlag(flags, "\\Seen")).length;
    default:
      throw new CommandSyntaxError(`unknown status item ${item}`);
  }
}

/** APPEND, with APPENDUID (RFC 4315). */
export function append(session: ImapSession, cursor: CommandCursor): string {
  const tree = requireTree(session);
  const name = cursor.astring();
  cursor.space();
  const flags = cursor.peek() === "(" ? readFlags(cursor) : undefined;
  if (flags !== undefined) cursor.space();
  const internalDate = cursor.peek() === '"' ? readDateTime(cursor) : undefined;
  if (internalDate !== undefined) cursor.space();
  const octets = cursor.literal();
  cursor.end();
  const mailbox = requireMailbox(tree, name, "TRYCREATE");
  const { uid } = mailbox.append({ octets, flags: flags ?? [], internalDate: internalDate ?? new Date() });
  return `OK [APPENDUID ${mailbox.uidValidity} ${uid}] APPEND completed`;
}

/** TRYCREATE where the mailbox is a target (RFC 3501 §7.1). */
export function requireMailbox(
  tree: MailboxTree,
  name: string,
  code: "NONEXISTENT" | "TRYCREATE",
): StoredMailbox {
  const mailbox = tree.find(name);
  if (mailbox === undefined) throw new CommandRefusal(code, "No such mailbox");
  return mailbox;
}
