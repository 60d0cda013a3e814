// Asks a provider about a client id that somebody has just registered: the sign-in page, the token endpoint, the tenant.
// Invariant: nobody signs in and nothing is stored; the code that is shown is made up.
import { calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier, randomState } from "openid-client";
import { createHurriedFetch } from "../discovery/http.ts";
import { toPosternError } from "../errors/postern-error.ts";
import { explainOAuthFailure } from "../oauth/client/explain.ts";
import { type CheckOutcome, type ClientOnTrial, failed, passed, unclear } from "./client-check.ts";
import { observeMetadata } from "./observe-metadata.ts";
import { explain, type ProviderCheckParts } from "./parts.ts";
import { readAuthorizationAnswer } from "./read-authorization-answer.ts";
import { isAnswered, readTokenAnswer } from "./read-token-answer.ts";
import { numbersIn } from "./refusal.ts";

/** Any: providers that ignore a loopback address's port (RFC 8252 §7.3) must ignore this one too. */
const SOME_PORT = 28714;
/** Some sign-in pages are for browsers only. */
const USER_AGENT = "Mozilla/5.0 (compatible; Postern)";

/** Whether there is such a tenant: its metadata exists. Never throws. */
export async function checkTenant(parts: ProviderCheckParts, issuer: string): Promise<CheckOutcome> {
  const seen = await observeMetadata(parts, issuer);
  switch (seen.kind) {
    case "found":
      return passed(`${new URL(issuer).host} knows it.`);
    case "absent":
      return failed(
        `${new URL(issuer).host} knows no such tenant.`,
        "Copy it again from the app's overview page, or use the organisation's main mail domain.",
      );
    case "unreachable":
      return unclear(`It could not be asked: ${seen.reason}`);
  }
}

/** Whether the authorization endpoint shows a sign-in page, and not an error. Never throws. */
export async function checkAuthorizationEndpoint(
  parts: ProviderCheckParts,
  client: ClientOnTrial,
): Promise<CheckOutcome> {
  const redirectUri = withPort(client.redirectUri);
  const address = await formatAuthorizationAddress(client, redirectUri);
  const asked = await ask(parts, address, { method: "GET", headers: { accept: "text/html" } });
  if (typeof asked === "string") return unclear(asked);
  const { status, headers, body } = asked;
  const location = headers.get("location") ?? undefined;
  return readAuthorizationAnswer({ status, location, body }, client, address, redirectUri);
}

/**
 * Whether the token endpoint refuses a made-up code, and not the client (RFC 6749 §5.2). Where that is not clear and there
 * is a device flow, it is asked there. Never throws.
 */
export async function checkTokenEndpoint(
  parts: ProviderCheckParts,
  client: ClientOnTrial,
): Promise<CheckOutcome> {
  const { endpoints, redirectUri } = client;
  const asked = await post(parts, endpoints.token, client, {
    grant_type: "authorization_code",
    code: randomState(),
    redirect_uri: withPort(redirectUri),
    code_verifier: randomPKCECodeVerifier(),
  });
  if (typeof asked === "string") return unclear(asked);
  const outcome = readTokenAnswer(asked, client, "invalid_grant");
  return outcome.result === "unclear" && isAnswered(asked) && client.hasDeviceFlow
    ? ((await checkDeviceFlow(parts, client)) ?? outcome)
    : outcome;
}

/** A device code that nobody will type (RFC 8628): "authorization_pending" means that the client may ask. */
async function checkDeviceFlow(
  parts: ProviderCheckParts,
  client: ClientOnTrial,
): Promise<CheckOutcome | undefined> {
  const { deviceAuthorization, token } = client.endpoints;
  if (deviceAuthorization === undefined) return undefined;
  const begun = await post(parts, deviceAuthorization, client, { scope: client.scope });
  if (typeof begun === "string") return undefined;
  const deviceCode = deviceCodeIn(begun.body);
  if (deviceCode === undefined) {
    // Without Microsoft's number it may only mean that this client has no device flow.
    const isAboutTheFlow = /"unauthorized_client"/.test(begun.body) && numbersIn(begun.body).length === 0;
    return isAboutTheFlow ? undefined : readTokenAnswer(begun, client, "authorization_pending");
  }
  const asked = await post(parts, token, client, {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: deviceCode,
  });
  return typeof asked === "string" ? undefined : readTokenAnswer(asked, client, "authorization_pending");
}

async function formatAuthorizationAddress(client: ClientOnTrial, redirectUri: string): Promise<string> {
  const url = new URL(client.endpoints.authorization);
  const parameters = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: redirectUri,
    scope: client.scope,
    state: randomState(),
    nonce: randomNonce(),
    code_challenge: await calculatePKCECodeChallenge(randomPKCECodeVerifier()),
    code_challenge_method: "S256",
    ...client.authorizationParameters,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== "") url.searchParams.set(name, value);
  }
  return url.href;
}

function withPort(redirectUri: string): string {
  const url = new URL(redirectUri);
  if (url.protocol !== "http:" || url.port !== "") return redirectUri;
  url.port = String(SOME_PORT);
  return url.href;
}

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

async function post(
  parts: ProviderCheckParts,
  address: string,
  { clientId, clientSecret }: ClientOnTrial,
  fields: Readonly<Record<string, string>>,
): Promise<Asked | string> {
  const body = new URLSearchParams({
    ...fields,
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret.reveal() }),
  });
  return ask(parts, address, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: body.toString(),
  });
}

/** An answer read to its end, or why there is none. */
async function ask(
  parts: ProviderCheckParts,
  address: string,
  request: {
    readonly method: "GET" | "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
): Promise<Asked | string> {
  try {
    const response = await createHurriedFetch(parts.fetch, parts.clock)(address, {
      method: request.method,
      headers: { ...request.headers, "user-agent": USER_AGENT },
      redirect: "manual",
      body: request.body,
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch (thrown) {
    const host = new URL(address).host;
    if (thrown instanceof DOMException) return `${host} does not answer: ${thrown.message}.`;
    return `${host} could not be asked: ${explain(toPosternError(explainOAuthFailure(thrown, "discovery")))}`;
  }
}

function deviceCodeIn(body: string): string | undefined {
  try {
    const json: unknown = JSON.parse(body);
    const code =
      typeof json === "object" && json !== null && "device_code" in json ? json.device_code : undefined;
    return typeof code === "string" && code.length <= 4096 ? code : undefined;
  } catch {
    return undefined;
  }
}
