// All mail of the demo: one tree of mailboxes for each address. In memory only.
// Invariant: addresses are told apart without regard to case.
import { createMailboxTree, type MailboxTree } from "./mailbox-tree.ts";

export interface MailStore {
  /** The mailboxes of an address, or undefined when it has none. */
  find(address: string): MailboxTree | undefined;
  /** Puts a message into the INBOX of an address. Throws RangeError when the address has no mailboxes. */
  deliver(address: string, message: Buffer): void;
}

export function createMailStore(addresses: readonly string[]): MailStore {
  const trees = new Map(addresses.map((address) => [address.toLowerCase(), createMailboxTree()]));

  function find(address: string): MailboxTree | undefined {
    return trees.get(address.toLowerCase());
  }

  function deliver(address: string, message: Buffer): void {
    const inbox = find(address)?.find("INBOX");
    if (inbox === undefined) throw new RangeError(`no mailbox for ${address}`);
    inbox.append({ octets: message, flags: [], internalDate: new Date() });
  }

  return { find, deliver };
}
