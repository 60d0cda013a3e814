// The configuration: what a person decided. Accounts and settings; nothing secret, nothing that changes by itself.
import { z } from "zod";
import type { Account } from "../../account/account.ts";
import type { Clock } from "../../clock/clock.ts";
import { oauthAdditions, oauthSettingsSchema, passwordSettingsSchema } from "../../control/shapes.ts";
import { type Document, openDocument } from "../../storage/document.ts";

const id = z.string().min(1).max(64);
const accountSchema = z.discriminatedUnion("kind", [
  oauthSettingsSchema.extend({ ...oauthAdditions, id }),
  passwordSettingsSchema.extend({ id }),
]);

const configSchema = z.strictObject({
  version: z.literal(3),
  settings: z.strictObject({
    imapPort: z.int().min(0).max(65_535),
    smtpPort: z.int().min(0).max(65_535),
    /** "strict" answers failures by the book instead of as Thunderbird bears them (protocol.md §7). */
    failureStyle: z.enum(["gentle", "strict"]),
    /** PEM certificates to trust besides the usual ones, for mail and for tokens. */
    authorityFile: z.string().optional(),
    systemAuthorities: z.boolean(),
    signInProxy: z.string(),
    mailProxy: z.string(),
    notifications: z.boolean(),
    language: z.enum(["system", "en", "ja"]),
  }),
  accounts: z.array(accountSchema),
});

export type Config = z.infer<typeof configSchema>;
export type Settings = Config["settings"];

/** Mail goes past a proxy unless a person says otherwise: most let only port 443 through. */
const NETWORK_DEFAULTS = { systemAuthorities: true, signInProxy: "environment", mailProxy: "none" } as const;

const FRONT_DEFAULTS = { notifications: true, language: "system" } as const;

/** Bridge and DavMail sit on 1143 and 1025. */
const EMPTY: Config = {
  version: 3,
  settings: {
    imapPort: 2143,
    smtpPort: 2587,
    failureStyle: "gentle",
    ...NETWORK_DEFAULTS,
    ...FRONT_DEFAULTS,
  },
  accounts: [],
};

export function openConfig(path: string, clock: Clock): Promise<Document<Config>> {
  return openDocument(
    {
      path,
      schema: configSchema,
      version: 3,
      empty: EMPTY,
      migrations: { 1: withRedirectUri, 2: withFrontSettings },
    },
    clock,
  );
}

/** Version 1 knew OAuth accounts with one redirect host, no proxies, and handed out no tokens. */
function withRedirectUri(old: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { settings, accounts } = old as { settings: object; accounts: { redirectPath: string }[] };
  return {
    ...old,
    settings: { ...settings, ...NETWORK_DEFAULTS },
    accounts: accounts.map(({ redirectPath, ...account }) => ({
      ...account,
      kind: "oauth",
      redirectUri: `http://127.0.0.1${redirectPath}`,
      tokenAccess: false,
    })),
  };
}

/** Version 2 knew no window. */
function withFrontSettings(old: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { settings } = old as { settings: object };
  return { ...old, settings: { ...settings, ...FRONT_DEFAULTS } };
}

/** The accounts, as the account room knows them. */
export function accountsOf(config: Config): readonly Account[] {
  return config.accounts;
}
