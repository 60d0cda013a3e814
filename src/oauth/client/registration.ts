// Registers Postern as a native public client (RFC 7591; RFC 8252 §8.4). The POST is our own: openid-client finds the
// metadata again by one way only, and checks neither the endpoint's nor the answer's addresses.
// Invariant: a registration is used only where it has the redirect URI that was asked for, and needs no more than a public
// client or client_secret_post.
import type { ServerMetadata } from "openid-client";
import { PosternError } from "../../errors/postern-error.ts";
import { type ClientSecret, clientSecret } from "../../secret/secret.ts";
import { createBoundedFetch, type Fetch } from "./bounded-fetch.ts";
import { explainOAuthFailure } from "./explain.ts";
import { parseObject } from "./json-object.ts";
import { findMetadata, requireHttps, TIMEOUT } from "./metadata.ts";

export interface RegistrationRequest {
  readonly redirectUri: string;
  /** Space-separated (RFC 6749 §3.3). */
  readonly scope: string;
  /** What a person reads when they are asked for consent. */
  readonly clientName: string;
}

export interface RegisteredClient {
  readonly clientId: string;
  /** Only where the server insists on one. */
  readonly clientSecret?: ClientSecret;
  /** What the client may ask for: as requested, or what the server made of it (RFC 7591 §3.2.1). */
  readonly scope: string;
}

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
/** All registrations of this program, in all its versions (RFC 7591 §2). */
const SOFTWARE_ID = "d4624457-5a36-4d2b-90dd-c83eacf8d0b3";
const LONGEST_CLIENT_ID = 512;
const LONGEST_SECRET = 4096;

/**
 * @param issuer RFC 8414 §2, an https URL
 * @throws PosternError `registration-refused`, `authorization-server-…`
 */
export async function registerClient(
  fetch: Fetch,
  issuer: string,
  request: RegistrationRequest,
): Promise<RegisteredClient> {
  const metadata = await findMetadata(issuer, createBoundedFetch(fetch));
  const endpoint = metadata.registration_endpoint;
  if (endpoint === undefined) throw refused("it does not register programs by itself");
  const ask = (asked: RegistrationRequest): Promise<Response> =>
    post(fetch, requireHttps(endpoint), formatClientMetadata(metadata, asked));
  let answer = await ask(request);
  // Keycloak lets anybody ask for `openid` later, and nobody register with it.
  if (answer.status === 403) answer = await ask({ ...request, scope: withoutOpenId(request.scope) });
  if (answer.status >= 500 || answer.status === 429) {
    throw new PosternError("authorization-server-failing", { detail: `status ${answer.status}` });
  }
  const json = parseObject(await answer.text());
  if (answer.status !== 201 && answer.status !== 200) throw refused(reasonOf(answer.status, json));
  return readRegistration(json, request);
}

/** RFC 7591 §2; `application_type` is OpenID Connect Registration's. */
function formatClientMetadata(
  metadata: ServerMetadata,
  { redirectUri, scope, clientName }: RegistrationRequest,
): string {
  const supported = metadata.grant_types_supported;
  const device = Array.isArray(supported) && supported.includes(DEVICE_CODE) ? [DEVICE_CODE] : [];
  return JSON.stringify({
    client_name: clientName,
    software_id: SOFTWARE_ID,
    application_type: redirectUri.startsWith("http:") ? "native" : "web",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token", ...device],
    response_types: ["code"],
    ...(scope === "" ? {} : { scope }),
  });
}

async function post(fetch: Fetch, endpoint: string, body: string): Promise<Response> {
  try {
    return await createBoundedFetch(fetch)(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body,
      redirect: "manual",
      // As openid-client does for its own requests.
      signal: AbortSignal.timeout(TIMEOUT * 1000),
    });
  } catch (thrown) {
    if (thrown instanceof DOMException) {
      throw new PosternError("authorization-server-failing", { detail: "it did not answer in time" });
    }
    throw explainOAuthFailure(thrown, "registration");
  }
}

function withoutOpenId(scope: string): string {
  return scope
    .split(" ")
    .filter((word) => word !== "openid")
    .join(" ");
}

type Json = Readonly<Record<string, unknown>>;

function readRegistration(
  json: Json | undefined,
  { redirectUri, scope }: RegistrationRequest,
): RegisteredClient {
  if (json === undefined) throw refused("its answer is not JSON");
  const clientId = json.client_id;
  if (typeof clientId !== "string" || !isWord(clientId, LONGEST_CLIENT_ID)) {
    throw refused("its answer has no usable client id");
  }
  const uris = json.redirect_uris;
  if (uris !== undefined && !(Array.isArray(uris) && uris.includes(redirectUri))) {
    throw refused(`it registered another redirect URI than ${redirectUri}`);
  }
  const grants = json.grant_types;
  if (Array.isArray(grants) && !grants.includes("authorization_code")) {
    throw refused("it does not allow the authorization code grant");
  }
  const secret = readSecret(json);
  const changed = json.scope;
  return {
    clientId,
    ...(secret === undefined ? {} : { clientSecret: secret }),
    scope: typeof changed === "string" && isScope(changed) ? changed : scope,
  };
}

/** Undefined for a public client. What is sent with a secret is client_secret_post, whatever else the server may know. */
function readSecret(json: Json): ClientSecret | undefined {
  const { client_secret: secret, token_endpoint_auth_method: method } = json;
  if (method === "none" || (method === undefined && secret === undefined)) return undefined;
  if (method !== undefined && method !== "client_secret_post") {
    throw refused(
      `it wants the client to prove itself by ${typeof method === "string" ? method : "something unknown"}`,
    );
  }
  if (typeof secret !== "string" || !isWord(secret, LONGEST_SECRET)) {
    throw refused("its answer has no usable client secret");
  }
  return clientSecret(secret);
}

/** RFC 7591 §3.2.2; the description is somebody else's text, made printable with the detail. */
function reasonOf(status: number, json: Json | undefined): string {
  const { error, error_description: description } = json ?? {};
  const words = [error, description].filter((word) => typeof word === "string");
  if (words.length > 0) return words.join(": ");
  if (status === 401 || status === 403) return `status ${status}: it registers only programs that it knows`;
  return `status ${status}`;
}

function refused(detail: string): PosternError {
  return new PosternError("registration-refused", { detail });
}

/** RFC 6749 appendix A.1 and A.2: visible characters and spaces. */
function isWord(text: string, longest: number): boolean {
  return text.length <= longest && /^[\x20-\x7e]+$/.test(text);
}

function isScope(text: string): boolean {
  return text.length <= 2048 && /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(text);
}
