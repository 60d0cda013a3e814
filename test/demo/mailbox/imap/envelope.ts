// ENVELOPE (RFC 3501 §7.4.2) out of the header fields of a message.
import { type Address, parseAddressList } from "./address-list.ts";
import { formatNString } from "./format-string.ts";
import { findField, type HeaderField } from "./header-fields.ts";

/** The parenthesised structure, latin1. */
export function formatEnvelope(fields: readonly HeaderField[]): string {
  const from = readAddresses(fields, "From");
  const parts = [
    formatNString(findField(fields, "Date")),
    formatNString(findField(fields, "Subject")),
    formatAddresses(from),
    // RFC 3501: the server gives From for a missing Sender or Reply-To.
    formatAddresses(readAddresses(fields, "Sender", from)),
    formatAddresses(readAddresses(fields, "Reply-To", from)),
    formatAddresses(readAddresses(fields, "To")),
    formatAddresses(readAddresses(fields, "Cc")),
    formatAddresses(readAddresses(fields, "Bcc")),
    formatNString(findField(fields, "In-Reply-To")),
    formatNString(findField(fields, "Message-ID")),
  ];
  return `(${parts.join(" ")})`;
}

function readAddresses(
  fields: readonly HeaderField[],
  name: string,
  otherwise: readonly Address[] = [],
): readonly Address[] {
  const addresses = parseAddressList(findField(fields, name) ?? "");
  return addresses.length === 0 ? otherwise : addresses;
}

function formatAddresses(addresses: readonly Address[]): string {
  return addresses.length === 0 ? "NIL" : `(${addresses.map(formatAddress).join("")})`;
}

/** The second field, the source route, is always NIL: RFC 5322 made routes obsolete. */
function formatAddress({ name, mailbox, host }: Address): string {
  return `(${formatNString(name)} NIL ${formatNString(mailbox)} ${formatNString(host)})`;
}
