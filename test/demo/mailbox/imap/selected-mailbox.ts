// A mailbox as one session sees it: sequence numbers, \Recent, and which changes the mail program has been told.
// Invariant: sequence numbers change only in takeChanges, so they mean the same on both sides of the connection
// (RFC 3501 §7.4.1).
import type { StoredMailbox, StoredMessage } from "../store/stored-mailbox.ts";
import { isInSequenceSet, type SequenceRange } from "./sequence-set.ts";

export interface ViewedMessage {
  readonly sequenceNumber: number;
  readonly message: StoredMessage;
  readonly isRecent: boolean;
}

export interface SelectedMailbox {
  readonly mailbox: StoredMailbox;
  readonly isReadOnly: boolean;
  /** All messages by sequence number; those expunged elsewhere stay until takeChanges may say so. */
  view(): readonly ViewedMessage[];
  /** The messages of a set, of UIDs or of sequence numbers. */
  choose(set: readonly SequenceRange[], isUidSet: boolean): readonly ViewedMessage[];
  /** The flags to show, with \Recent; they count as told. */
  tellFlags(viewed: ViewedMessage): readonly string[];
  /** Untagged EXPUNGE, EXISTS, RECENT and FETCH FLAGS for whatever changed since the last call; may be empty. */
  takeChanges(mayExpunge: boolean): string;
}

interface Entry {
  readonly message: StoredMessage;
  readonly isRecent: boolean;
  toldRevision: number;
}

export function selectMailbox(mailbox: StoredMailbox, isReadOnly: boolean): SelectedMailbox {
  let entries: Entry[] = [];
  let viewed: readonly ViewedMessage[] = [];
  let knownUidNext = 1;
  addNewMessages();
  renumber();

  function addNewMessages(): boolean {
    const firstRecentUid = mailbox.firstRecentUid(!isReadOnly);
    const firstNew = mailbox.messages.findIndex((message) => message.uid >= knownUidNext);
    knownUidNext = mailbox.uidNext;
    if (firstNew === -1) return false;
    for (const message of mailbox.messages.slice(firstNew)) {
      entries.push({ message, isRecent: message.uid >= firstRecentUid, toldRevision: message.flagsRevision });
    }
    return true;
  }

  function renumber(): void {
    viewed = entries.map(({ message, isRecent }, index) => ({
      sequenceNumber: index + 1,
      message,
      isRecent,
    }));
  }

  function choose(set: readonly SequenceRange[], isUidSet: boolean): readonly ViewedMessage[] {
    const largest = isUidSet ? (viewed.at(-1)?.message.uid ?? 0) : viewed.length;
    return viewed.filter(({ sequenceNumber, message }) =>
      isInSequenceSet(set, isUidSet ? message.uid : sequenceNumber, largest),
    );
  }

  function tellFlags({ sequenceNumber, message, isRecent }: ViewedMessage): readonly string[] {
    const entry = entries[sequenceNumber - 1];
    if (entry !== undefined) entry.toldRevision = message.flagsRevision;
    return isRecent ? [...message.flags, "\\Recent"] : message.flags;
  }

  function takeChanges(mayExpunge: boolean): string {
    const expunged = mayExpunge ? takeExpunged() : [];
    const hasNewMessages = addNewMessages();
    if (expunged.length > 0 || hasNewMessages) renumber();
    const sizes = hasNewMessages ? [`${viewed.length} EXISTS`, `${countRecent()} RECENT`] : [];
    const flags = viewed
      .filter((_viewed, index) => entries[index]?.toldRevision !== _viewed.message.flagsRevision)
      .map((changed) => {
        const shown = tellFlags(changed).join(" ");
        return `${changed.sequenceNumber} FETCH (UID ${changed.message.uid} FLAGS (${shown}))`;
      });
    return [...expunged, ...sizes, ...flags].map((response) => `* ${response}\r\n`).join("");
  }

  /** Each EXPUNGE shifts the numbers behind it down by one, so the next one is counted without those before. */
  function takeExpunged(): string[] {
    const responses: string[] = [];
    const kept: Entry[] = [];
    for (const entry of entries) {
      if (entry.message.isExpunged) responses.push(`${kept.length + 1} EXPUNGE`);
      else kept.push(entry);
    }
    entries = kept;
    return responses;
  }

  function countRecent(): number {
    return entries.filter((entry) => entry.isRecent).length;
  }

  return { mailbox, isReadOnly, view: () => viewed, choose, tellFlags, takeChanges };
}
