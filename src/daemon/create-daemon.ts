// Wires the rooms together; decides nothing. Read it to see who knows whom.

import { join } from "node:path";
import type { Account, OAuthAccount } from "../account/account.ts";
import { createDirectory } from "../account/directory.ts";
import { createLoginThrottle } from "../account/login-throttle.ts";
import type { Clock } from "../clock/clock.ts";
import { PosternError } from "../errors/postern-error.ts";
import { BUILT_IN_CLIENT_IDS } from "../installation/built-in-client-ids.ts";
import type { Home } from "../installation/home.ts";
import {
  type AuthorizationServers,
  createAuthorizationServers,
} from "../oauth/client/authorization-server.ts";
import { refineEndedSignIn } from "../oauth/client/explain.ts";
import { refresh } from "../oauth/client/refresh-token-grant.ts";
import type { OAuthClientSettings } from "../oauth/client/settings.ts";
import type { EntryName, Keychain } from "../oauth/keychain/keychain.ts";
import { createTokenBroker, type TokenBroker } from "../oauth/token/broker.ts";
import { createRefreshJournal } from "../oauth/token/refresh-journal.ts";
import { createRefreshLock } from "../oauth/token/refresh-lock.ts";
import { createSignIns, type SignIns } from "../oauth/token/sign-in.ts";
import type { PolicySource } from "../policy/policy-source.ts";
import { explainByProvider } from "../provider/explain-error.ts";
import { createKeywordCache } from "../proxy/keyword-cache.ts";
import { createMailProxy, type MailProxy } from "../proxy/mail-proxy.ts";
import { probeMailbox } from "../proxy/mailbox-probe.ts";
import { createOutages, type Outages } from "../proxy/outages.ts";
import type { UpstreamCredential } from "../proxy/upstream-connection.ts";
import { createUpstreamLogins, type UpstreamLogins, type UpstreamParts } from "../proxy/upstream-login.ts";
import { clientSecret } from "../secret/secret.ts";
import type { Document } from "../storage/document.ts";
import { trustAuthorities } from "./authorities.ts";
import { type ClientIds, createClientIds } from "./client-ids.ts";
import { accountsOf, type Config } from "./config/config.ts";
import { createRegistrations, type Registrations } from "./config/registrations.ts";
import type { State } from "./config/state.ts";
import { type ConnectionBook, createConnectionBook } from "./connections.ts";
import { createEvents, type Events } from "./events.ts";
import { createKeychainLeftovers } from "./keychain-leftovers.ts";
import type { Log } from "./log.ts";
import { createMachineWatch, type MachineWatch } from "./machine-watch.ts";
import { createNetwork, type Network } from "./network.ts";
import { createPasswordBook, type PasswordBook } from "./password-book.ts";
import { forbidden } from "./policy-rules.ts";
import { readProxyPassword } from "./proxy-credentials.ts";
import { createRecorder } from "./recorder.ts";
import { createSettingsInForce, type SettingsInForce, type SettingsParts } from "./settings-in-force.ts";
import { createSignInFlows, type StartedFlow } from "./sign-in-flows.ts";
import { takeSnapshot, viewAccount, viewMachine } from "./snapshot.ts";
import { createTrustedHosts, type TrustedHosts } from "./trusted-hosts.ts";
import { createUpstreamPasswords, type UpstreamPasswords } from "./upstream-passwords.ts";
import { createUpstreamUsers } from "./upstream-users.ts";

export interface DaemonParts {
  readonly home: Home;
  /** The user's own, whatever home: for locks between all of this user's processes. */
  readonly lockFolder: string;
  readonly config: Document<Config>;
  readonly state: Document<State>;
  readonly keychain: Keychain;
  readonly clock: Clock;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly policy: PolicySource;
  /** What the command line says instead of the configuration. */
  readonly givenPorts: SettingsParts["givenPorts"];
  /** 0 to 1. */
  random(): number;
}

/** The services that the control handlers and the lifecycle use. */
export interface Daemon {
  readonly parts: DaemonParts;
  readonly broker: TokenBroker;
  readonly signIns: SignIns<StartedFlow>;
  readonly servers: AuthorizationServers;
  readonly network: Network;
  readonly trustedHosts: TrustedHosts;
  /** How far somebody is on the way to a client id; `clientOf` is what `account add` takes. */
  readonly registrations: Registrations;
  readonly clientIds: ClientIds;
  readonly settingsInForce: SettingsInForce;
  /** Whether the account may be used. @throws PosternError `policy-forbids`, `account-hosts-changed`, `keychain-…` */
  mayUse(account: Account): Promise<void>;
  readonly upstreamPasswords: UpstreamPasswords;
  /** Forgets what opens the mailbox, and other entries of the account. Gives whether the keychain still has some of it. */
  forgetSignIn(account: Account, ...also: EntryName["purpose"][]): Promise<boolean>;
  /** What opens the account's mailbox at the provider. @throws PosternError `signed-out`, `sign-in-…`, `keychain-…` … */
  credential(account: Account): Promise<UpstreamCredential>;
  /** What signing in to an account takes. @throws PosternError `keychain-…` */
  settings(account: OAuthAccount): Promise<OAuthClientSettings>;
  readonly outages: Outages;
  readonly passwords: PasswordBook;
  readonly logins: UpstreamLogins;
  readonly proxy: MailProxy;
  readonly events: Events;
  readonly connections: ConnectionBook;
  readonly machine: MachineWatch;
  readonly startedAt: number;
}

export function createDaemon(parts: DaemonParts): Daemon {
  const { config, state, keychain, clock, log, policy } = parts;
  const settingsInForce = createSettingsInForce({
    config,
    keychain,
    policy: () => policy.current().policy,
    givenPorts: parts.givenPorts,
    trust: trustAuthorities,
    forgetProxyPassword: () => network.forgetProxyPassword(),
    move: (ports) => proxy.move(ports),
  });
  const network = createNetwork({
    settings: settingsInForce.current,
    env: parts.env,
    clock,
    proxyPassword: (setting) => readProxyPassword(keychain, setting),
  });
  const servers = createAuthorizationServers(clock, network.fetch);
  const trustedHosts = createTrustedHosts({
    keychain,
    signedInAt: (accountId) => state.current().signIns[accountId]?.at,
  });
  const registrations = createRegistrations({
    path: join(parts.home.folder, "registrations.json"),
    keychain,
    clock,
  });
  const clientIds = createClientIds({
    registrations,
    policy,
    builtIn: BUILT_IN_CLIENT_IDS,
  });
  const leftovers = createKeychainLeftovers(keychain, state, clock);
  void leftovers.retry();
  const accounts = (): readonly Account[] => accountsOf(config.current());

  const mayUse = async (account: Account): Promise<void> => {
    const refusal = forbidden(policy.current().policy, account);
    if (refusal !== undefined) throw refusal;
    await trustedHosts.check(account);
  };
  const accountById = (accountId: string): Account => {
    const account = accounts().find(({ id }) => id === accountId);
    if (account === undefined) throw new PosternError("account-unknown");
    return account;
  };
  const oauthAccountById = (accountId: string): OAuthAccount => {
    const account = accountById(accountId);
    if (account.kind !== "oauth") throw new PosternError("flow-not-offered", { detail: "it has a password" });
    return account;
  };

  const events = createEvents({
    clock,
    snapshot: () => takeSnapshot(daemon),
    async viewAccount(accountId) {
      const account = accounts().find(({ id }) => id === accountId);
      return account && viewAccount(daemon, account);
    },
    viewMachine: () => viewMachine(daemon),
    onReader: () => connections.countSoon(),
  });
  const connections = createConnectionBook({
    clock,
    hasReaders: events.hasReaders,
    onChange: events.connectionChanged,
  });
  const recorder = createRecorder(log, events, connections);

  /** What signing in takes, with the client secret from the keychain where there is one. */
  const settingsOf = async (account: OAuthAccount): Promise<OAuthClientSettings> => {
    const secret = account.hasClientSecret
      ? await keychain.read({ purpose: "client-secret", accountId: account.id })
      : undefined;
    return {
      issuer: account.issuer,
      endpoints: account.endpoints,
      clientId: account.clientId,
      clientSecret: secret === undefined ? undefined : clientSecret(secret.current.value.reveal()),
      scope: account.scope,
      redirectUri: account.redirectUri,
      authorizationParameters: account.authorizationParameters,
      verificationHosts: account.verificationHosts,
    };
  };

  /** The provider calls this a public client, which must not send one. */
  const forgetClientSecret = (account: Account): void => {
    const forgetting = config
      .change((current) => ({
        ...current,
        accounts: current.accounts.map((one) =>
          one.id === account.id && one.kind === "oauth" ? { ...one, hasClientSecret: false } : one,
        ),
      }))
      .then(() => keychain.remove({ purpose: "client-secret", accountId: account.id }));
    forgetting.then(
      () => log.warn({ account: account.email }, "the provider wants no client secret; it was forgotten"),
      (error: unknown) => log.warn({ error }, "the unwanted client secret could not be forgotten"),
    );
  };

  const broker = createTokenBroker({
    keychain,
    journal: createRefreshJournal(parts.home.journalFolder),
    lock: createRefreshLock(parts.lockFolder, clock),
    clock,
    random: parts.random,
    wasSignedIn: (accountId) => state.current().signIns[accountId] !== undefined,
    refresh: async (accountId, current, keep) => {
      const account = oauthAccountById(accountId);
      await mayUse(account);
      const settings = await settingsOf(account);
      const trustedTokenEndpoint = await trustedHosts.tokenEndpoint(account);
      if (account.endpoints === undefined) {
        const { token_endpoint = "" } = (await servers.configure(settings)).serverMetadata();
        trustedHosts.noteTokenEndpoint(account, token_endpoint);
      }
      const tokens = await refresh(servers, { ...settings, trustedTokenEndpoint }, current, keep, () =>
        forgetClientSecret(account),
      );
      if (trustedTokenEndpoint === undefined) await trustedHosts.trust(account, tokens.tokenEndpoint);
      return tokens;
    },
    refine: (accountId, error) =>
      refineEndedSignIn(error, {
        issuer: oauthAccountById(accountId).issuer,
        signedInAt: state.current().signIns[accountId]?.at ?? 0,
        now: clock.now(),
      }),
    onChange: (accountId) => recorder.token(accountId, broker.outage(accountId)?.error),
  });

  const outages = createOutages(clock, events.accountChanged);
  const users = createUpstreamUsers(state, (error) =>
    log.warn({ error }, "a user name could not be noted down"),
  );
  const upstreamPasswords = createUpstreamPasswords({
    keychain,
    clock,
    wasSignedIn: (accountId) => state.current().signIns[accountId] !== undefined,
    onChange: (accountId) => recorder.token(accountId, undefined),
  });
  const upstream: UpstreamParts = {
    async credential(account, protocol, rejected) {
      // What a person has signed out of may still lie in a keychain that could not be reached.
      if (state.current().signIns[account.id] === undefined) throw new PosternError("signed-out");
      const refused = rejected?.credential;
      if (account.kind === "password") {
        const again = refused?.kind === "password" ? { ...refused, detail: rejected?.detail } : undefined;
        const password = await upstreamPasswords.password(account.id, protocol, again);
        return { kind: "password", password };
      }
      const token = refused?.kind === "bearer" ? refused.accessToken : undefined;
      return { kind: "bearer", accessToken: await broker.accessToken(account.id, token) };
    },
    outages,
    clock,
    users,
    route: network.mailRoute,
    explain: ({ provider }, protocol, error) => explainByProvider(provider, protocol, error),
    checkHosts: mayUse,
  };

  const signIns = createSignIns<StartedFlow>({
    clock,
    prepareKeychain: () => keychain.prepare(),
    ...createSignInFlows({
      clock,
      state,
      servers,
      trustedHosts: { ...trustedHosts, check: mayUse },
      broker: () => broker,
      account: accountById,
      settings: settingsOf,
      passwords: upstreamPasswords,
      probe: (account, credential) => probeMailbox(upstream, account, credential),
      forgetSignIn: (account) => daemon.forgetSignIn(account),
      forgetOutages: (accountId) => outages.forget(accountId),
    }),
    onEnd: (accountId, failure) => {
      const email = accounts().find(({ id }) => id === accountId)?.email ?? accountId;
      recorder.signInEnded(accountId, email, failure);
    },
  });

  const logins = createUpstreamLogins(upstream);
  const passwords = createPasswordBook(state, clock);

  const keywords = createKeywordCache({
    clock,
    ask: logins.smtpKeywords,
    stored: (accountId) => state.current().smtpKeywords[accountId],
    store: (accountId, list) => {
      const change = state.change((current) => ({
        ...current,
        smtpKeywords: { ...current.smtpKeywords, [accountId]: [...list] },
      }));
      change.catch((error: unknown) => log.warn({ error }, "the EHLO keywords could not be noted down"));
    },
  });

  const proxy = createMailProxy({
    directory: createDirectory(accounts, passwords.records),
    throttle: createLoginThrottle(clock),
    logins,
    keywords,
    clock,
    outages,
    broker,
    isStrict: () => settingsInForce.current().failureStyle === "strict",
    onEvent: (connection, event) => {
      if (event.kind === "logged-in") {
        passwords.used(event.account.id, event.passwordName);
        upstreamPasswords.worked(event.account.id, connection.protocol);
      }
      recorder.connection(connection, event);
    },
    onListenerChange: recorder.listener,
    onBug: (error) => log.error({ error }, "a connection failed in a way that Postern did not expect"),
  });

  const machine = createMachineWatch({
    clock,
    letSessionsGo: proxy.letSessionsGo,
    forgetOutages() {
      outages.forgetNetwork();
      for (const { id } of accounts()) {
        if (broker.outage(id)?.error.entry.category === "network") broker.retry(id);
      }
    },
    onChange(what) {
      log.info({ what }, "the machine or its network has changed");
      for (const { id } of accounts()) events.accountChanged(id);
    },
  });

  const daemon: Daemon = {
    parts,
    broker,
    signIns,
    servers,
    network,
    trustedHosts,
    registrations,
    clientIds,
    settingsInForce,
    mayUse,
    settings: settingsOf,
    upstreamPasswords,
    credential: (account) => upstream.credential(account, "imap"),
    async forgetSignIn(account, ...also) {
      const secrets = account.kind === "oauth" ? broker : upstreamPasswords;
      const secret = account.kind === "oauth" ? "refresh-token" : "upstream-password";
      const forgotten = await secrets.forget(account.id).then(
        () => true,
        () => false,
      );
      const purposes: EntryName["purpose"][] = ["trusted-hosts", ...also];
      if (!forgotten) purposes.push(secret);
      trustedHosts.forget(account.id);
      return leftovers.remove(account.id, purposes);
    },
    outages,
    passwords,
    logins,
    proxy,
    events,
    connections,
    machine,
    startedAt: clock.now(),
  };
  return daemon;
}
