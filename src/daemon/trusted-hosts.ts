// The hosts that an account's tokens and passwords may go to, as they were when a person signed in (threats.md G1). Kept
// in the keychain, beside the secrets: who can change the configuration file cannot change them.
// Invariants: no secret is used, and nothing is dialled, while the configuration names other hosts than these; where
// there is a secret and the entry is gone, nothing is trusted.
import { z } from "zod";
import type { Account } from "../account/account.ts";
import { PosternError } from "../errors/postern-error.ts";
import { type EntryName, type Keychain, keychainValue } from "../oauth/keychain/keychain.ts";

const hostsSchema = z.strictObject({
  /** "" where it will be known at the next refresh only: signed in with a version that noted nothing. */
  tokenEndpoint: z.string(),
  imap: z.string(),
  smtp: z.string(),
  /** Both name where a refresh token goes to be revoked. */
  issuer: z.string(),
  revocation: z.string(),
});
type Hosts = z.infer<typeof hostsSchema>;

const KEYS = ["tokenEndpoint", "imap", "smtp", "issuer", "revocation"] as const;
const NOTHING = "nothing";
const NOBODY: Hosts = {
  tokenEndpoint: NOTHING,
  imap: NOTHING,
  smtp: NOTHING,
  issuer: NOTHING,
  revocation: NOTHING,
};

export interface HostsChange {
  readonly trusted: readonly string[];
  readonly now: readonly string[];
}

export interface TrustedHosts {
  /** What the configuration names, against what a person agreed to. @throws PosternError `account-hosts-changed`, `keychain-…` */
  check(account: Account): Promise<void>;
  /** The only one that the account's tokens may go to; undefined while none is known. @throws PosternError `keychain-…` */
  tokenEndpoint(account: Account): Promise<string | undefined>;
  /** A person has signed in, or agreed: these hosts and no others. @throws PosternError `keychain-…` */
  trust(account: Account, tokenEndpoint: string): Promise<void>;
  /** The token endpoint that the authorization server names now. */
  noteTokenEndpoint(account: Account, tokenEndpoint: string): void;
  /** What differs, the authorization server's own word included, for a person to judge. @throws PosternError `keychain-…` */
  change(account: Account): Promise<HostsChange | undefined>;
  /** What is remembered of the account here; its entry in the keychain is not touched. */
  forget(accountId: string): void;
}

export interface TrustedHostsParts {
  readonly keychain: Keychain;
  /** When somebody signed in; 0 where an older version did not note it, undefined where nobody has. */
  signedInAt(accountId: string): number | undefined;
}

export function createTrustedHosts({ keychain, signedInAt }: TrustedHostsParts): TrustedHosts {
  const known = new Map<string, Hosts>();
  const observed = new Map<string, string>();
  const nameOf = (accountId: string): EntryName => ({ purpose: "trusted-hosts", accountId });

  async function store(accountId: string, hosts: Hosts): Promise<Hosts> {
    await keychain.replace(nameOf(accountId), keychainValue(JSON.stringify(hosts)));
    known.set(accountId, hosts);
    return hosts;
  }

  async function trustedOf(account: Account): Promise<Hosts | undefined> {
    const { id } = account;
    const remembered = known.get(id);
    if (remembered !== undefined) return remembered;
    const entry = await keychain.read(nameOf(id));
    if (entry !== undefined) {
      const hosts = parseHosts(entry.current.value.reveal());
      known.set(id, hosts);
      return hosts;
    }
    const at = signedInAt(id);
    // Where the secret is gone too, there is nothing to hold back: somebody has emptied the keychain.
    if (at === undefined || !(await holdsSecret(account))) return undefined;
    // An older version noted nothing: what it has used until now is what was agreed to.
    return at === 0 ? store(id, hostsOf(account, givenTokenEndpoint(account) ?? "")) : NOBODY;
  }

  async function holdsSecret({ id, kind }: Account): Promise<boolean> {
    const purpose = kind === "oauth" ? "refresh-token" : "upstream-password";
    return (await keychain.read({ purpose, accountId: id })) !== undefined;
  }

  async function differences(
    account: Account,
    endpoint: string | undefined,
  ): Promise<HostsChange | undefined> {
    const trusted = await trustedOf(account);
    if (trusted === undefined) return undefined;
    const now = hostsOf(account, givenTokenEndpoint(account) ?? endpoint ?? trusted.tokenEndpoint);
    const keys = KEYS.filter(
      (key) => trusted[key] !== now[key] && !(key === "tokenEndpoint" && trusted[key] === ""),
    );
    if (keys.length === 0) return undefined;
    return { trusted: keys.map((key) => trusted[key]), now: keys.map((key) => now[key]) };
  }

  return {
    async check(account) {
      const changed = await differences(account, undefined);
      if (changed !== undefined) throw hostsChanged(changed);
    },
    async tokenEndpoint(account) {
      const endpoint = (await trustedOf(account))?.tokenEndpoint;
      return endpoint === "" ? undefined : endpoint;
    },
    async trust(account, tokenEndpoint) {
      await store(account.id, hostsOf(account, tokenEndpoint));
      observed.delete(account.id);
    },
    noteTokenEndpoint: (account, tokenEndpoint) => void observed.set(account.id, tokenEndpoint),
    change: (account) => differences(account, observed.get(account.id)),
    forget(accountId) {
      known.delete(accountId);
      observed.delete(accountId);
    },
  };
}

export function hostsChanged({ trusted, now }: HostsChange): PosternError {
  return new PosternError("account-hosts-changed", {
    detail: `${now.join(", ")} instead of ${trusted.join(", ")}`,
  });
}

/** A password has no other way out than the mail servers. */
export const NO_TOKEN_ENDPOINT = "none";

function givenTokenEndpoint(account: Account): string | undefined {
  return account.kind === "oauth" ? account.endpoints?.token : NO_TOKEN_ENDPOINT;
}

function hostsOf(account: Account, tokenEndpoint: string): Hosts {
  const { imap, smtp } = account;
  return {
    tokenEndpoint,
    imap: `${imap.host.toLowerCase()}:${imap.port}`,
    smtp: `${smtp.host.toLowerCase()}:${smtp.port}`,
    issuer: account.kind === "oauth" ? account.issuer : "none",
    revocation: (account.kind === "oauth" ? account.endpoints?.revocation : undefined) ?? "none",
  };
}

/** What cannot be read trusts nobody. */
function parseHosts(text: string): Hosts {
  try {
    return hostsSchema.parse(JSON.parse(text));
  } catch {
    return NOBODY;
  }
}
