// What each control method does, in terms of the daemon's services.
import type { Account } from "../account/account.ts";
import { findAccount } from "../account/directory.ts";
import type { SettingsView } from "../control/contract.ts";
import { type Handlers, toFailure } from "../control/server.ts";
import { PosternError } from "../errors/postern-error.ts";
import { keychainValue } from "../oauth/keychain/keychain.ts";
import { accountHandlers } from "./account-handlers.ts";
import { trustAuthorities } from "./authorities.ts";
import { accountsOf, type Settings } from "./config/config.ts";
import { type Daemon, PROXY_PASSWORD } from "./create-daemon.ts";
import { conclude, testAccount } from "./diagnose/account-test.ts";
import { signInHandlers } from "./sign-in-handlers.ts";
import { takeSnapshot } from "./snapshot.ts";

/** @param stop ends the daemon */
export function createControlHandlers(daemon: Daemon, stop: () => void): Handlers {
  const { config, keychain } = daemon.parts;

  const accountOf = (email: string): Account => {
    const account = findAccount(accountsOf(config.current()), email);
    if (account === undefined) throw new PosternError("account-unknown", { detail: email });
    return account;
  };

  return {
    status: () => takeSnapshot(daemon),

    ...accountHandlers(daemon, accountOf),
    ...signInHandlers(daemon, accountOf),

    async "account.test"({ email }) {
      const account = accountOf(email);
      const results = await testAccount({
        account,
        clock: daemon.parts.clock,
        checkHosts: () => daemon.trustedHosts.check(account),
        credential: () => daemon.credential(account),
        user: (protocol) => daemon.logins.user(account, protocol),
        route: daemon.network.mailRoute,
        lendPassword: () => daemon.passwords.lend(account.id),
        port: (protocol) => daemon.proxy.port(protocol),
      });
      return {
        works: results.every(({ failure }) => failure === undefined),
        conclusion: conclude(results),
        legs: results.map(({ leg, milliseconds, failure }) => ({
          leg,
          milliseconds,
          works: failure === undefined,
          ...(failure === undefined ? {} : { failure: toFailure(failure) }),
        })),
      };
    },

    async "password.create"({ email, name }) {
      const password = await daemon.passwords.create(accountOf(email).id, name);
      return { password: password.reveal() };
    },

    async "password.list"({ email }) {
      const passwords = daemon.passwords.of(accountOf(email).id);
      return {
        passwords: passwords.map(({ name, createdAt, lastUsedAt }) => ({
          name,
          createdAt,
          ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
        })),
      };
    },

    async "password.revoke"({ email, name }) {
      await daemon.passwords.revoke(accountOf(email).id, name);
      return {};
    },

    "settings.show": async () => config.current().settings,

    async "settings.change"(change) {
      const before = config.current().settings;
      const after = applyChange(before, change);
      if (
        after.authorityFile !== before.authorityFile ||
        after.systemAuthorities !== before.systemAuthorities
      ) {
        await trustAuthorities({ ...after, authorityFile: after.authorityFile });
      }
      if (change.proxyPassword !== undefined) daemon.network.forgetProxyPassword();
      if (change.proxyPassword === null) await keychain.remove(PROXY_PASSWORD);
      else if (change.proxyPassword !== undefined) {
        await keychain.replace(PROXY_PASSWORD, keychainValue(change.proxyPassword));
      }
      await config.change((current) => ({ ...current, settings: after }));
      const restartNeeded =
        after.imapPort !== before.imapPort ||
        after.smtpPort !== before.smtpPort ||
        after.failureStyle !== before.failureStyle;
      return { settings: after, restartNeeded };
    },

    async stop() {
      // The answer must be out before the socket closes.
      setImmediate(stop);
      return {};
    },
  };
}

type SettingsChange = {
  readonly [Key in keyof SettingsView]?: SettingsView[Key] | null | undefined;
};

/** Undefined leaves a setting as it is; null removes it. */
function applyChange(before: Settings, change: SettingsChange): Settings {
  const authorityFile = change.authorityFile === undefined ? before.authorityFile : change.authorityFile;
  return {
    imapPort: change.imapPort ?? before.imapPort,
    smtpPort: change.smtpPort ?? before.smtpPort,
    failureStyle: change.failureStyle ?? before.failureStyle,
    systemAuthorities: change.systemAuthorities ?? before.systemAuthorities,
    signInProxy: change.signInProxy ?? before.signInProxy,
    mailProxy: change.mailProxy ?? before.mailProxy,
    ...(authorityFile === undefined || authorityFile === null ? {} : { authorityFile }),
  };
}
