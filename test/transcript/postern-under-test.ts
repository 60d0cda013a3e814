// The mail proxy with everything behind it that a transcript does not speak of: fixed accounts, passwords and tokens.
// Invariant: a wrong password is answered without delay here; nothing else differs from the daemon's wiring.
import type { Account } from "../../src/account/account.ts";
import { createDirectory } from "../../src/account/directory.ts";
import { hashLocalPassword } from "../../src/account/local-password.ts";
import { systemClock } from "../../src/clock/clock.ts";
import { PosternError } from "../../src/errors/postern-error.ts";
import type { TokenBroker } from "../../src/oauth/token/broker.ts";
import { createKeywordCache } from "../../src/proxy/keyword-cache.ts";
import { createMailProxy } from "../../src/proxy/mail-proxy.ts";
import { createOutages } from "../../src/proxy/outages.ts";
import { createUpstreamLogins } from "../../src/proxy/upstream-login.ts";
import { accessToken, localPassword } from "../../src/secret/secret.ts";
import type { Transcript } from "./format.ts";
import { parseFixedOctets } from "./octets.ts";

export interface PosternUnderTest {
  /** Of the listener for the transcript's protocol. */
  readonly port: number;
  /** How often somebody asked for an access token. */
  tokenRequests(): number;
  /** What the proxy calls a bug of its own. */
  readonly bugs: readonly unknown[];
  close(): Promise<void>;
}

export async function startPosternUnderTest(
  transcript: Transcript,
  upstreamPort: number,
): Promise<PosternUnderTest> {
  const clock = systemClock;
  const text = (written: string): string =>
    parseFixedOctets(written, { port: upstreamPort }).toString("utf8");
  const people = transcript.accounts.map((written, index) => {
    const [email = "", ...password] = text(written).split(" ");
    return { account: createAccount(transcript, `account-${index}`, email, upstreamPort), password };
  });
  const accounts = people.map(({ account }) => account);
  const records = people.map(({ account, password }) =>
    hashLocalPassword(account.id, "transcript", localPassword(password.join(" ")), 0),
  );

  let tokenRequests = 0;
  const broker = createStubBroker(transcript, text(transcript.token), () => {
    tokenRequests += 1;
  });
  const outages = createOutages(clock);
  const logins = createUpstreamLogins({
    credential: async (account, _protocol, rejected) => ({
      kind: "bearer",
      accessToken: await broker.accessToken(
        account.id,
        rejected?.credential.kind === "bearer" ? rejected.credential.accessToken : undefined,
      ),
    }),
    outages,
    clock,
    users: { remembered: () => undefined, alternative: () => undefined, worked: () => {} },
    explain: (_account, _protocol, error) => error,
    checkHosts: async () => {},
    route: async () => ({ kind: "direct" }),
  });
  const learnt = new Map(
    transcript.keywords === undefined
      ? []
      : accounts.map(({ id }) => [id, transcript.keywords] as [string, readonly string[]]),
  );
  const bugs: unknown[] = [];
  const proxy = createMailProxy({
    directory: createDirectory(
      () => accounts,
      () => records,
    ),
    throttle: { failed: () => 0 },
    logins,
    keywords: createKeywordCache({
      clock,
      stored: (accountId) => learnt.get(accountId),
      store: (accountId, keywords) => void learnt.set(accountId, keywords),
      ask: (account) => logins.smtpKeywords(account),
    }),
    clock,
    outages,
    broker,
    isStrict: () => transcript.style === "strict",
    onEvent: () => {},
    onListenerChange: () => {},
    onBug: (thrown) => bugs.push(thrown),
  });
  await proxy.open({ imap: 0, smtp: 0 });
  const port = proxy.port(transcript.protocol);
  if (port === undefined) throw new Error("the listener is not open");
  return { port, tokenRequests: () => tokenRequests, bugs, close: () => proxy.close() };
}

function createAccount(transcript: Transcript, id: string, email: string, port: number): Account {
  const server = { host: "127.0.0.1", port, tls: transcript.tls };
  return {
    kind: "oauth",
    id,
    email,
    issuer: "https://issuer.example.test",
    clientId: "transcript",
    hasClientSecret: false,
    scope: "mail",
    redirectUri: "http://127.0.0.1/callback",
    imap: server,
    smtp: server,
    mechanism: transcript.mechanism,
    tokenAccess: false,
  };
}

/** Hands out the transcript's token and, when that one was rejected, `second-token`; or fails as the transcript says. */
function createStubBroker(transcript: Transcript, firstToken: string, onRequest: () => void): TokenBroker {
  const never = (): never => {
    throw new Error("no transcript signs in or out");
  };
  return {
    async accessToken(_accountId, rejected) {
      onRequest();
      const failure = rejected === undefined ? transcript.broker : transcript.brokerRetry;
      if (failure !== undefined) throw new PosternError(failure);
      return accessToken(rejected === undefined ? firstToken : "second-token");
    },
    outage() {
      if (transcript.outage === undefined) return undefined;
      const now = systemClock.monotonic();
      const error = new PosternError(transcript.outage);
      return { error, since: now - 20_000, lastFailure: now, retryAt: now + 20_000, failures: 5 };
    },
    signedIn: never,
    forget: never,
    look: never,
    retry: never,
    refreshToken: never,
    close: never,
  };
}
