// The mailboxes of one address by name, and the subscribed names.
// Invariants: INBOX always exists and is spelled so; "/" separates levels; a level above an existing mailbox need not
// exist itself and is then listed as \Noselect. Names are octets written as latin1, never decoded (RFC 3501 §5.1.3).
import { createStoredMailbox, type StoredMailbox } from "./stored-mailbox.ts";

export const HIERARCHY_DELIMITER = "/";

/** Why a name was refused; the codes are those of RFC 5530. */
export class MailboxRefusal extends Error {
  readonly code: "NONEXISTENT" | "ALREADYEXISTS" | "CANNOT";

  constructor(code: MailboxRefusal["code"], message: string) {
    super(message);
    this.code = code;
  }
}

export interface ListedName {
  readonly name: string;
  /** \HasChildren and the like (RFC 3348), special uses (RFC 6154). */
  readonly attributes: readonly string[];
}

export interface MailboxTree {
  find(name: string): StoredMailbox | undefined;
  /** Every name, \Noselect levels too, in order. */
  list(): readonly ListedName[];
  /** Subscribed names in order, whether the mailbox exists or not. */
  subscriptions(): readonly string[];
  /** Throws MailboxRefusal when the name exists or cannot be used. */
  create(name: string): void;
  /** Throws MailboxRefusal when there is no such mailbox, and for INBOX. */
  delete(name: string): void;
  /** Moves a mailbox and all below it; from INBOX only the messages (RFC 3501 §6.3.5). Throws MailboxRefusal. */
  rename(from: string, to: string): void;
  subscribe(name: string): void;
  unsubscribe(name: string): void;
}

const INBOX = "INBOX";
const SPECIAL_USES = new Map([
  ["Drafts", "\\Drafts"],
  ["Sent", "\\Sent"],
  ["Trash", "\\Trash"],
]);

/** A tree with INBOX, Drafts, Sent and Trash, all subscribed. */
export function createMailboxTree(): MailboxTree {
  const mailboxes = new Map<string, StoredMailbox>();
  const subscribed = new Set<string>();
  for (const name of [INBOX, ...SPECIAL_USES.keys()]) {
    mailboxes.set(name, createStoredMailbox(nextUidValidity()));
    subscribed.add(name);
  }

  function find(name: string): StoredMailbox | undefined {
    return mailboxes.get(normalizeName(name));
  }

  function list(): readonly ListedName[] {
    const names = new Set([...mailboxes.keys()].flatMap((name) => [name, ...superiorNames(name)]));
    const parents = new Set([...names].flatMap(superiorNames));
    return [...names].sort().map((name) => {
      const specialUse = SPECIAL_USES.get(name);
      return {
        name,
        attributes: [
          ...(mailboxes.has(name) ? [] : ["\\Noselect"]),
          parents.has(name) ? "\\HasChildren" : "\\HasNoChildren",
          ...(specialUse === undefined ? [] : [specialUse]),
        ],
      };
    });
  }

  function create(name: string): void {
    const wanted = requireUsableName(name);
    if (mailboxes.has(wanted)) throw new MailboxRefusal("ALREADYEXISTS", "Mailbox exists already");
    mailboxes.set(wanted, createStoredMailbox(nextUidValidity()));
  }

  function remove(name: string): void {
    const doomed = normalizeName(name);
    if (doomed === INBOX) throw new MailboxRefusal("CANNOT", "INBOX cannot be deleted");
    if (!mailboxes.delete(doomed)) throw new MailboxRefusal("NONEXISTENT", "No such mailbox");
  }

  function rename(from: string, to: string): void {
    const source = normalizeName(from);
    const target = requireUsableName(to);
    if (mailboxes.has(target)) throw new MailboxRefusal("ALREADYEXISTS", "The new name exists already");
    if (isBelow(target, source)) throw new MailboxRefusal("CANNOT", "A mailbox cannot move below itself");
    if (source === INBOX) moveInbox(target);
    else moveWithInferiors(source, target);
  }

  function moveWithInferiors(source: string, target: string): void {
    const moved = [...mailboxes].filter(([name]) => name === source || isBelow(name, source));
    if (moved.length === 0) throw new MailboxRefusal("NONEXISTENT", "No such mailbox");
    for (const [name] of moved) mailboxes.delete(name);
    for (const [name, mailbox] of moved) mailboxes.set(target + name.slice(source.length), mailbox);
  }

  function moveInbox(target: string): void {
    const moved = createStoredMailbox(nextUidValidity());
    for (const message of mailboxes.get(INBOX)?.expunge(() => true) ?? []) moved.append(message);
    mailboxes.set(target, moved);
  }

  return {
    find,
    list,
    subscriptions: () => [...subscribed].sort(),
    create,
    delete: remove,
    rename,
    subscribe: (name) => subscribed.add(normalizeName(name)),
    unsubscribe: (name) => subscribed.delete(normalizeName(name)),
  };
}

let lastUidValidity = 0;

/** Greater than any that this or an earlier process gave, as long as the clock goes forward (RFC 3501 §2.3.1.1). */
function nextUidValidity(): number {
  lastUidValidity = Math.max(lastUidValidity + 1, Math.floor(Date.now() / 1000));
  return lastUidValidity;
}

/** INBOX in one spelling, also as the first level of a longer name; no delimiter at the end. */
function normalizeName(name: string): string {
  const [first = "", ...lower] = name.replace(/\/+$/, "").split(HIERARCHY_DELIMITER);
  return [first.toUpperCase() === INBOX ? INBOX : first, ...lower].join(HIERARCHY_DELIMITER);
}

function requireUsableName(name: string): string {
  const normalized = normalizeName(name);
  const hasEmptyLevel = normalized.split(HIERARCHY_DELIMITER).includes("");
  if (hasEmptyLevel || /[\r\n*%]/.test(normalized))
    throw new MailboxRefusal("CANNOT", "Unusable mailbox name");
  return normalized;
}

/** "a/b/c" has "a" and "a/b" above it. */
export function superiorNames(name: string): readonly string[] {
  const levels = name.split(HIERARCHY_DELIMITER);
  return levels.slice(1).map((_level, index) => levels.slice(0, index + 1).join(HIERARCHY_DELIMITER));
}

function isBelow(name: string, superior: string): boolean {
  return name.startsWith(superior + HIERARCHY_DELIMITER);
}
