// Commands on the messages of the selected mailbox (RFC 3501 §6.4). Each reads its arguments and gives the tagged
// reply. `isUid` tells the UID form, in which numbers are UIDs (§6.4.8).
import { type CommandCursor, CommandSyntaxError } from "./command-cursor.ts";
import { type FetchItem, readFetchItems } from "./fetch-item.ts";
import { formatFetchResponse } from "./fetch-response.ts";
import { addFlags, hasFlag, readFlags, removeFlags } from "./flags.ts";
import { requireMailbox } from "./mailbox-commands.ts";
import { readSearch, UnsupportedCharset } from "./search-key.ts";
import type { ViewedMessage } from "./selected-mailbox.ts";
import { formatUidSet, isInSequenceSet, readSequenceSet } from "./sequence-set.ts";
import {
  CommandRefusal,
  type ImapSession,
  requireSelected,
  requireTree,
  requireWritable,
} from "./session.ts";

/** CLOSE expunges without saying so; UNSELECT (RFC 3691) does not expunge. */
export function close(session: ImapSession, cursor: CommandCursor, isExpunging: boolean): string {
  const { mailbox, isReadOnly } = requireSelected(session);
  cursor.end();
  if (isExpunging && !isReadOnly) mailbox.expunge(({ flags }) => hasFlag(flags, "\\Deleted"));
  session.state = { kind: "authenticated", tree: requireTree(session) };
  return `OK ${isExpunging ? "CLOSE" : "UNSELECT"} completed`;
}

/** EXPUNGE, or UID EXPUNGE with a set (RFC 4315 §2.1). The untagged responses follow with the other changes. */
export function expunge(session: ImapSession, cursor: CommandCursor, isUid: boolean): string {
  const { mailbox } = requireWritable(session);
  const set = isUid ? readSequenceSet(cursor) : undefined;
  cursor.end();
  const largestUid = mailbox.messages.at(-1)?.uid ?? 0;
  mailbox.expunge(
    ({ flags, uid }) =>
      hasFlag(flags, "\\Deleted") && (set === undefined || isInSequenceSet(set, uid, largestUid)),
  );
  return "OK EXPUNGE completed";
}

export async function search(session: ImapSession, cursor: CommandCursor, isUid: boolean): Promise<string> {
  const selected = requireSelected(session);
  const matches = readSupportedSearch(cursor);
  cursor.end();
  const view = selected.view();
  const largest = {
    largestSequenceNumber: view.length,
    largestUid: view.at(-1)?.message.uid ?? 0,
  };
  const found = view
    .filter((viewed) => matches({ ...viewed, ...largest }))
    .map(({ sequenceNumber, message }) => ` ${isUid ? message.uid : sequenceNumber}`);
  await session.write(`* SEARCH${found.join("")}\r\n`);
  return "OK SEARCH completed";
}

function readSupportedSearch(cursor: CommandCursor): ReturnType<typeof readSearch> {
  try {
    return readSearch(cursor);
  } catch (error) {
    if (error instanceof UnsupportedCharset)
      throw new CommandRefusal("BADCHARSET (UTF-8)", "Unknown charset");
    throw error;
  }
}

export async function fetch(session: ImapSession, cursor: CommandCursor, isUid: boolean): Promise<string> {
  const selected = requireSelected(session);
  const set = readSequenceSet(cursor);
  cursor.space();
  const asked = readFetchItems(cursor);
  cursor.end();
  const setsSeen = !selected.isReadOnly && asked.some((item) => item.kind === "section" && !item.isPeek);
  for (const viewed of selected.choose(set, isUid)) {
    const { message } = viewed;
    const isNewlySeen = setsSeen && !hasFlag(message.flags, "\\Seen");
    if (isNewlySeen) selected.mailbox.replaceFlags(message, addFlags(message.flags, ["\\Seen"]));
    const items = withImpliedItems(asked, isUid, isNewlySeen);
    const flags = items.some(({ kind }) => kind === "flags") ? selected.tellFlags(viewed) : [];
    await session.write(...formatFetchResponse(viewed.sequenceNumber, message, flags, items));
  }
  return "OK FETCH completed";
}

/** UID FETCH always gives the UID, and a FETCH that set \Seen gives the flags. */
function withImpliedItems(
  asked: readonly FetchItem[],
  isUid: boolean,
  isNewlySeen: boolean,
): readonly FetchItem[] {
  const isAsked = (kind: FetchItem["kind"]) => asked.some((item) => item.kind === kind);
  const uid: readonly FetchItem[] = isUid && !isAsked("uid") ? [{ kind: "uid" }] : [];
  const flags: readonly FetchItem[] = isNewlySeen && !isAsked("flags") ? [{ kind: "flags" }] : [];
  return [...uid, ...flags, ...asked];
}

const STORE_ITEM = /(?<sign>[+-]?)FLAGS(?<silent>\.SILENT)?/iy;

export async function store(session: ImapSession, cursor: CommandCursor, isUid: boolean): Promise<string> {
  const selected = requireWritable(session);
  const set = readSequenceSet(cursor);
  cursor.space();
  const item = cursor.match(STORE_ITEM, "FLAGS").toUpperCase();
  cursor.space();
  const given = readFlags(cursor);
  cursor.end();
  for (const viewed of selected.choose(set, isUid)) {
    const { message, sequenceNumber } = viewed;
    selected.mailbox.replaceFlags(message, changeFlags(item, message.flags, given));
    const flags = selected.tellFlags(viewed);
    if (item.endsWith(".SILENT")) continue;
    const items: readonly FetchItem[] = isUid ? [{ kind: "uid" }, { kind: "flags" }] : [{ kind: "flags" }];
    await session.write(...formatFetchResponse(sequenceNumber, message, flags, items));
  }
  return "OK STORE completed";
}

function changeFlags(item: string, present: readonly string[], given: readonly string[]): readonly string[] {
  if (item.startsWith("+")) return addFlags(present, given);
  if (item.startsWith("-")) return removeFlags(present, given);
  return given;
}

export function copy(session: ImapSession, cursor: CommandCursor, isUid: boolean): string {
  const { copyUid } = copyMessages(session, cursor, isUid);
  return `OK ${copyUid}COPY completed`;
}

/** MOVE (RFC 6851): the untagged EXPUNGE responses follow with the other changes. */
export async function move(session: ImapSession, cursor: CommandCursor, isUid: boolean): Promise<string> {
  const { mailbox } = requireWritable(session);
  const { copied, copyUid } = copyMessages(session, cursor, isUid);
  if (copyUid !== "") await session.write(`* OK ${copyUid}Moved\r\n`);
  const uids = new Set(copied.map(({ message }) => message.uid));
  mailbox.expunge(({ uid }) => uids.has(uid));
  return "OK MOVE completed";
}

interface CopyResult {
  readonly copied: readonly ViewedMessage[];
  /** `[COPYUID …] ` (RFC 4315 §3), or empty when nothing was copied. */
  readonly copyUid: string;
}

function copyMessages(session: ImapSession, cursor: CommandCursor, isUid: boolean): CopyResult {
  const selected = requireSelected(session);
  const set = readSequenceSet(cursor);
  cursor.space();
  const name = cursor.astring();
  cursor.end();
  const target = requireMailbox(requireTree(session), name, "TRYCREATE");
  const copied = selected.choose(set, isUid);
  if (copied.length === 0) return { copied, copyUid: "" };
  const newUids = copied.map(({ message }) => target.append(message).uid);
  const oldUids = copied.map(({ message }) => message.uid);
  return {
    copied,
    copyUid: `[COPYUID ${target.uidValidity} ${formatUidSet(oldUids)} ${formatUidSet(newUids)}] `,
  };
}

/** The command behind "UID ", by its verb. */
export function uid(session: ImapSession, cursor: CommandCursor): Promise<string> | string {
  const verb = cursor.atom().toUpperCase();
  cursor.space();
  switch (verb) {
    case "FETCH":
      return fetch(session, cursor, true);
    case "STORE":
      return store(session, cursor, true);
    case "SEARCH":
      return search(session, cursor, true);
    case "COPY":
      return copy(session, cursor, true);
    case "MOVE":
      return move(session, cursor, true);
    case "EXPUNGE":
      return expunge(session, cursor, true);
    default:
      throw new CommandSyntaxError(`unknown command UID ${verb}`);
  }
}
