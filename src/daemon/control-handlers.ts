// What each control method does, in terms of the daemon's services.
import { randomBytes } from "node:crypto";
import type { Account } from "../account/account.ts";
import { findAccount } from "../account/directory.ts";
import type { SettingsView } from "../control/contract.ts";
import { type Handlers, toFailure } from "../control/server.ts";
import { PosternError } from "../errors/postern-error.ts";
import { keychainValue } from "../oauth/keychain/keychain.ts";
import { trustAuthorities } from "./authorities.ts";
import { accountsOf, type Settings } from "./config/config.ts";
import type { Daemon } from "./create-daemon.ts";
import { conclude, testAccount } from "./diagnose/account-test.ts";
import { takeSnapshot, viewAccount } from "./snapshot.ts";

/** @param stop ends the daemon */
export function createControlHandlers(daemon: Daemon, stop: () => void): Handlers {
  const { config, state, keychain, log } = daemon.parts;

  const accountOf = (email: string): Account => {
    const account = findAccount(accountsOf(config.current()), email);
    if (account === undefined) throw new PosternError("account-unknown", { detail: email });
    return account;
  };

  return {
    status: () => takeSnapshot(daemon),

    async "account.add"({ settings, clientSecret }) {
      const account: Account = {
        ...settings,
        id: randomBytes(8).toString("hex"),
        hasClientSecret: clientSecret !== undefined,
      };
      const refuseSecond = (): void => {
        if (findAccount(accountsOf(config.current()), settings.email) === undefined) return;
        throw new PosternError("account-exists", { detail: settings.email });
      };
      refuseSecond();
      if (clientSecret !== undefined) {
        await keychain.replace(
          { purpose: "client-secret", accountId: account.id },
          keychainValue(clientSecret),
        );
      }
      await config.change((current) => {
        refuseSecond();
        return { ...current, accounts: [...current.accounts, account] };
      });
      return viewAccount(daemon, account);
    },

    "account.show": async ({ email }) => viewAccount(daemon, accountOf(email)),

    async "account.remove"({ email }) {
      const account = accountOf(email);
      await config.change((current) => ({
        ...current,
        accounts: current.accounts.filter(({ id }) => id !== account.id),
      }));
      daemon.signIns.cancelAll(account.id);
      daemon.proxy.closeSessions(account.id);
      daemon.outages.forget(account.id);
      // The account is gone whatever the keychain says: a person must be able to remove what they cannot unlock.
      for (const forget of [
        () => daemon.broker.forget(account.id),
        () => keychain.remove({ purpose: "client-secret", accountId: account.id }),
      ]) {
        await forget().catch((error: unknown) => log.warn({ error, account: email }, "left in the keychain"));
      }
      await state.change((current) => {
        const { [account.id]: _gone, ...smtpKeywords } = current.smtpKeywords;
        return {
          ...current,
          passwords: current.passwords.filter(({ accountId }) => accountId !== account.id),
          signedIn: current.signedIn.filter((accountId) => accountId !== account.id),
          smtpKeywords,
        };
      });
      return {};
    },

    async "account.test"({ email }) {
      const account = accountOf(email);
      const results = await testAccount({
        account,
        clock: daemon.parts.clock,
        accessToken: () => daemon.broker.accessToken(account.id),
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

    "sign-in.start": async ({ email, anyIdentity = false }) =>
      daemon.signIns.start(accountOf(email).id, { anyIdentity }),

    async "sign-in.wait"({ attemptId }, gone) {
      // Whoever asked for the sign-in and went away is not waiting for it any more.
      const cancel = (): void => daemon.signIns.cancel(attemptId);
      gone.addEventListener("abort", cancel, { once: true });
      try {
        await daemon.signIns.outcome(attemptId);
      } finally {
        gone.removeEventListener("abort", cancel);
      }
      return {};
    },

    async "sign-in.cancel"({ attemptId }) {
      daemon.signIns.cancel(attemptId);
      return {};
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
      if (after.authorityFile !== before.authorityFile) await trustAuthorities(after.authorityFile);
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
    ...(authorityFile === undefined || authorityFile === null ? {} : { authorityFile }),
  };
}
