// How a sign-in is begun, judged and kept: the flows of oauth/client, put together with the account, the mailbox and
// what was noted down. Invariant: nothing is kept of a sign-in that grants no mail, or whose mailbox refuses it.
import { type Account, isOwner, tokenOwner } from "../account/account.ts";
import type { Clock } from "../clock/clock.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { startAuthorization } from "../oauth/client/authorization-code-grant.ts";
import type { AuthorizationServers } from "../oauth/client/authorization-server.ts";
import { startDeviceAuthorization } from "../oauth/client/device-authorization-grant.ts";
import { type Flow, orderFlows } from "../oauth/client/flow-order.ts";
import { describeMissing, grantsNoMail, missingScopes } from "../oauth/client/granted-scope.ts";
import { importRefreshToken } from "../oauth/client/refresh-token-import.ts";
import type { Accept, IssuedTokens, OAuthClientSettings } from "../oauth/client/settings.ts";
import { askIdentity } from "../oauth/client/userinfo.ts";
import type { TokenBroker } from "../oauth/token/broker.ts";
import type { Begun, Judgement, SignInOptions, SignInParts } from "../oauth/token/sign-in.ts";
import type { AccessToken } from "../secret/secret.ts";
import type { Document } from "../storage/document.ts";
import type { State } from "./config/state.ts";
import type { TrustedHosts } from "./trusted-hosts.ts";

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
  | { readonly flow: "import" };

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
  settings(account: Account): Promise<OAuthClientSettings>;
  /** Whether the account's mailbox lets this access token in. */
  probe(account: Account, accessToken: AccessToken): Promise<"accepted" | PosternError>;
  /** A refusal of the former sign-in says nothing about this one. */
  forgetOutages(accountId: string): void;
}

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
    // Signing in once more is no agreement to hosts that nobody has looked at.
    await parts.trustedHosts.check(account);
    const settings = await parts.settings(account);
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
    const account = parts.account(accountId);
    const settings = await parts.settings(account);
    if (grantsNoMail(settings.scope, tokens.scope)) {
      throw new PosternError("scope-not-granted", { detail: `granted: ${tokens.scope ?? "nothing"}` });
    }
    const identity = tokens.identity ?? (await identityFromServer(settings, tokens));
    if (identity !== undefined) {
      return isOwner(account, identity) ? { kind: "owner", identity } : { kind: "somebody-else", identity };
    }
    if (options.anyIdentity) return { kind: "owner", identity: undefined };
    const probed = await parts.probe(account, tokens.accessToken);
    // A mail server that cannot be asked now says nothing against the person; one that opens no mailbox does.
    if (probed !== "accepted" && (!probed.temporary || probed.code === "mailbox-not-connected")) throw probed;
    return { kind: "owner", identity: undefined };
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
    const account = parts.account(accountId);
    await parts.trustedHosts.trust(account, tokens.tokenEndpoint);
    await parts.broker().signedIn(accountId, tokens);
    parts.forgetOutages(accountId);
    const missing = missingScopes(account.scope, tokens.scope);
    await state.change((current) => ({
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
    return describeMissing(missing);
  }

  return { begin, judge, keep };
}
