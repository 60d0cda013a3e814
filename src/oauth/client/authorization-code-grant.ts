// One sign-in by authorization code with PKCE (RFC 6749 §4.1, RFC 7636, RFC 8252, RFC 9207). The answer comes to a
// loopback redirect, or a person pastes it. Invariant: S256 always; verifier and nonce never leave this attempt; what
// comes back is used once or not at all.
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { Clock } from "../../clock/clock.ts";
import { PosternError } from "../../errors/postern-error.ts";
import type { AuthorizationServers } from "./authorization-server.ts";
import { explainOAuthFailure, hintForUnfinishedSignIn } from "./explain.ts";
import { isMicrosoft } from "./flow-order.ts";
import { requireSignature, toIssuedTokens } from "./issued-tokens.ts";
import { parsePastedAnswer } from "./pasted-answer.ts";
import { isLoopbackRedirect, openRedirectListener, type RedirectListener } from "./redirect-listener.ts";
import type { Accept, Acceptance, OAuthClientSettings, SignInAttempt } from "./settings.ts";

/** How long a person may take in the browser, in milliseconds. */
const PATIENCE = 600_000;

export interface AuthorizationAttempt extends SignInAttempt {
  /** Where the person's browser must go. */
  readonly authorizationUrl: string;
  /** Where the authorization server sends it back to. */
  readonly redirectUri: string;
  /**
   * Takes what a person pasted: the redirect URL, its query or the code.
   * @throws PosternError `answer-unusable`; then the attempt still waits
   */
  answer(text: string): void;
}

export interface AuthorizationRequest {
  readonly servers: AuthorizationServers;
  readonly settings: OAuthClientSettings;
  /** The address, so that the provider can fill it in. */
  readonly loginHint: string;
  readonly clock: Clock;
  readonly accept: Accept;
  /** Instead of any free one. */
  readonly redirectPort?: number | undefined;
  /** What the authorization server asked for when it refused the last token (Microsoft's `claims`). */
  readonly claims?: string | undefined;
}

/** What belongs to one attempt and to nobody else. */
interface Secrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** @throws PosternError `authorization-server-…` when the URL cannot be built, `redirect-port-taken` */
export async function startAuthorization(request: AuthorizationRequest): Promise<AuthorizationAttempt> {
  const { settings, clock } = request;
  let tokenRequested = false;
  const configuration = await request.servers.configure(settings, async () => {
    tokenRequested = true;
    return undefined;
  });
  const secrets: Secrets = {
    state: randomState(),
    nonce: randomNonce(),
    codeVerifier: randomPKCECodeVerifier(),
  };
  const listener = isLoopbackRedirect(settings.redirectUri)
    ? await openRedirectListener({
        registered: settings.redirectUri,
        port: request.redirectPort,
        state: secrets.state,
      })
    : undefined;
  const redirectUri = listener?.redirectUri ?? settings.redirectUri;
  let authorizationUrl: string;
  try {
    authorizationUrl = await formatAuthorizationUrl(request, configuration, secrets, redirectUri);
  } catch (thrown) {
    listener?.close();
    throw explainOAuthFailure(thrown, "discovery", { settings, redirectUri });
  }

  let over: PosternError | undefined;
  let isAnswered = false;
  let isAccepting = false;
  const ended = Promise.withResolvers<never>();
  const end = (reason: PosternError): void => {
    // Too late: what is being stored would be stored though somebody was told that it is over.
    if (isAccepting) return;
    over ??= reason;
    ended.reject(reason);
  };
  const pasted = Promise.withResolvers<URL>();
  const cancelPatience = clock.schedule(PATIENCE, () => end(hintForUnfinishedSignIn(settings.issuer)));

  const exchange = async (url: URL): Promise<Acceptance> => {
    isAnswered = true;
    try {
      const response = await authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: secrets.codeVerifier,
        expectedState: secrets.state,
        ...(isOpenId(settings) ? { expectedNonce: secrets.nonce } : {}),
      });
      requireSignature(response.id_token);
      const tokens = toIssuedTokens(configuration, response, response.claims());
      if (tokens.refreshToken === undefined) throw new PosternError("sign-in-not-lasting");
      // Whoever was told that this sign-in is over must not find themselves signed in.
      if (over !== undefined) throw over;
      isAccepting = true;
      return await request.accept(tokens);
    } catch (thrown) {
      throw explainOAuthFailure(thrown, tokenRequested ? "token" : "authorization", {
        settings,
        redirectUri,
        secrets: [
          secrets.codeVerifier,
          url.searchParams.get("code") ?? "",
          settings.clientSecret?.reveal() ?? "",
        ],
      });
    }
  };

  const response = Promise.race(
    listener === undefined ? [pasted.promise] : [listener.response, pasted.promise],
  );
  const outcome = Promise.race([response.then(exchange), ended.promise]).finally(cancelPatience);
  return {
    authorizationUrl,
    redirectUri,
    completed: listener === undefined ? outcome : answering(listener, outcome, request.loginHint),
    cancel: () => end(new PosternError("sign-in-cancelled")),
    answer(text) {
      if (isAnswered)
        throw new PosternError("answer-unusable", { detail: "this sign-in has its answer already" });
      const { issuer, authorization_response_iss_parameter_supported } = configuration.serverMetadata();
      const answer = parsePastedAnswer(text, {
        redirectUri,
        state: secrets.state,
        issuer,
        issuerAlwaysSent: authorization_response_iss_parameter_supported === true,
      });
      if (answer.kind === "unusable") throw new PosternError("answer-unusable", { detail: answer.reason });
      isAnswered = true;
      pasted.resolve(answer.url);
    },
  };
}

async function formatAuthorizationUrl(
  { settings, loginHint, claims }: AuthorizationRequest,
  configuration: Configuration,
  { state, nonce, codeVerifier }: Secrets,
  redirectUri: string,
): Promise<string> {
  return buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: settings.scope,
    state,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
    login_hint: loginHint,
    ...(isOpenId(settings) ? { nonce } : {}),
    ...(needsConsent(settings) ? { prompt: "consent" } : {}),
    ...(claims === undefined ? {} : { claims }),
    // Whatever a provider wants besides, it must not weaken what stands above.
    ...withoutOurOwn(settings.authorizationParameters ?? {}),
  }).href;
}

/** What belongs to the attempt itself, and is nobody's to set. */
const OUR_OWN = new Set([
  "client_id",
  "code_challenge",
  "code_challenge_method",
  "login_hint",
  "nonce",
  "redirect_uri",
  "response_mode",
  "response_type",
  "scope",
  "state",
]);

function withoutOurOwn(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !OUR_OWN.has(name)));
}

/**
 * OpenID Connect Core §11: offline access is granted only with consent. Entra grants it anyway; told to ask, it asks for an
 * administrator's approval even where one has approved for everybody (AADSTS90094).
 */
function needsConsent(settings: OAuthClientSettings): boolean {
  return scopesOf(settings).includes("offline_access") && !isMicrosoft(settings.issuer);
}

function isOpenId(settings: OAuthClientSettings): boolean {
  return scopesOf(settings).includes("openid");
}

function scopesOf({ scope }: OAuthClientSettings): readonly string[] {
  // Zoho's are joined by commas.
  return scope.split(/[ ,]/);
}

/** Tells the browser how it ended, and closes the listener. */
async function answering(
  listener: RedirectListener,
  outcome: Promise<Acceptance>,
  address: string,
): Promise<Acceptance> {
  try {
    const acceptance = await outcome;
    listener.answer(acceptance);
    return acceptance;
  } catch (failure) {
    listener.answer({ kind: "failed", failure, address });
    throw failure;
  } finally {
    listener.close();
  }
}
