// Wires the rooms together; decides nothing. Read it to see who knows whom.

import { type Account, isOwner } from "../account/account.ts";
import { createDirectory } from "../account/directory.ts";
import { createLoginThrottle } from "../account/login-throttle.ts";
import type { Clock } from "../clock/clock.ts";
import { PosternError } from "../errors/postern-error.ts";
import type { Home } from "../installation/home.ts";
import { startAuthorization } from "../oauth/client/authorization-code-grant.ts";
import { createAuthorizationServers } from "../oauth/client/authorization-server.ts";
import { refresh } from "../oauth/client/refresh-token-grant.ts";
import type { OAuthClientSettings } from "../oauth/client/settings.ts";
import type { Keychain } from "../oauth/keychain/keychain.ts";
import { createTokenBroker, type TokenBroker } from "../oauth/token/broker.ts";
import { createRefreshJournal } from "../oauth/token/refresh-journal.ts";
import { createRefreshLock } from "../oauth/token/refresh-lock.ts";
import { createSignIns, type SignIns } from "../oauth/token/sign-in.ts";
import type { ConnectionEvent } from "../proxy/connection.ts";
import { createKeywordCache } from "../proxy/keyword-cache.ts";
import { createMailProxy, type MailProxy } from "../proxy/mail-proxy.ts";
import { createOutages, type MailProtocol, type Outages } from "../proxy/outages.ts";
import { createUpstreamLogins } from "../proxy/upstream-login.ts";
import { clientSecret } from "../secret/secret.ts";
import type { Document } from "../storage/document.ts";
import { accountsOf, type Config } from "./config/config.ts";
import type { State } from "./config/state.ts";
import type { Log } from "./log.ts";
import { createPasswordBook, type PasswordBook } from "./password-book.ts";

export interface DaemonParts {
  readonly home: Home;
  /** The user's own, whatever home: for locks between all of this user's processes. */
  readonly lockFolder: string;
  readonly config: Document<Config>;
  readonly state: Document<State>;
  readonly keychain: Keychain;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1. */
  random(): number;
}

/** The services that the control handlers and the lifecycle use. */
export interface Daemon {
  readonly parts: DaemonParts;
  readonly broker: TokenBroker;
  readonly signIns: SignIns;
  readonly outages: Outages;
  readonly passwords: PasswordBook;
  readonly proxy: MailProxy;
  readonly startedAt: number;
}

export function createDaemon(parts: DaemonParts): Daemon {
  const { config, state, keychain, clock, log } = parts;
  const servers = createAuthorizationServers(clock);
  const accounts = (): readonly Account[] => accountsOf(config.current());

  const accountById = (accountId: string): Account => {
    const account = accounts().find(({ id }) => id === accountId);
    if (account === undefined) throw new PosternError("account-unknown");
    return account;
  };

  /** What signing in takes, with the client secret from the keychain where there is one. */
  const settingsOf = async (account: Account): Promise<OAuthClientSettings> => {
    const secret = account.hasClientSecret
      ? await keychain.read({ purpose: "client-secret", accountId: account.id })
      : undefined;
    return {
      issuer: account.issuer,
      endpoints: account.endpoints,
      clientId: account.clientId,
      clientSecret: secret === undefined ? undefined : clientSecret(secret.current.value.reveal()),
      scope: account.scope,
      redirectPath: account.redirectPath,
    };
  };

  const broker = createTokenBroker({
    keychain,
    journal: createRefreshJournal(parts.home.journalFolder),
    lock: createRefreshLock(parts.lockFolder, clock),
    clock,
    random: parts.random,
    wasSignedIn: (accountId) => state.current().signedIn.includes(accountId),
    refresh: async (accountId, current, keep) =>
      refresh(servers, await settingsOf(accountById(accountId)), current, keep),
    onChange: (accountId) => {
      const outage = broker.outage(accountId);
      if (outage !== undefined) log.warn({ account: accountId, error: outage.error }, "no access token");
    },
  });

  const signIns = createSignIns({
    clock,
    prepareKeychain: () => keychain.prepare(),
    begin: async (accountId, accept) => {
      const account = accountById(accountId);
      const settings = await settingsOf(account);
      return startAuthorization({ servers, settings, loginHint: account.email, clock, accept });
    },
    accept: async (accountId, tokens, { anyIdentity }) => {
      // Throws where the account was removed while its person was in the browser.
      const account = accountById(accountId);
      if (!anyIdentity && !isOwner(account, tokens.identity)) {
        throw new PosternError("sign-in-as-somebody-else", {
          detail: `${tokens.identity}, not ${account.email}`,
        });
      }
      await broker.signedIn(accountId, tokens);
      // A refusal of the former sign-in says nothing about this one.
      outages.forget(accountId);
      await state.change((current) =>
        current.signedIn.includes(accountId)
          ? current
          : { ...current, signedIn: [...current.signedIn, accountId] },
      );
    },
    onEnd: (accountId, failure) => {
      if (failure === undefined) log.info({ account: accountId }, "signed in");
      else log.warn({ account: accountId, error: failure }, "sign-in ended");
    },
  });

  const outages = createOutages(clock);
  const logins = createUpstreamLogins({ broker, outages, clock });
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
    strict: config.current().settings.failureStyle === "strict",
    onEvent: (protocol, event) => {
      if (event.kind === "logged-in") passwords.used(event.account.id, event.passwordName);
      logEvent(log, protocol, event);
    },
    onListenerChange: (protocol, address, state) => {
      const isWell = state.kind === "listening" || state.kind === "closed" || state.kind === "absent";
      log[isWell ? "info" : "warn"]({ protocol, address, ...state }, `listener ${state.kind}`);
    },
    onBug: (error) => log.error({ error }, "a connection failed in a way that Postern did not expect"),
  });

  return { parts, broker, signIns, outages, passwords, proxy, startedAt: clock.now() };
}

function logEvent(log: Log, protocol: MailProtocol, event: ConnectionEvent): void {
  switch (event.kind) {
    case "logged-in":
      log.info({ protocol, account: event.account.email, password: event.passwordName }, "logged in");
      break;
    case "login-refused":
      log.warn({ protocol, error: event.error }, "wrong user name or local password");
      break;
    case "login-failed":
      log.warn({ protocol, account: event.account.email, error: event.error }, "login failed");
      break;
  }
}
