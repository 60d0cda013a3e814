// The control methods of accounts: what is found out about an address, adding, changing, removing.
// Invariant: one address and one local user name open one account.
import { randomBytes } from "node:crypto";
import type { Account } from "../account/account.ts";
import { findAccount } from "../account/directory.ts";
import type { Request } from "../control/contract.ts";
import type { Handlers } from "../control/server.ts";
import { discover } from "../discovery/discover.ts";
import { createMailResolver } from "../discovery/mail-resolver.ts";
import { createServiceResolver } from "../discovery/service-resolver.ts";
import { PosternError } from "../errors/postern-error.ts";
import { registerClient } from "../oauth/client/registration.ts";
import { keychainValue } from "../oauth/keychain/keychain.ts";
import { accountsOf } from "./config/config.ts";
import type { Daemon } from "./create-daemon.ts";
import { viewAccount } from "./snapshot.ts";

type Methods =
  | "account.discover"
  | "account.add"
  | "account.show"
  | "account.change"
  | "account.trust"
  | "account.remove";

/** What Postern calls itself where it registers itself. */
const CLIENT_NAME = "Postern";

export function accountHandlers(
  daemon: Daemon,
  accountOf: (email: string) => Account,
): Pick<Handlers, Methods> {
  const { config, state, keychain, log, clock, env } = daemon.parts;
  const resolveService = createServiceResolver(env);
  const resolveMail = createMailResolver(env);

  /** @throws PosternError `account-exists` when another account answers to one of this one's names */
  function refuseTwins(accounts: readonly Account[], account: Account): void {
    const others = accounts.filter(({ id }) => id !== account.id);
    for (const name of [account.email, account.localUser]) {
      if (name !== undefined && findAccount(others, name) !== undefined) {
        throw new PosternError("account-exists", { detail: name });
      }
    }
  }

  async function changeAccount(account: Account): Promise<void> {
    await config.change((current) => {
      refuseTwins(accountsOf(current), account);
      return {
        ...current,
        accounts: current.accounts.map((one) => (one.id === account.id ? account : one)),
      };
    });
    daemon.events.accountChanged(account.id);
  }

  return {
    "account.discover": (request) =>
      discover(
        {
          resolveService,
          resolveMail,
          fetch: daemon.network.fetch,
          clock,
          route: daemon.network.mailRoute,
        },
        request,
      ),

    async "account.add"({ settings, clientSecret }) {
      const { clientId, ...others } = settings;
      refuseTwins(accountsOf(config.current()), { ...others, clientId: "", ...NEW_ACCOUNT, id: "" });
      const registered =
        clientId === undefined
          ? await registerClient(daemon.network.fetch, others.issuer, {
              redirectUri: others.redirectUri,
              scope: others.scope,
              clientName: CLIENT_NAME,
            })
          : { clientId, clientSecret: undefined };
      const secret = clientSecret ?? registered.clientSecret?.reveal();
      const account: Account = {
        ...others,
        ...NEW_ACCOUNT,
        id: randomBytes(8).toString("hex"),
        clientId: registered.clientId,
        hasClientSecret: secret !== undefined,
      };
      if (secret !== undefined) {
        await keychain.replace({ purpose: "client-secret", accountId: account.id }, keychainValue(secret));
      }
      await config.change((current) => {
        refuseTwins(accountsOf(current), account);
        return { ...current, accounts: [...current.accounts, account] };
      });
      daemon.events.accountChanged(account.id);
      return viewAccount(daemon, account);
    },

    "account.show": async ({ email }) => viewAccount(daemon, accountOf(email)),

    async "account.change"({ email, changes }) {
      const account = applyChanges(accountOf(email), changes);
      await changeAccount(account);
      return viewAccount(daemon, account);
    },

    async "account.trust"({ email }) {
      const account = accountOf(email);
      const settings = await daemon.settings(account);
      const { token_endpoint = "" } = (await daemon.servers.configure(settings)).serverMetadata();
      const shown = await daemon.trustedHosts.change(account);
      daemon.trustedHosts.noteTokenEndpoint(account, token_endpoint);
      // Nobody agrees to what nobody has shown them: the token endpoint may be news.
      if ((await daemon.trustedHosts.change(account))?.now.join() !== shown?.now.join()) {
        daemon.events.accountChanged(account.id);
        await daemon.trustedHosts.check(account);
      }
      await daemon.trustedHosts.trust(account, token_endpoint);
      daemon.broker.retry(account.id);
      daemon.outages.forget(account.id);
      daemon.events.accountChanged(account.id);
      log.warn({ account: email }, "a person agreed to other hosts");
      return viewAccount(daemon, account);
    },

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
        () => daemon.trustedHosts.forget(account.id),
        () => keychain.remove({ purpose: "client-secret", accountId: account.id }),
      ]) {
        await forget().catch((error: unknown) => log.warn({ error, account: email }, "left in the keychain"));
      }
      await state.change((current) => {
        const { [account.id]: _keywords, ...smtpKeywords } = current.smtpKeywords;
        const { [account.id]: _signIn, ...signIns } = current.signIns;
        return {
          ...current,
          passwords: current.passwords.filter(({ accountId }) => accountId !== account.id),
          signIns,
          smtpKeywords,
        };
      });
      daemon.events.accountRemoved(account.email);
      return {};
    },
  };
}

const NEW_ACCOUNT = { hasClientSecret: false, tokenAccess: false } as const;

/** Null takes a setting away, undefined leaves it. */
function applyChanges(account: Account, changes: Request<"account.change">["changes"]): Account {
  const { tokenAccess = account.tokenAccess, ...names } = changes;
  const changed = Object.entries(names).filter(([, value]) => value !== undefined);
  return {
    ...account,
    tokenAccess,
    ...Object.fromEntries(changed.map(([key, value]) => [key, value ?? undefined])),
  };
}
