// What each control method does, in terms of the daemon's services.
import { homedir, release, type } from "node:os";
import type { Account } from "../account/account.ts";
import { findAccount } from "../account/directory.ts";
import { type Handlers, toFailure } from "../control/server.ts";
import { PosternError } from "../errors/postern-error.ts";
import { accountHandlers } from "./account-handlers.ts";
import { accountsOf } from "./config/config.ts";
import type { Daemon } from "./create-daemon.ts";
import { conclude, testAccount } from "./diagnose/account-test.ts";
import { formatDiagnostics } from "./diagnose/diagnostics.ts";
import { createProviderHandlers } from "./provider-handlers.ts";
import { serviceHandlers } from "./service-handlers.ts";
import { signInHandlers } from "./sign-in-handlers.ts";
import { takeSnapshot, viewPasswords, viewSettings } from "./snapshot.ts";

/** @param stop ends the daemon */
export function createControlHandlers(daemon: Daemon, stop: () => void): Handlers {
  const { config, policy } = daemon.parts;

  const accountOf = (email: string): Account => {
    const account = findAccount(accountsOf(config.current()), email);
    if (account === undefined) throw new PosternError("account-unknown", { detail: email });
    return account;
  };

  return {
    async status() {
      await policy.refresh();
      return takeSnapshot(daemon);
    },

    ...accountHandlers(daemon, accountOf),
    ...signInHandlers(daemon, accountOf),
    ...serviceHandlers(daemon.parts.env),
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
        checkHosts: () => daemon.mayUse(account),
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
      // Who is in by it is out at once, and not only at the next login.
      daemon.proxy.closeSessions(id, name);
      daemon.events.accountChanged(id);
      return {};
    },

    async "settings.show"() {
      await policy.refresh();
      return viewSettings(daemon.settingsInForce.current());
    },

    async "settings.change"(change) {
      await policy.refresh();
      await daemon.settingsInForce.change(change);
      daemon.events.machineChanged();
      return { settings: viewSettings(daemon.settingsInForce.current()) };
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
