// The untagged FETCH response for one message (RFC 3501 §7.4.2).
// Invariant: text parts are latin1; message octets go out as they were stored, as literals.
import type { StoredMessage } from "../store/stored-mailbox.ts";
import { formatBodyStructure } from "./body-structure.ts";
import { formatEnvelope } from "./envelope.ts";
import type { FetchItem } from "./fetch-item.ts";
import { findSection } from "./fetch-section.ts";
import { parseHeaderFields, splitEntity } from "./header-fields.ts";
import { formatDateTime } from "./internal-date.ts";
import { parseMimePart } from "./mime-part.ts";

export type WireParts = readonly (string | Buffer)[];

export function formatFetchResponse(
  sequenceNumber: number,
  message: StoredMessage,
  flags: readonly string[],
  items: readonly FetchItem[],
): WireParts {
  const parts = items.flatMap((item, index) => [index === 0 ? "" : " ", ...formatItem(message, flags, item)]);
  return [`* ${sequenceNumber} FETCH (`, ...parts, ")\r\n"];
}

function formatItem(message: StoredMessage, flags: readonly string[], item: FetchItem): WireParts {
  switch (item.kind) {
    case "uid":
      return [`UID ${message.uid}`];
    case "flags":
      return [`FLAGS (${flags.join(" ")})`];
    case "internal-date":
      return [`INTERNALDATE "${formatDateTime(message.internalDate)}"`];
    case "size":
      return [`RFC822.SIZE ${message.octets.length}`];
    case "envelope":
      return [`ENVELOPE ${formatEnvelope(parseHeaderFields(splitEntity(message.octets).header))}`];
    case "body":
      return [`BODY ${formatBodyStructure(parseMimePart(message.octets), false)}`];
    case "body-structure":
      return [`BODYSTRUCTURE ${formatBodyStructure(parseMimePart(message.octets), true)}`];
    case "section": {
      const octets = findSection(message.octets, item.section, item.partial);
      if (octets === undefined) return [`${item.label} NIL`];
      return [`${item.label} {${octets.length}}\r\n`, octets];
    }
  }
}
