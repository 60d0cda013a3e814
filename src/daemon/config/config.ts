// The configuration: what a person decided. Accounts and settings; nothing secret, nothing that changes by itself.
import { z } from "zod";
import type { Account } from "../../account/account.ts";
import type { Clock } from "../../clock/clock.ts";
import { accountSettingsSchema } from "../../control/contract.ts";
import { type Document, openDocument } from "../../storage/document.ts";

const accountSchema = accountSettingsSchema.extend({
  id: z.string().min(1).max(64),
  hasClientSecret: z.boolean(),
});

const configSchema = z.strictObject({
  version: z.literal(1),
  settings: z.strictObject({
    imapPort: z.int().min(0).max(65_535),
    smtpPort: z.int().min(0).max(65_535),
    /** "strict" answers failures by the book instead of as Thunderbird bears them (protocol.md §7). */
    failureStyle: z.enum(["gentle", "strict"]),
    /** PEM certificates to trust besides the usual ones, for mail and for tokens. */
    authorityFile: z.string().optional(),
  }),
  accounts: z.array(accountSchema),
});

export type Config = z.infer<typeof configSchema>;
export type Settings = Config["settings"];

/** Bridge and DavMail sit on 1143 and 1025. */
const EMPTY: Config = {
  version: 1,
  settings: { imapPort: 2143, smtpPort: 2587, failureStyle: "gentle" },
  accounts: [],
};

export function openConfig(path: string, clock: Clock): Promise<Document<Config>> {
  return openDocument({ path, schema: configSchema, version: 1, empty: EMPTY, migrations: {} }, clock);
}

/** The accounts, as the account room knows them. */
export function accountsOf(config: Config): readonly Account[] {
  return config.accounts;
}
