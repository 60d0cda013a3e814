import { describe, expect, test } from "vitest";
import { createTrustedHosts } from "../../../src/daemon/trusted-hosts.ts";
import { keychainValue } from "../../../src/oauth/keychain/keychain.ts";
import { createAccount } from "../../support/account.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createMemoryKeychain } from "../../support/memory-keychain.ts";

const TOKEN_ENDPOINT = "https://issuer.example/token";
const account = createAccount();
const NAME = { purpose: "trusted-hosts", accountId: account.id } as const;

async function withSecret() {
  const keychain = createMemoryKeychain();
  await keychain.replace({ purpose: "refresh-token", accountId: account.id }, keychainValue("token"));
  return keychain;
}

async function trusted() {
  const keychain = createMemoryKeychain();
  const hosts = createTrustedHosts({ keychain, signedInAt: () => 1 });
  await hosts.trust(account, TOKEN_ENDPOINT);
  return { keychain, hosts };
}

describe("the hosts that an account's tokens may go to", () => {
  test("are those of the sign-in, also after a restart", async () => {
    const { keychain, hosts } = await trusted();
    for (const here of [hosts, createTrustedHosts({ keychain, signedInAt: () => 1 })]) {
      await here.check(account);
      expect(await here.tokenEndpoint(account)).toBe(TOKEN_ENDPOINT);
      expect(await here.change(account)).toBeUndefined();
    }
  });

  test.each<[string, Parameters<typeof createAccount>[0], string, string]>([
    [
      "another IMAP host",
      { imap: { ...account.imap, host: "imap.evil.example" } },
      "imap.example.com:993",
      "imap.evil.example:993",
    ],
    [
      "another IMAP port",
      { imap: { ...account.imap, port: 1993 } },
      "imap.example.com:993",
      "imap.example.com:1993",
    ],
    [
      "another SMTP host",
      { smtp: { ...account.smtp, host: "smtp.evil.example" } },
      "smtp.example.com:465",
      "smtp.evil.example:465",
    ],
    [
      "another token endpoint",
      {
        endpoints: { authorization: "https://issuer.example/authorize", token: "https://evil.example/token" },
      },
      TOKEN_ENDPOINT,
      "https://evil.example/token",
    ],
  ])("do not include %s, until a person agrees to it", async (_what, change, before, now) => {
    const { hosts } = await trusted();
    const changed = createAccount(change);
    const failure = await failureOf(hosts.check(changed));
    expect(failure.code).toBe("account-hosts-changed");
    expect(failure.detail).toBe(`${now} instead of ${before}`);
    expect(await hosts.change(changed)).toEqual({ trusted: [before], now: [now] });
    await hosts.trust(changed, changed.endpoints?.token ?? TOKEN_ENDPOINT);
    await hosts.check(changed);
    expect(await hosts.change(changed)).toBeUndefined();
  });

  test("are the same however the host is spelt", async () => {
    const { hosts } = await trusted();
    await hosts.check(createAccount({ imap: { ...account.imap, host: "IMAP.Example.COM" } }));
  });

  test("show a token endpoint that the issuer itself has changed", async () => {
    const { hosts } = await trusted();
    hosts.noteTokenEndpoint(account, "https://elsewhere.example/token");
    expect((await hosts.change(account))?.now).toEqual(["https://elsewhere.example/token"]);
    // The provider's mistake, put right.
    hosts.noteTokenEndpoint(account, TOKEN_ENDPOINT);
    expect(await hosts.change(account)).toBeUndefined();
  });

  test("are none when the entry cannot be read any more: nothing is believed instead", async () => {
    const { keychain } = await trusted();
    await keychain.replace(NAME, keychainValue("damaged"));
    const failure = await failureOf(createTrustedHosts({ keychain, signedInAt: () => 1 }).check(account));
    expect(failure.code).toBe("account-hosts-changed");
  });

  test("cannot be checked while the keychain cannot be read, and then nothing goes out", async () => {
    const { keychain } = await trusted();
    keychain.failReads(true);
    expect((await failureOf(createTrustedHosts({ keychain, signedInAt: () => 1 }).check(account))).code).toBe(
      "keychain-failed",
    );
  });

  test("are asked of the keychain once", async () => {
    const { keychain, hosts } = await trusted();
    const before = keychain.done.length;
    for (const _time of [1, 2, 3]) await hosts.check(account);
    expect(keychain.done.length).toBe(before);
  });

  test("are nobody's business before anybody has signed in", async () => {
    const hosts = createTrustedHosts({ keychain: createMemoryKeychain(), signedInAt: () => undefined });
    await hosts.check(account);
    expect(await hosts.tokenEndpoint(account)).toBeUndefined();
  });

  test("are those of now where an older version signed in and noted nothing, and from then on no others", async () => {
    const keychain = await withSecret();
    const hosts = createTrustedHosts({ keychain, signedInAt: () => 0 });
    await hosts.check(account);
    expect(await hosts.tokenEndpoint(account)).toBeUndefined();
    const elsewhere = createAccount({ imap: { ...account.imap, host: "new.example" } });
    expect((await failureOf(hosts.check(elsewhere))).code).toBe("account-hosts-changed");
  });

  test("are none where somebody has signed in and the entry alone is gone", async () => {
    const hosts = createTrustedHosts({ keychain: await withSecret(), signedInAt: () => 1 });
    expect((await failureOf(hosts.check(account))).code).toBe("account-hosts-changed");
  });

  test("are nobody's business where the secret is gone too: somebody has emptied the keychain", async () => {
    const hosts = createTrustedHosts({ keychain: createMemoryKeychain(), signedInAt: () => 1 });
    await hosts.check(account);
  });

  test("include the issuer and the revocation endpoint, where a token could be sent to end it", async () => {
    const { hosts } = await trusted();
    for (const change of [
      { issuer: "https://evil.example" },
      {
        endpoints: {
          authorization: "https://issuer.example/authorize",
          token: TOKEN_ENDPOINT,
          revocation: "https://evil.example/revoke",
        },
      },
    ]) {
      expect((await failureOf(hosts.check(createAccount(change)))).code).toBe("account-hosts-changed");
    }
  });
});
