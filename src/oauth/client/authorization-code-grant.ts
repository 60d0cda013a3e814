// One sign-in by authorization code with PKCE on a loopback redirect (RFC 6749 §4.1, RFC 7636, RFC 8252, RFC 9207).
// Invariant: S256 always; verifier and nonce never leave this attempt; what comes back is used once or not at all.
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { Clock } from "../../clock/clock.ts";
import { PosternError } from "../../errors/postern-error.ts";
import type { AuthorizationServers } from "./authorization-server.ts";
import { explainOAuthFailure } from "./explain.ts";
import { toIssuedTokens } from "./issued-tokens.ts";
import { openRedirectListener, type RedirectListener } from "./redirect-listener.ts";
import type { IssuedTokens, OAuthClientSettings } from "./settings.ts";

/** How long a person may take in the browser, in milliseconds. */
const PATIENCE = 600_000;

export interface AuthorizationAttempt {
  /** Where the person's browser must go. */
  readonly authorizationUrl: string;
  /**
   * The tokens, once `accept` has taken them; the browser is told only after that.
   * @throws PosternError `sign-in-…`, `authorization-server-…`, `oauth-client-refused`, and whatever `accept` throws
   */
  readonly completed: Promise<IssuedTokens>;
  cancel(): void;
}

export interface AuthorizationRequest {
  readonly servers: AuthorizationServers;
  readonly settings: OAuthClientSettings;
  /** The address, so that the provider can fill it in. */
  readonly loginHint: string;
  readonly clock: Clock;
  /** Stores the tokens. */
  accept(tokens: IssuedTokens): Promise<void>;
}

/** @throws PosternError `authorization-server-…` when the URL cannot be built */
export async function startAuthorization(request: AuthorizationRequest): Promise<AuthorizationAttempt> {
  const { settings, clock } = request;
  let tokenRequested = false;
  const configuration = await request.servers.configure(settings, async () => {
    tokenRequested = true;
    return undefined;
  });

  const state = randomState();
  const nonce = randomNonce();
  const codeVerifier = randomPKCECodeVerifier();
  const listener = await openRedirectListener({ path: settings.redirectPath, state });
  const scopes = settings.scope.split(" ");
  let authorizationUrl: string;
  try {
    authorizationUrl = buildAuthorizationUrl(configuration, {
      redirect_uri: listener.redirectUri,
      scope: settings.scope,
      state,
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: "S256",
      login_hint: request.loginHint,
      ...(scopes.includes("openid") ? { nonce } : {}),
      // OpenID Connect Core §11: offline access is granted only with consent.
      ...(scopes.includes("offline_access") ? { prompt: "consent" } : {}),
    }).href;
  } catch (thrown) {
    listener.close();
    throw explainOAuthFailure(thrown, "discovery");
  }

  let over: PosternError | undefined;
  let rejectEnded: (reason: PosternError) => void = () => {};
  const ended = new Promise<never>((_resolve, reject) => {
    rejectEnded = reject;
  });
  const end = (reason: PosternError): void => {
    over ??= reason;
    rejectEnded(reason);
  };
  const cancelPatience = clock.schedule(PATIENCE, () => end(new PosternError("sign-in-timed-out")));

  const exchange = async (url: URL): Promise<IssuedTokens> => {
    try {
      const response = await authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        ...(scopes.includes("openid") ? { expectedNonce: nonce } : {}),
      });
      const tokens = toIssuedTokens(response, response.claims());
      if (tokens.refreshToken === undefined) throw new PosternError("sign-in-not-lasting");
      // Whoever was told that this sign-in is over must not find themselves signed in.
      if (over !== undefined) throw over;
      await request.accept(tokens);
      return tokens;
    } catch (thrown) {
      throw explainOAuthFailure(
        thrown,
        tokenRequested ? "token" : "authorization",
        codeVerifier,
        url.searchParams.get("code") ?? "",
        settings.clientSecret?.reveal() ?? "",
      );
    }
  };

  const completed = answering(
    listener,
    Promise.race([listener.response.then(exchange), ended]).finally(cancelPatience),
  );
  return {
    authorizationUrl,
    completed,
    cancel: () => end(new PosternError("sign-in-cancelled")),
  };
}

/** Tells the browser how it ended, and closes the listener. */
async function answering(listener: RedirectListener, outcome: Promise<IssuedTokens>): Promise<IssuedTokens> {
  try {
    const tokens = await outcome;
    listener.answer(undefined);
    return tokens;
  } catch (thrown) {
    listener.answer(thrown);
    throw thrown;
  } finally {
    listener.close();
  }
}
