// What each control method does, in terms of the daemon's services.
import { homedir, release, type } from "node:os";
import type { Account } from "../account/account.ts";
import { findAccount } from "../account/directory.ts";
import type { SettingsView } from "../control/contract.ts";
import { type Handlers, toFailure } from "../control/server.ts";
import { PosternError } from "../errors/postern-error.ts";
import { accountHandlers } from "./account-handlers.ts";
import { trustAuthorities } from "./authorities.ts";
import { accountsOf, type Settings } from "./config/config.ts";
import type { Daemon } from "./create-daemon.ts";
import { conclude, testAccount } from "./diagnose/account-test.ts";
import { formatDiagnostics } from "./diagnose/diagnostics.ts";
import { createProviderHandlers } from "./provider-handlers.ts";
import { keepProxyPassword, moveProxyPassword } from "./proxy-credentials.ts";
import { serviceHandlers } from "./service-handlers.ts";
import { signInHandlers } from "./sign-in-handlers.ts";
import { takeSnapshot, viewPasswords, viewSettings } from "./snapshot.ts";

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
    ...serviceHandlers(),
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
      const { id } = accountOf(email);
      const password = await daemon.passwords.create(id, name);
      daemon.events.accountChanged(id);
      return { password: password.reveal() };
    },

    async "password.list"({ email }) {
      return { passwords: viewPasswords(daemon.passwords.of(accountOf(email).id)) };
    },

    async "password.revoke"({ email, name }) {
      const { id } = accountOf(email);
      await daemon.passwords.revoke(id, name);
      daemon.events.accountChanged(id);
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
      daemon.events.machineChanged();
      const { settings } = config.current();
      await daemon.proxy.move({
        ...(after.imapPort === before.imapPort ? {} : { imap: settings.imapPort }),
        ...(after.smtpPort === before.smtpPort ? {} : { smtp: settings.smtpPort }),
      });
      return { settings: viewSettings(settings) };
    },

    async pause() {
      daemon.proxy.pause();
      daemon.events.machineChanged();
      return {};
    },

    async resume() {
      daemon.proxy.resume();
      daemon.events.machineChanged();
      return {};
    },

    async "machine.changed"({ what }) {
      daemon.machine.changed(what);
      // What is told of an account depends on it.
      for (const { id } of accountsOf(config.current())) daemon.events.accountChanged(id);
      return {};
    },

    "diagnostics.show": async () => ({
      text: formatDiagnostics(await takeSnapshot(daemon), {
        system: `${type()} ${release()} ${process.arch}, Node ${process.versions.node}`,
        homeFolder: homedir(),
        now: daemon.parts.clock.now(),
      }),
    }),

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
    notifications: change.notifications ?? before.notifications,
    language: change.language ?? before.language,
    ...(authorityFile === undefined || authorityFile === null ? {} : { authorityFile }),
  };
}
