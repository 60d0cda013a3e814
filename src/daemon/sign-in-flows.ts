// How a sign-in is begun, judged and kept: the flows of oauth/client, put together with the account, the mailbox and
// what was noted down. Invariant: nothing is kept of a sign-in that grants no mail, or whose mailbox refuses it.
import {
  type Account,
  isOwner,
  type OAuthAccount,
  type PasswordAccount,
  tokenOwner,
} from "../account/account.ts";
import type { Clock } from "../clock/clock.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { startAuthorization } from "../oauth/client/authorization-code-grant.ts";
import type { AuthorizationServers } from "../oauth/client/authorization-server.ts";
import { startDeviceAuthorization } from "../oauth/client/device-authorization-grant.ts";
import { type Flow, orderFlows } from "../oauth/client/flow-order.ts";
import { describeMissing, grantsNoMail, missingScopes } from "../oauth/client/granted-scope.ts";
import { importRefreshToken } from "../oauth/client/refresh-token-import.ts";
import type { Accept, Acceptance, IssuedTokens, OAuthClientSettings } from "../oauth/client/settings.ts";
import { askIdentity } from "../oauth/client/userinfo.ts";
import type { TokenBroker } from "../oauth/token/broker.ts";
import type { Begun, Judgement, SignInOptions, SignInParts } from "../oauth/token/sign-in.ts";
import { explainByProvider } from "../provider/explain-error.ts";
import type { UpstreamCredential } from "../proxy/upstream-connection.ts";
import { upstreamPassword } from "../secret/secret.ts";
import type { Document } from "../storage/document.ts";
import type { State } from "./config/state.ts";
import { NO_TOKEN_ENDPOINT, type TrustedHosts } from "./trusted-hosts.ts";
import type { UpstreamPasswords } from "./upstream-passwords.ts";

/** What a person must be shown, by flow. */
export type StartedFlow =
  | {
      readonly flow: "loopback" | "paste";
      readonly authorizationUrl: string;
      readonly redirectUri: string;
      readonly otherFlows: Flow[];
    }
  | {
      readonly flow: "device";
      readonly userCode: string;
      readonly verificationUri: string;
      readonly verificationUriComplete?: string;
      readonly expiresAt: number;
      readonly otherFlows: Flow[];
    }
  | { readonly flow: "import" | "password" };

export interface FlowParts {
  readonly clock: Clock;
  readonly state: Document<State>;
  readonly servers: AuthorizationServers;
  readonly trustedHosts: TrustedHosts;
  /** Asked late, since it needs the sign-ins itself. */
  broker(): TokenBroker;
  /** @throws PosternError `account-unknown` where the account was removed meanwhile */
  account(accountId: string): Account;
  /** @throws PosternError `keychain-…` */
  settings(account: OAuthAccount): Promise<OAuthClientSettings>;
  readonly passwords: UpstreamPasswords;
  /** Whether the account's mailbox lets somebody in with this. */
  probe(account: Account, credential: UpstreamCredential): Promise<"accepted" | PosternError>;
  forgetSignIn(account: Account): Promise<unknown>;
  /** A refusal of the former sign-in says nothing about this one. */
  forgetOutages(accountId: string): void;
}

const NOT_CHECKED =
  "Whose mailbox this is could not be checked: the provider does not say, and the mail server could not be asked.";

export function createSignInFlows(
  parts: FlowParts,
): Pick<SignInParts<StartedFlow>, "begin" | "judge" | "keep"> {
  const { clock, servers, state } = parts;

  async function begin(
    accountId: string,
    options: SignInOptions,
    accept: Accept,
  ): Promise<Begun<StartedFlow>> {
    const account = parts.account(accountId);
    // A new sign-in is no agreement to hosts that nobody has looked at.
    await parts.trustedHosts.check(account);
    if (account.kind === "password") return beginPassword(account, options);
    if (options.flow === "password") {
      throw new PosternError("flow-not-offered", { detail: "this account signs in with OAuth" });
    }
    const trustedTokenEndpoint = await parts.trustedHosts.tokenEndpoint(account);
    const settings = { ...(await parts.settings(account)), trustedTokenEndpoint };
    if (options.flow === "import") {
      const { refreshToken } = options;
      if (refreshToken === undefined) {
        throw new PosternError("request-invalid", { detail: "there is no refresh token to import" });
      }
      const attempt = importRefreshToken({ servers, settings, refreshToken, accept });
      return { started: { flow: "import" }, attempt };
    }

    const metadata = (await servers.configure(settings)).serverMetadata();
    const order = orderFlows({
      issuer: settings.issuer,
      browserHere: options.browserHere,
      offersDevice: metadata.device_authorization_endpoint !== undefined,
      redirectUri: settings.redirectUri,
    });
    const flow = options.flow === "auto" ? order[0] : options.flow;
    const otherFlows = order.filter((other) => other !== flow);
    if (flow === "device") {
      const { verificationHost } = options;
      const attempt = await startDeviceAuthorization({ servers, settings, clock, accept, verificationHost });
      const { userCode, verificationUri, verificationUriComplete, expiresAt } = attempt;
      return {
        attempt,
        started: {
          flow,
          userCode,
          verificationUri,
          ...(verificationUriComplete === undefined ? {} : { verificationUriComplete }),
          expiresAt,
          otherFlows,
        },
      };
    }
    if (flow === "loopback" && !order.includes("loopback")) {
      throw new PosternError("flow-not-offered", {
        detail: `${settings.redirectUri} is no address that Postern can listen at`,
      });
    }
    const attempt = await startAuthorization({
      servers,
      settings,
      loginHint: tokenOwner(account),
      clock,
      accept,
      redirectPort: options.redirectPort,
      claims: await claimsFor(accountId),
    });
    const { authorizationUrl, redirectUri } = attempt;
    return {
      attempt,
      started: { flow: flow === "paste" ? "paste" : "loopback", authorizationUrl, redirectUri, otherFlows },
    };
  }

  /** The mailbox judges the password, and only one that opens it is kept. */
  function beginPassword(account: PasswordAccount, { flow, password }: SignInOptions): Begun<StartedFlow> {
    if (flow !== "password" || password === undefined) {
      throw new PosternError("flow-not-offered", { detail: "this account takes the mailbox's password" });
    }
    let isCancelled = false;
    const checked = async (): Promise<Acceptance> => {
      // Whoever changed the hosts waits for this password: first a person agrees to them (threats.md G1).
      await parts.trustedHosts.check(account);
      const credential = { kind: "password", password: upstreamPassword(password) } as const;
      const probed = await parts.probe(account, credential);
      if (probed !== "accepted") throw explainByProvider(account.provider, "imap", probed);
      if (isCancelled) throw new PosternError("sign-in-cancelled");
      await parts.passwords.keep(account.id, password);
      await parts.trustedHosts.trust(account, NO_TOKEN_ENDPOINT);
      parts.forgetOutages(account.id);
      await note(account.id, undefined, []);
      await forgetIfRemoved(account);
      return { kind: "kept" };
    };
    const cancel = (): void => {
      isCancelled = true;
    };
    return {
      started: { flow: "password" },
      attempt: { completed: checked(), cancel },
    };
  }

  function note(accountId: string, identity: string | undefined, missing: readonly string[]): Promise<void> {
    return state.change((current) => ({
      ...current,
      signIns: {
        ...current.signIns,
        [accountId]: {
          at: clock.now(),
          ...(identity === undefined ? {} : { identity }),
          missingScopes: [...missing],
          workingUsers: {},
        },
      },
    }));
  }

  /** Where the account was removed while its sign-in was being stored, nothing of it stays. */
  async function forgetIfRemoved(account: Account): Promise<void> {
    try {
      parts.account(account.id);
    } catch (thrown) {
      await parts.forgetSignIn(account);
      await state.change((current) => {
        const { [account.id]: _gone, ...signIns } = current.signIns;
        return { ...current, signIns };
      });
      throw thrown;
    }
  }

  /** Of an attempt that began with OAuth. */
  function oauthAccount(accountId: string): OAuthAccount {
    const account = parts.account(accountId);
    if (account.kind === "oauth") return account;
    throw new PosternError("account-unknown");
  }

  /** What the authorization server wanted to find in the next request, when it refused the last one. */
  async function claimsFor(accountId: string): Promise<string | undefined> {
    const report = await parts
      .broker()
      .look(accountId)
      .catch(() => undefined);
    if (report?.state.kind === "needs-attention") return report.state.error.claims;
    return report?.outage?.error.claims;
  }

  async function judge(accountId: string, tokens: IssuedTokens, options: SignInOptions): Promise<Judgement> {
    const account = oauthAccount(accountId);
    const settings = await parts.settings(account);
    if (grantsNoMail(settings.scope, tokens.scope)) {
      throw new PosternError("scope-not-granted", { detail: `granted: ${tokens.scope ?? "nothing"}` });
    }
    const identity = tokens.identity ?? (await identityFromServer(settings, tokens));
    if (identity !== undefined) {
      return isOwner(account, identity) ? { kind: "owner", identity } : { kind: "somebody-else", identity };
    }
    if (options.anyIdentity) return { kind: "owner", identity: undefined };
    const probed = await parts.probe(account, { kind: "bearer", accessToken: tokens.accessToken });
    // A mail server that cannot be asked now says nothing against the person; one that opens no mailbox does.
    if (probed !== "accepted" && (!probed.temporary || probed.code === "mailbox-not-connected")) throw probed;
    return { kind: "owner", identity: undefined, notices: probed === "accepted" ? [] : [NOT_CHECKED] };
  }

  /** Undefined where the server does not say, or cannot be asked now: then the mailbox is asked. */
  async function identityFromServer(
    settings: OAuthClientSettings,
    tokens: IssuedTokens,
  ): Promise<string | undefined> {
    try {
      return await askIdentity(servers, settings, tokens);
    } catch (thrown) {
      const error = toPosternError(thrown);
      if (error.code === "sign-in-answer-refused") throw error;
      return undefined;
    }
  }

  async function keep(
    accountId: string,
    tokens: IssuedTokens,
    identity: string | undefined,
  ): Promise<readonly string[]> {
    // Throws where the account was removed while its person was in the browser.
    const account = oauthAccount(accountId);
    // In this order: a crash in between leaves new tokens that go nowhere, and never old ones that go to new hosts.
    await parts.broker().signedIn(accountId, tokens);
    await parts.trustedHosts.trust(account, tokens.tokenEndpoint);
    parts.forgetOutages(accountId);
    const missing = missingScopes(account.scope, tokens.scope);
    await note(accountId, identity, missing);
    await forgetIfRemoved(account);
    return describeMissing(missing);
  }

  return { begin, judge, keep };
}
