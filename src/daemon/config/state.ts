// The state: what Postern noted down by itself. Hashes of local passwords, and what servers announced.
import { z } from "zod";
import type { Clock } from "../../clock/clock.ts";
import { type Document, openDocument } from "../../storage/document.ts";

const stateSchema = z.strictObject({
  version: z.literal(1),
  passwords: z.array(
    z.strictObject({
      accountId: z.string(),
      name: z.string(),
      hash: z.base64(),
      salt: z.base64(),
      createdAt: z.number(),
      lastUsedAt: z.number().optional(),
    }),
  ),
  /** Accounts that somebody has signed in to and not out of: tells a lost sign-in from one that never was. */
  signedIn: z.array(z.string()),
  /** By account: the keywords of its SMTP server's last EHLO reply. */
  smtpKeywords: z.record(z.string(), z.array(z.string())),
});

export type State = z.infer<typeof stateSchema>;

const EMPTY: State = { version: 1, passwords: [], signedIn: [], smtpKeywords: {} };

export function openState(path: string, clock: Clock): Promise<Document<State>> {
  return openDocument({ path, schema: stateSchema, version: 1, empty: EMPTY, migrations: {} }, clock);
}
