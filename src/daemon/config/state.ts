// The state: what Postern noted down by itself. Hashes of local passwords, who signed in, what servers announced.
import { z } from "zod";
import type { Clock } from "../../clock/clock.ts";
import { PURPOSES } from "../../oauth/keychain/keychain.ts";
import { type Document, openDocument } from "../../storage/document.ts";

const signInSchema = z.strictObject({
  /** Milliseconds since 1970; 0 where an older version did not note it. */
  at: z.number(),
  /** Who signed in, as far as the provider said. */
  identity: z.string().optional(),
  /** Scopes that were asked for and not granted. */
  missingScopes: z.array(z.string()),
  /** The SASL user names that have worked where the account's own was refused. */
  workingUsers: z.strictObject({ imap: z.string().optional(), smtp: z.string().optional() }),
});
export type SignInRecord = z.infer<typeof signInSchema>;

const stateSchema = z.strictObject({
  version: z.literal(2),
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
  signIns: z.record(z.string(), signInSchema),
  /** Keychain entries that a person wanted gone while it could not be reached. */
  leftInKeychain: z.array(z.strictObject({ purpose: z.enum(PURPOSES), accountId: z.string() })),
  /** By account: the keywords of its SMTP server's last EHLO reply. */
  smtpKeywords: z.record(z.string(), z.array(z.string())),
});

export type State = z.infer<typeof stateSchema>;

const EMPTY: State = { version: 2, passwords: [], signIns: {}, leftInKeychain: [], smtpKeywords: {} };

export function openState(path: string, clock: Clock): Promise<Document<State>> {
  return openDocument(
    { path, schema: stateSchema, version: 2, empty: EMPTY, migrations: { 1: withSignIns } },
    clock,
  );
}

/** Version 1 noted only that somebody had signed in. */
function withSignIns(old: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { signedIn, ...rest } = old as { signedIn: string[] };
  const unknown: SignInRecord = { at: 0, missingScopes: [], workingUsers: {} };
  return {
    ...rest,
    leftInKeychain: [],
    signIns: Object.fromEntries(signedIn.map((accountId) => [accountId, unknown])),
  };
}
