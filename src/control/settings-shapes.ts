// The settings, as they are changed and as they are shown; and what an administrator has decided of them.
import { z } from "zod";

/** "environment": HTTPS_PROXY, ALL_PROXY and NO_PROXY; "none"; or a URL, its password kept in the keychain. */
export const proxySchema = z
  .string()
  .max(1024)
  .regex(
    /^(?:none|environment|(?:http|https|socks5):\/\/(?:[^\s:@/]+@)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}\/?)$/,
    "is none, environment, or an address like http://proxy:3128 or socks5://proxy:1080, without a password",
  );

/** Changes to the settings; what is left out stays. */
export const settingsSchema = z.strictObject({
  imapPort: z.int().min(0).max(65_535),
  smtpPort: z.int().min(0).max(65_535),
  failureStyle: z.enum(["gentle", "strict"]),
  authorityFile: z.string().max(4096).optional(),
  /** Whether the operating system's certificate authorities are trusted too. */
  systemAuthorities: z.boolean(),
  signInProxy: proxySchema,
  mailProxy: proxySchema,
  /** Whether the tray app tells a person of what needs them. */
  notifications: z.boolean(),
  /** Of the window and the tray; "system" is the system's own. */
  language: z.enum(["system", "en", "ja"]),
});

/** As they are shown: what stands in the file may have been written by hand. */
export const settingsViewSchema = settingsSchema.extend({ signInProxy: z.string(), mailProxy: z.string() });

export type SettingName = keyof z.infer<typeof settingsSchema>;

/** What an administrator's file decides. Where it is silent, a person decides. */
export const policyViewSchema = z.strictObject({
  /** Where the file is. */
  path: z.string(),
  /** Who ships it, in a name that people know. */
  organisation: z.string().optional(),
  /** Settings that cannot be changed here. */
  locked: z.array(z.string()),
  allowedDomains: z.array(z.string()).optional(),
  /** Whether the tray app may look for updates. */
  updates: z.boolean(),
  /** Why the file is not obeyed. */
  problem: z.string().optional(),
});
