// SEARCH keys (RFC 3501 §6.4.4) as predicates.
// Text is compared octet by octet without regard to ASCII case: encoded words and bodies are not decoded.
import type { StoredMessage } from "../store/stored-mailbox.ts";
import { type CommandCursor, CommandSyntaxError } from "./command-cursor.ts";
import { hasFlag } from "./flags.ts";
import { isField, parseHeaderFields, splitEntity } from "./header-fields.ts";
import { parseHeaderDay, readDay, toDay } from "./internal-date.ts";
import { isInSequenceSet, readSequenceSet } from "./sequence-set.ts";

/** A message as the searching session sees it. */
export interface SearchedMessage {
  readonly message: StoredMessage;
  readonly sequenceNumber: number;
  readonly isRecent: boolean;
  /** What "*" means in a set of sequence numbers and of UIDs. */
  readonly largestSequenceNumber: number;
  readonly largestUid: number;
}

export type SearchPredicate = (searched: SearchedMessage) => boolean;

export class UnsupportedCharset extends Error {}

const CHARSET = /(?:CHARSET )?/iy;
const KEY = /[A-Za-z]+/y;

/** The whole argument of SEARCH. Throws UnsupportedCharset for anything but US-ASCII and UTF-8. */
export function readSearch(cursor: CommandCursor): SearchPredicate {
  const keys: SearchPredicate[] = [];
  do {
    if (keys.length === 0 && cursor.match(CHARSET, "a charset") !== "") {
      const charset = cursor.astring().toUpperCase();
      if (charset !== "UTF-8" && charset !== "US-ASCII") throw new UnsupportedCharset(charset);
      cursor.space();
    }
    keys.push(readKey(cursor));
  } while (cursor.accept(" "));
  return every(keys);
}

function readKey(cursor: CommandCursor): SearchPredicate {
  if (cursor.peek() === "(") return every(cursor.list(() => readKey(cursor)));
  if (/[\d*]/.test(cursor.peek())) {
    const set = readSequenceSet(cursor);
    return (searched) => isInSequenceSet(set, searched.sequenceNumber, searched.largestSequenceNumber);
  }
  const key = cursor.match(KEY, "a search key").toUpperCase();
  return readFlagKey(key) ?? readArgumentKey(key, cursor);
}

/** The keys that stand alone. */
function readFlagKey(key: string): SearchPredicate | undefined {
  switch (key) {
    case "ALL":
      return () => true;
    case "ANSWERED":
    case "DELETED":
    case "DRAFT":
    case "FLAGGED":
    case "SEEN":
      return ({ message }) => hasFlag(message.flags, `\\${key}`);
    case "UNANSWERED":
    case "UNDELETED":
    case "UNDRAFT":
    case "UNFLAGGED":
    case "UNSEEN":
      return ({ message }) => !hasFlag(message.flags, `\\${key.slice(2)}`);
    case "RECENT":
      return ({ isRecent }) => isRecent;
    case "OLD":
      return ({ isRecent }) => !isRecent;
    case "NEW":
      return ({ isRecent, message }) => isRecent && !hasFlag(message.flags, "\\Seen");
    default:
      return undefined;
  }
}

function readArgumentKey(key: string, cursor: CommandCursor): SearchPredicate {
  cursor.space();
  switch (key) {
    case "NOT": {
      const negated = readKey(cursor);
      return (searched) => !negated(searched);
    }
    case "OR": {
      const one = readKey(cursor);
      cursor.space();
      const other = readKey(cursor);
      return (searched) => one(searched) || other(searched);
    }
    case "UID": {
      const set = readSequenceSet(cursor);
      return ({ message, largestUid }) => isInSequenceSet(set, message.uid, largestUid);
    }
    case "KEYWORD":
    case "UNKEYWORD": {
      const keyword = cursor.atom();
      return ({ message }) => hasFlag(message.flags, keyword) === (key === "KEYWORD");
    }
    case "LARGER":
    case "SMALLER": {
      const size = cursor.number();
      return ({ message }) =>
        key === "LARGER" ? message.octets.length > size : message.octets.length < size;
    }
    case "BEFORE":
    case "ON":
    case "SINCE":
      return compareDay(key, readDay(cursor), (message) => toDay(message.internalDate));
    case "SENTBEFORE":
    case "SENTON":
    case "SENTSINCE":
      return compareDay(key.slice(4), readDay(cursor), (message) =>
        fieldValues(message, "Date").map(parseHeaderDay).at(0),
      );
    case "BCC":
    case "CC":
    case "FROM":
    case "SUBJECT":
    case "TO":
      return hasFieldWith(key, cursor.astring());
    case "HEADER": {
      const name = cursor.astring();
      cursor.space();
      return hasFieldWith(name, cursor.astring());
    }
    case "BODY":
    case "TEXT": {
      const text = cursor.astring();
      return ({ message }) =>
        contains(key === "TEXT" ? message.octets : splitEntity(message.octets).body, text);
    }
    default:
      throw new CommandSyntaxError(`unknown search key ${key}`);
  }
}

function every(keys: readonly SearchPredicate[]): SearchPredicate {
  return (searched) => keys.every((key) => key(searched));
}

function compareDay(
  relation: string,
  day: number,
  dayOf: (message: StoredMessage) => number | undefined,
): SearchPredicate {
  return ({ message }) => {
    const found = dayOf(message);
    if (found === undefined) return false;
    if (relation === "BEFORE") return found < day;
    return relation === "ON" ? found === day : found >= day;
  };
}

/** An empty text means: has such a field at all. */
function hasFieldWith(name: string, text: string): SearchPredicate {
  const wanted = text.toLowerCase();
  return ({ message }) => fieldValues(message, name).some((value) => value.toLowerCase().includes(wanted));
}

function fieldValues(message: StoredMessage, name: string): readonly string[] {
  return parseHeaderFields(splitEntity(message.octets).header)
    .filter((field) => isField(field, name))
    .map((field) => field.value);
}

function contains(octets: Buffer, text: string): boolean {
  return octets.toString("latin1").toLowerCase().includes(text.toLowerCase());
}
