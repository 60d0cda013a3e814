// One mailbox: its messages in ascending UID order, and the news that something in it changed.
// Invariants: a UID is never given twice; the octets of a message never change; an expunged message is marked, so
// that a session which still shows it can tell (RFC 3501 §2.3.1).

/** What is known of a message when it arrives. */
export interface NewMessage {
  readonly octets: Buffer;
  readonly flags: readonly string[];
  readonly internalDate: Date;
}

export interface StoredMessage {
  readonly uid: number;
  readonly octets: Buffer;
  readonly internalDate: Date;
  readonly flags: readonly string[];
  /** Grows with every change of the flags. */
  readonly flagsRevision: number;
  readonly isExpunged: boolean;
}

export interface StoredMailbox {
  readonly uidValidity: number;
  readonly uidNext: number;
  /** Ascending by UID. */
  readonly messages: readonly StoredMessage[];
  append(message: NewMessage): StoredMessage;
  replaceFlags(message: StoredMessage, flags: readonly string[]): void;
  /** Removes the messages that are chosen, and returns them. */
  expunge(isChosen: (message: StoredMessage) => boolean): readonly StoredMessage[];
  /**
   * The messages from this UID on are \Recent (RFC 3501 §2.3.2) for the session that asks; a session that claims them
   * is the only one to see them so.
   */
  firstRecentUid(claim: boolean): number;
  /** Calls `onChange` after every append, change of flags, and expunge. Returns how to stop that. */
  watch(onChange: () => void): () => void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function createStoredMailbox(uidValidity: number): StoredMailbox {
  let messages: StoredMessage[] = [];
  const byUid = new Map<number, Mutable<StoredMessage>>();
  let uidNext = 1;
  let unclaimedUid = 1;
  const watchers = new Set<() => void>();

  function announce(): void {
    for (const onChange of [...watchers]) onChange();
  }

  function append(message: NewMessage): StoredMessage {
    const stored = { ...message, uid: uidNext, flagsRevision: 0, isExpunged: false };
    uidNext += 1;
    byUid.set(stored.uid, stored);
    messages.push(stored);
    announce();
    return stored;
  }

  function replaceFlags(message: StoredMessage, flags: readonly string[]): void {
    const stored = byUid.get(message.uid);
    if (stored === undefined) return;
    stored.flags = flags;
    stored.flagsRevision += 1;
    announce();
  }

  function expunge(isChosen: (message: StoredMessage) => boolean): readonly StoredMessage[] {
    const chosen = messages.filter(isChosen);
    if (chosen.length === 0) return chosen;
    for (const { uid } of chosen) {
      const stored = byUid.get(uid);
      if (stored !== undefined) stored.isExpunged = true;
      byUid.delete(uid);
    }
    messages = messages.filter((message) => !message.isExpunged);
    announce();
    return chosen;
  }

  function firstRecentUid(claim: boolean): number {
    const first = unclaimedUid;
    if (claim) unclaimedUid = uidNext;
    return first;
  }

  function watch(onChange: () => void): () => void {
    watchers.add(onChange);
    return () => watchers.delete(onChange);
  }

  return {
    uidValidity,
    get uidNext() {
      return uidNext;
    },
    get messages() {
      return messages;
    },
    append,
    replaceFlags,
    expunge,
    firstRecentUid,
    watch,
  };
}
