// What each control method does, in terms of the daemon's services.
import type { Account } from "../account/account.ts";
import { findAccount } from "../account/directory.ts";
import type { SettingsView } from "../control/contract.ts";
import { type Handlers, toFailure } from "../control/server.ts";
import { proxySchema } from "../control/settings-shapes.ts";
import { PosternError } from "../errors/postern-error.ts";
import { accountHandlers } from "./account-handlers.ts";
import { trustAuthorities } from "./authorities.ts";
import { accountsOf, type Settings } from "./config/config.ts";
import type { Daemon } from "./create-daemon.ts";
import { conclude, testAccount } from "./diagnose/account-test.ts";
import { createProviderHandlers } from "./provider-handlers.ts";
import { keepProxyPassword, moveProxyPassword } from "./proxy-credentials.ts";
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
    ...createProviderHandlers({
      registrations: daemon.registrations,
      fetch: daemon.network.fetch,
      route: daemon.network.mailRoute,
      clock: daemon.parts.clock,
    }),

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

    "settings.show": async () => viewSettings(config.current().settings),

    async "settings.change"(change) {
      const before = config.current().settings;
      const after = applyChange(before, change);
      if (
        after.authorityFile !== before.authorityFile ||
        after.systemAuthorities !== before.systemAuthorities
      ) {
        await trustAuthorities({ ...after, authorityFile: after.authorityFile });
      }
      if (change.proxyPassword !== undefined) {
        await keepProxyPassword(keychain, after, change.proxyPassword);
        daemon.network.forgetProxyPassword();
      } else if (after.signInProxy !== before.signInProxy || after.mailProxy !== before.mailProxy) {
        // A keychain that cannot be asked now must not keep anybody from taking a proxy out of the way.
        await moveProxyPassword(keychain, after).catch(() => {});
        daemon.network.forgetProxyPassword();
      }
      // What stands there by then: somebody else may have changed another setting meanwhile.
      await config.change((current) => ({ ...current, settings: applyChange(current.settings, change) }));
      const restartNeeded =
        after.imapPort !== before.imapPort ||
        after.smtpPort !== before.smtpPort ||
        after.failureStyle !== before.failureStyle;
      return { settings: viewSettings(config.current().settings), restartNeeded };
    },

    async stop() {
      // The answer must be out before the socket closes.
      setImmediate(stop);
      return {};
    },
  };
}

/** A proxy that was written into the file by hand may be none, and may have a password in it: it is not shown. */
function viewSettings(settings: Settings): SettingsView {
  const shown = (proxy: string): string =>
    proxySchema.safeParse(proxy).success ? proxy : "not valid; set it again";
  return { ...settings, signInProxy: shown(settings.signInProxy), mailProxy: shown(settings.mailProxy) };
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
