// The hosts that an account's tokens may go to, as they were when a person signed in (threats.md G1). Kept in the
// keychain, beside the tokens: who can change the configuration file cannot change them.
// Invariant: no token is used, and nothing is dialled, while the account names other hosts than these.
import { z } from "zod";
import type { Account } from "../account/account.ts";
import { PosternError } from "../errors/postern-error.ts";
import { type EntryName, type Keychain, keychainValue } from "../oauth/keychain/keychain.ts";

const hostsSchema = z.strictObject({
  tokenEndpoint: z.string(),
  imap: z.string(),
  smtp: z.string(),
  /** Both name where a refresh token goes to be revoked. Not in the entries of older versions. */
  issuer: z.string().exactOptional(),
  revocation: z.string().exactOptional(),
});
type Hosts = Required<z.infer<typeof hostsSchema>>;

export interface HostsChange {
  readonly trusted: readonly string[];
  readonly now: readonly string[];
}

export interface TrustedHosts {
  /** @throws PosternError `account-hosts-changed`, `keychain-…` */
  check(account: Account): Promise<void>;
  /** The only one that the account's tokens may go to; undefined while nobody has signed in. @throws PosternError `keychain-…` */
  tokenEndpoint(account: Account): Promise<string | undefined>;
  /** A person has signed in, or agreed: these hosts and no others. @throws PosternError `keychain-…` */
  trust(account: Account, tokenEndpoint: string): Promise<void>;
  /** The authorization server names another token endpoint than the trusted one. */
  noteTokenEndpoint(account: Account, tokenEndpoint: string): void;
  /** What differs, for a person to judge. */
  change(account: Account): Promise<HostsChange | undefined>;
  /** @throws PosternError `keychain-…` */
  forget(accountId: string): Promise<void>;
}

const KEYS = ["tokenEndpoint", "imap", "smtp", "issuer", "revocation"] as const;

export function createTrustedHosts(keychain: Keychain): TrustedHosts {
  const known = new Map<string, Hosts | undefined>();
  const observed = new Map<string, string>();
  const nameOf = (accountId: string): EntryName => ({ purpose: "trusted-hosts", accountId });

  async function trustedOf(account: Account): Promise<Hosts | undefined> {
    const { id } = account;
    if (known.has(id)) return known.get(id);
    const entry = await keychain.read(nameOf(id));
    const hosts = entry && { ...hostsOf(account, ""), ...parseHosts(entry.current.value.reveal()) };
    known.set(id, hosts);
    return hosts;
  }

  async function change(account: Account): Promise<HostsChange | undefined> {
    const trusted = await trustedOf(account);
    if (trusted === undefined) return undefined;
    const now = hostsOf(
      account,
      account.endpoints?.token ?? observed.get(account.id) ?? trusted.tokenEndpoint,
    );
    const keys = KEYS.filter((key) => trusted[key] !== now[key]);
    if (keys.length === 0) return undefined;
    return { trusted: keys.map((key) => trusted[key]), now: keys.map((key) => now[key]) };
  }

  return {
    async check(account) {
      const changed = await change(account);
      if (changed === undefined) return;
      throw new PosternError("account-hosts-changed", {
        detail: `${changed.now.join(", ")} instead of ${changed.trusted.join(", ")}`,
      });
    },
    tokenEndpoint: async (account) => (await trustedOf(account))?.tokenEndpoint,
    async trust(account, tokenEndpoint) {
      const hosts = hostsOf(account, tokenEndpoint);
      await keychain.replace(nameOf(account.id), keychainValue(JSON.stringify(hosts)));
      known.set(account.id, hosts);
      observed.delete(account.id);
    },
    noteTokenEndpoint: (account, tokenEndpoint) => void observed.set(account.id, tokenEndpoint),
    change,
    async forget(accountId) {
      known.delete(accountId);
      observed.delete(accountId);
      await keychain.remove(nameOf(accountId));
    },
  };
}

function hostsOf({ imap, smtp, issuer, endpoints }: Account, tokenEndpoint: string): Hosts {
  return {
    tokenEndpoint,
    imap: `${imap.host.toLowerCase()}:${imap.port}`,
    smtp: `${smtp.host.toLowerCase()}:${smtp.port}`,
    issuer,
    revocation: endpoints?.revocation ?? "none",
  };
}

/** What cannot be read trusts nobody. */
function parseHosts(text: string): z.infer<typeof hostsSchema> {
  try {
    return hostsSchema.parse(JSON.parse(text));
  } catch {
    return { tokenEndpoint: "unreadable", imap: "unreadable", smtp: "unreadable" };
  }
}
