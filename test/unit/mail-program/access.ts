// An account on Postern's usual ports, as the room src/mail-program sees it.
import type { LocalAccess } from "../../../src/mail-program/local-access.ts";

export function createAccess(changes: Partial<LocalAccess> = {}): LocalAccess {
  const email = changes.email ?? "alice@example.org";
  return {
    email,
    userName: email,
    imap: { host: "127.0.0.1", port: 2143 },
    smtp: { host: "127.0.0.1", port: 2587 },
    ...changes,
  };
}
