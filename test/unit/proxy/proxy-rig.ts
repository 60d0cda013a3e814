// The mail proxy on real sockets, between mail programs and scripted mail servers inside TLS, with a clock that stands
// still. Invariant: every access token that is handed out has another number, and who got which is written down.
import type { Account, OAuthAccount } from "../../../src/account/account.ts";
import { createDirectory } from "../../../src/account/directory.ts";
import { hashLocalPassword } from "../../../src/account/local-password.ts";
import type { PosternError } from "../../../src/errors/postern-error.ts";
import { DIRECT, type Route } from "../../../src/network/route.ts";
import type { TokenBroker } from "../../../src/oauth/token/broker.ts";
import type { ConnectionEvent } from "../../../src/proxy/connection.ts";
import { createKeywordCache, type KeywordCache } from "../../../src/proxy/keyword-cache.ts";
import { createMailProxy, type MailProxy } from "../../../src/proxy/mail-proxy.ts";
import { createOutages, type Outages } from "../../../src/proxy/outages.ts";
import { createUpstreamLogins, type UpstreamLogins } from "../../../src/proxy/upstream-login.ts";
import type { UpstreamUsers } from "../../../src/proxy/upstream-names.ts";
import { type AccessToken, accessToken, localPassword } from "../../../src/secret/secret.ts";
import { createAccount } from "../../support/account.ts";
import { createTestAuthority, type IssuedCertificate } from "../../support/authority.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { connectRaw, logInToImap, logInToSmtp, type RawClient } from "../../support/raw-client.ts";
import { type Script, type ScriptedServer, startScriptedServer } from "../../support/scripted-server.ts";
import { imapUpstream, smtpUpstream } from "../../support/scripted-upstream.ts";
import { trustInThisProcess } from "../../support/trust.ts";

type Protocol = "imap" | "smtp";

export interface ProxyRig {
  readonly clock: FakeClock;
  readonly account: Account;
  readonly imap: ScriptedServer;
  readonly smtp: ScriptedServer;
  readonly outages: Outages;
  readonly logins: UpstreamLogins;
  readonly keywords: KeywordCache;
  readonly proxy: MailProxy;
  readonly events: readonly ConnectionEvent[];
  /** Of the names: what `worked` was told, by protocol. */
  readonly remembered: Map<Protocol, string>;
  /** The tokens that were handed out, in order. */
  readonly tokens: readonly string[];
  /** Resolves with the first event of this kind. */
  event<Kind extends ConnectionEvent["kind"]>(kind: Kind): Promise<ConnectionEvent & { kind: Kind }>;
  /** A mail program that is connected, nothing more. */
  connect(protocol: Protocol): Promise<RawClient>;
  /** One that has logged in. */
  loggedIn(protocol: Protocol): Promise<RawClient>;
  /** Logs in, or not: the answer to LOGIN. */
  attempt(): Promise<string>;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly account?: Partial<OAuthAccount>;
  readonly imap?: Script;
  readonly smtp?: Script;
  /** Under which other name the provider knows the person who signed in. */
  readonly alternative?: string;
  checkHosts?(account: Account): Promise<void>;
  route?(host: string, port: number): Promise<Route>;
}

const PASSWORD = "local-secret";

let certificate: Promise<IssuedCertificate> | undefined;

/** For localhost, vouched for by an authority that this process trusts. */
export function trustedCertificate(): Promise<IssuedCertificate> {
  certificate ??= createTestAuthority().then((authority) => {
    trustInThisProcess(authority);
    return authority.issue(["localhost", "127.0.0.1"]);
  });
  return certificate;
}

export async function startProxyRig(options: RigOptions = {}): Promise<ProxyRig> {
  const tls = await trustedCertificate();
  const clock = createFakeClock();
  const imap = await startScriptedServer({ tls, script: options.imap ?? imapUpstream() });
  const smtp = await startScriptedServer({ tls, script: options.smtp ?? smtpUpstream() });
  const account = createAccount({
    imap: { host: "localhost", port: imap.port, tls: "implicit" },
    smtp: { host: "localhost", port: smtp.port, tls: "implicit" },
    ...options.account,
  });

  const tokens: string[] = [];
  const broker = createNumberingBroker(tokens);
  const remembered = new Map<Protocol, string>();
  const users: UpstreamUsers = {
    remembered: (_account, protocol) => remembered.get(protocol),
    alternative: () => options.alternative,
    worked: (_account, protocol, user) => void remembered.set(protocol, user),
  };
  const outages = createOutages(clock);
  const logins = createUpstreamLogins({
    credential: async (one, _protocol, rejected) => ({
      kind: "bearer",
      accessToken: await broker.accessToken(
        one.id,
        rejected?.credential.kind === "bearer" ? rejected.credential.accessToken : undefined,
      ),
    }),
    outages,
    clock,
    users,
    explain: (_account, _protocol, error) => error,
    checkHosts: options.checkHosts ?? (async () => {}),
    route: options.route ?? (async () => DIRECT),
  });
  const learnt = new Map<string, readonly string[]>();
  const keywords = createKeywordCache({
    clock,
    ask: (one) => logins.smtpKeywords(one),
    stored: (accountId) => learnt.get(accountId),
    store: (accountId, list) => void learnt.set(accountId, list),
  });

  const events: ConnectionEvent[] = [];
  const waiting = new Set<() => void>();
  const bugs: unknown[] = [];
  const passwordRecord = hashLocalPassword(account.id, "laptop", localPassword(PASSWORD), 0);
  const proxy = createMailProxy({
    directory: createDirectory(
      () => [account],
      () => [passwordRecord],
    ),
    throttle: { failed: () => 0 },
    logins,
    keywords,
    clock,
    outages,
    broker,
    isStrict: () => false,
    onEvent(_protocol, event) {
      events.push(event);
      for (const look of waiting) look();
    },
    onListenerChange: () => {},
    onBug: (thrown) => bugs.push(thrown),
  });
  await proxy.open({ imap: 0, smtp: 0 });
  const ports = { imap: proxy.port("imap") ?? 0, smtp: proxy.port("smtp") ?? 0 };
  const clients: RawClient[] = [];
  const login = { email: account.email, password: PASSWORD };

  const rig: ProxyRig = {
    clock,
    account,
    imap,
    smtp,
    outages,
    logins,
    keywords,
    proxy,
    events,
    remembered,
    tokens,
    event: (kind) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find((event) => event.kind === kind);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found as ConnectionEvent & { kind: typeof kind });
        };
        waiting.add(look);
        look();
      }),
    async connect(protocol) {
      const client = await connectRaw(ports[protocol], { allowHalfOpen: true });
      clients.push(client);
      return client;
    },
    async loggedIn(protocol) {
      const client = await rig.connect(protocol);
      const reply = await (protocol === "imap" ? logInToImap(client, login) : logInToSmtp(client, login));
      if (!/^(?:OK|235) /.test(reply)) throw new Error(`not logged in: ${reply}`);
      return client;
    },
    async attempt() {
      return logInToImap(await rig.connect("imap"), login);
    },
    async close() {
      for (const { socket } of clients) socket.destroy();
      await Promise.all([proxy.close(), imap.close(), smtp.close()]);
      if (bugs.length > 0) throw bugs[0];
    },
  };
  return rig;
}

/** Hands out token-1, and the next one when that was rejected. */
function createNumberingBroker(tokens: string[]): Pick<TokenBroker, "accessToken" | "outage"> {
  let current: AccessToken | undefined;
  return {
    async accessToken(_accountId, rejected) {
      if (current === undefined || rejected?.equals(current)) {
        current = accessToken(`token-${tokens.length + 1}`);
        tokens.push(current.reveal());
      }
      return current;
    },
    outage: () => undefined,
  };
}

/** What status would tell of the account's mail servers. */
export function currentFailure({ outages, account }: ProxyRig): PosternError | undefined {
  return outages.current(account)?.error;
}
