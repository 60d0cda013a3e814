// The password of a proxy's user, in the keychain with the proxies that a person has set: one that was written into the
// configuration file never gets it.
import { z } from "zod";
import { type EntryName, type Keychain, keychainValue } from "../oauth/keychain/keychain.ts";
import { type ProxyPassword, proxyPassword } from "../secret/secret.ts";
import type { Settings } from "./config/config.ts";

const NAME: EntryName = { purpose: "proxy-password", accountId: "all" };
const entrySchema = z.strictObject({ proxies: z.array(z.string()), password: z.string() });

/** @param setting `sign-in-proxy` or `mail-proxy`, as it is set @throws PosternError `keychain-…` */
export async function readProxyPassword(
  keychain: Keychain,
  setting: string,
): Promise<ProxyPassword | undefined> {
  const entry = await readEntry(keychain);
  return entry?.proxies.includes(setting) ? proxyPassword(entry.password) : undefined;
}

/** A person has set other proxies, with the user in them whose password it is. @throws PosternError `keychain-…` */
export async function moveProxyPassword(keychain: Keychain, settings: Settings): Promise<void> {
  const entry = await readEntry(keychain);
  if (entry !== undefined) await keepProxyPassword(keychain, settings, entry.password);
}

async function readEntry(keychain: Keychain): Promise<z.infer<typeof entrySchema> | undefined> {
  const entry = await keychain.read(NAME);
  return entry && entrySchema.parse(JSON.parse(entry.current.value.reveal()));
}

/** For the proxies that are set now. Null forgets it. @throws PosternError `keychain-…` */
export async function keepProxyPassword(
  keychain: Keychain,
  { signInProxy, mailProxy }: Settings,
  password: string | null,
): Promise<void> {
  if (password === null) return keychain.remove(NAME);
  const proxies = [...new Set([signInProxy, mailProxy])].filter((setting) => setting.includes("@"));
  await keychain.replace(NAME, keychainValue(JSON.stringify({ proxies, password })));
}
