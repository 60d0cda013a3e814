// The control methods of accounts: what is found out about an address, adding, changing, removing.
// Invariant: one address and one local user name open one account.
import { randomBytes } from "node:crypto";
import type { Account, OAuthAccount } from "../account/account.ts";
import { findAccount } from "../account/directory.ts";
import type { Discovery, Request } from "../control/contract.ts";
import type { Handlers } from "../control/server.ts";
import { discover } from "../discovery/discover.ts";
import { createMailResolver } from "../discovery/mail-resolver.ts";
import { createServiceResolver } from "../discovery/service-resolver.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { registerClient } from "../oauth/client/registration.ts";
import { keychainValue } from "../oauth/keychain/keychain.ts";
import { impliedOAuth } from "../provider/implied-settings.ts";
import { findPreset } from "../provider/table.ts";
import type { KnownClient } from "./client-ids.ts";
import { accountsOf } from "./config/config.ts";
import type { Daemon } from "./create-daemon.ts";
import { forbidden, usablePolicy } from "./policy-rules.ts";
import { viewAccount } from "./snapshot.ts";
import { hostsChanged, NO_TOKEN_ENDPOINT } from "./trusted-hosts.ts";

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
  const { config, state, keychain, log, clock, env, policy } = daemon.parts;
  const resolveService = createServiceResolver(env);
  const resolveMail = createMailResolver(env);

  /** @throws PosternError `account-exists` when another account answers to one of this one's names */
  function refuseTwins(
    accounts: readonly Account[],
    account: Pick<Account, "id" | "email" | "localUser">,
  ): void {
    const others = accounts.filter(({ id }) => id !== account.id);
    for (const name of [account.email, account.localUser]) {
      if (name !== undefined && findAccount(others, name) !== undefined) {
        throw new PosternError("account-exists", { detail: name });
      }
    }
  }

  /** With the client id that was given or that the authorization server has just made; its secret is in the keychain. */
  async function registered(
    { clientId, ...settings }: Extract<Request<"account.add">["settings"], { kind: "oauth" }>,
    id: string,
    givenSecret: string | undefined,
  ): Promise<OAuthAccount> {
    const { provider, issuer } = settings;
    const known =
      clientId === undefined && provider !== undefined
        ? await daemon.clientIds.of(provider, issuer)
        : undefined;
    const client =
      clientId === undefined
        ? (known ??
          (await registerClient(daemon.network.fetch, issuer, {
            redirectUri: settings.redirectUri,
            scope: settings.scope,
            clientName: CLIENT_NAME,
          })))
        : { clientId, clientSecret: undefined };
    const secret = givenSecret ?? client.clientSecret?.reveal();
    if (secret !== undefined) {
      await keychain.replace({ purpose: "client-secret", accountId: id }, keychainValue(secret));
    }
    return {
      ...settings,
      id,
      clientId: client.clientId,
      hasClientSecret: secret !== undefined,
      tokenAccess: false,
    };
  }

  /** Within the queue: somebody else may be changing another of its settings. */
  async function changeAccount(id: string, edit: (account: Account) => Account): Promise<Account> {
    let changed: Account | undefined;
    await config.change((current) => {
      const account = accountsOf(current).find((one) => one.id === id);
      if (account === undefined) throw new PosternError("account-unknown");
      const edited = edit(account);
      refuseTwins(accountsOf(current), edited);
      changed = edited;
      return { ...current, accounts: current.accounts.map((one) => (one.id === id ? edited : one)) };
    });
    daemon.events.accountChanged(id);
    if (changed === undefined) throw new PosternError("account-unknown");
    return changed;
  }

  async function tokenEndpointOf(account: Account): Promise<string> {
    if (account.kind === "password") return NO_TOKEN_ENDPOINT;
    const configuration = await daemon.servers.configure(await daemon.settings(account));
    return configuration.serverMetadata().token_endpoint ?? "";
  }

  return {
    async "account.discover"(request) {
      const { fetch, mailRoute: route } = daemon.network;
      const found = await discover({ resolveService, resolveMail, fetch, clock, route }, request);
      if (found.kind !== "oauth" || found.provider === undefined) return found;
      let client: KnownClient | undefined;
      try {
        client = await daemon.clientIds.of(found.provider, found.issuer);
      } catch (thrown) {
        // Whoever names a client id of their own needs none of these.
        const { message } = toPosternError(thrown);
        return { ...found, trail: [...found.trail, `no client id could be looked up: ${message}`] };
      }
      if (client === undefined) return found;
      return {
        ...found,
        ...(request.issuer === undefined ? ofTenant(found.provider, client.tenant) : {}),
        clientIdFrom: client.from,
        trail: [...found.trail, CLIENT_ID_FROM[client.from]],
      };
    },

    async "account.add"({ settings, clientSecret }) {
      const id = randomBytes(8).toString("hex");
      const refusal = forbidden(await usablePolicy(policy), settings);
      if (refusal !== undefined) throw refusal;
      refuseTwins(accountsOf(config.current()), { id, email: settings.email, localUser: settings.localUser });
      const account: Account =
        settings.kind === "password" ? { ...settings, id } : await registered(settings, id, clientSecret);
      await config.change((current) => {
        refuseTwins(accountsOf(current), account);
        return { ...current, accounts: [...current.accounts, account] };
      });
      daemon.events.accountChanged(account.id);
      return viewAccount(daemon, account);
    },

    "account.show": async ({ email }) => viewAccount(daemon, accountOf(email)),

    async "account.change"({ email, changes }) {
      const account = await changeAccount(accountOf(email).id, (before) => applyChanges(before, changes));
      return viewAccount(daemon, account);
    },

    async "account.trust"({ email, hosts }) {
      const account = accountOf(email);
      daemon.trustedHosts.noteTokenEndpoint(account, await tokenEndpointOf(account));
      const changed = await daemon.trustedHosts.change(account);
      if (changed === undefined) {
        throw new PosternError("request-invalid", { detail: "the hosts are those of the sign-in" });
      }
      // Nobody agrees to what nobody has shown them: also the token endpoint may be news.
      if (changed.now.join() !== hosts.join()) {
        daemon.events.accountChanged(account.id);
        throw hostsChanged(changed);
      }
      await daemon.trustedHosts.trust(account, await tokenEndpointOf(account));
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
      // The account is gone whatever the keychain says: a person must be able to remove what they cannot unlock.
      const leftInKeychain = await daemon.forgetSignIn(account, "client-secret");
      daemon.events.accountRemoved(account.email);
      return { leftInKeychain };
    },
  };
}

const CLIENT_ID_FROM = {
  registration: "the client id is the one that you have registered there",
  policy: "the client id is your administrator's",
  build: "the client id came with this Postern",
} as const;

/** The addresses of somebody's own tenant in place of everybody's. */
function ofTenant(
  provider: string,
  tenant: string | undefined,
): Partial<Pick<Discovery, "issuer" | "endpoints">> {
  const preset = findPreset(provider);
  if (tenant === undefined || preset?.kind !== "oauth") return {};
  const addresses = impliedOAuth(preset, { tenant }).addresses;
  return addresses === undefined ? {} : { issuer: addresses.issuer, endpoints: { ...addresses.endpoints } };
}

/**
 * Null takes a setting away, undefined leaves it.
 * @throws PosternError `request-invalid` for a setting that this kind of account does not have
 */
function applyChanges(account: Account, changes: Request<"account.change">["changes"]): Account {
  const { tokenAccess, owner, ...names } = changes;
  const changed = Object.fromEntries(
    Object.entries(names)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, value ?? undefined]),
  );
  if (account.kind === "oauth") {
    return {
      ...account,
      ...changed,
      tokenAccess: tokenAccess ?? account.tokenAccess,
      ...(owner === undefined ? {} : { owner: owner ?? undefined }),
    };
  }
  if (tokenAccess === undefined && owner === undefined) return { ...account, ...changed };
  throw new PosternError("request-invalid", { detail: "an account with a password has no such setting" });
}
