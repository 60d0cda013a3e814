// The password of a proxy's user, in the keychain with the addresses it was given for: another proxy never gets it.
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
  const entry = await keychain.read(NAME);
  if (entry === undefined) return undefined;
  const { proxies, password } = entrySchema.parse(JSON.parse(entry.current.value.reveal()));
  return proxies.includes(setting) ? proxyPassword(password) : undefined;
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
