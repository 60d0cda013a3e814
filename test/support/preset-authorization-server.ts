// An authorization server that behaves as a recorded row says, under the provider's own host names. Invariants: it issues
// tokens only for what the row allows (client, redirect address, scope, verifier, secret); every request is recorded.
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { IssuedCertificate } from "./authority.ts";
import type { Json, OAuthRecord } from "./preset-record.ts";

export interface RecordedRequest {
  /** "POST https://…", without the query. */
  readonly line: string;
  /** The query of a GET, the form of a POST. */
  readonly parameters: readonly (readonly [string, string])[];
  readonly headers: IncomingMessage["headers"];
}

export interface ScriptedProvider {
  readonly port: number;
  /** In the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** Forgets the requests, and what it was told to say. */
  forget(): void;
  /** What the next redirects say as `iss`, in place of the row's. */
  sayIssuer(issuer: string): void;
  close(): Promise<void>;
}

/** With characters that must be escaped in a query, as Google's have. */
export const CODE = "4/0AfJohXk-code_of.this~sign-in+1";

/** What is remembered of an authorization request until its code comes. */
interface Granted {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string | undefined;
}

export async function startProviderOf(
  record: OAuthRecord,
  certificate: IssuedCertificate,
): Promise<ScriptedProvider> {
  const requests: RecordedRequest[] = [];
  let granted: Granted | undefined;
  let deviceChallenge: string | undefined;
  let deviceAsked = 0;
  let issuer = record.redirectExtras.iss;

  function authorize(query: URLSearchParams): Answer {
    const redirectUri = query.get("redirect_uri") ?? "";
    if (
      query.get("response_type") !== "code" ||
      query.get("client_id") !== record.clientId ||
      !isRegistered(record, redirectUri) ||
      !isKnownScope(record, query.get("scope") ?? "")
    ) {
      return { status: 400, body: { error: "invalid_request" } };
    }
    granted = {
      redirectUri,
      challenge: query.get("code_challenge_method") === "S256" ? (query.get("code_challenge") ?? "") : "",
      nonce: query.get("nonce") ?? undefined,
    };
    const back = new URL(redirectUri);
    back.search = new URLSearchParams({
      state: query.get("state") ?? "",
      code: CODE,
      ...record.redirectExtras,
      ...(issuer === undefined ? {} : { iss: issuer }),
    }).toString();
    return { status: 302, location: back.href };
  }

  function issueTokens(form: URLSearchParams): Answer {
    if (!isClient(record, form)) return { status: 401, body: { error: "invalid_client" } };
    const grant = form.get("grant_type") ?? "";
    if (grant === "refresh_token") {
      return form.get("refresh_token") === record.issued.refresh_token
        ? { status: 200, body: record.renewed }
        : INVALID_GRANT;
    }
    if (grant === "authorization_code") {
      const asked = granted;
      granted = undefined;
      if (
        asked === undefined ||
        form.get("code") !== CODE ||
        form.get("redirect_uri") !== asked.redirectUri ||
        challengeFor(form.get("code_verifier") ?? "") !== asked.challenge
      ) {
        return INVALID_GRANT;
      }
      return { status: 200, body: { ...record.issued, ...idTokenOf(record, asked.nonce) } };
    }
    const { device } = record;
    if (device.flow !== "offered" || grant !== device.asks.grant_type) {
      return { status: 400, body: { error: "unsupported_grant_type" } };
    }
    const codeName = "device_code" in device.asks ? "device_code" : "code";
    if (
      form.get(codeName) !== device.answer.device_code ||
      (deviceChallenge !== undefined && challengeFor(form.get("code_verifier") ?? "") !== deviceChallenge)
    ) {
      return INVALID_GRANT;
    }
    deviceAsked += 1;
    return deviceAsked === 1
      ? { status: 400, body: { error: "authorization_pending" } }
      : { status: 200, body: { ...record.issued, ...idTokenOf(record, undefined) } };
  }

  function beginDevice(form: URLSearchParams): Answer {
    const { device } = record;
    if (device.flow === "none") return NOT_FOUND;
    if (device.flow === "not-for-mail") return { status: 400, body: device.refusal };
    if (form.get("client_id") !== record.clientId || !isKnownScope(record, form.get("scope") ?? "")) {
      return { status: 400, body: { error: "invalid_request" } };
    }
    deviceChallenge = form.get("code_challenge") ?? undefined;
    deviceAsked = 0;
    return { status: 200, body: device.answer };
  }

  function answer(line: string, parameters: URLSearchParams): Answer {
    const metadata = record.metadata?.[line.replace(/^GET /, "")];
    if (metadata !== undefined) return { status: 200, body: metadata };
    if (line === `GET ${record.authorization}`) return authorize(parameters);
    if (line === `POST ${record.token}`) return issueTokens(parameters);
    if (record.device.flow !== "none" && line === `POST ${record.device.endpoint}`)
      return beginDevice(parameters);
    if (record.revocation !== undefined && line === `POST ${record.revocation}`) return { status: 200 };
    return NOT_FOUND;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", `https://${request.headers.host}`);
    const body = await text(request);
    const parameters = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
    const line = `${request.method} ${url.origin}${url.pathname}`;
    requests.push({ line, parameters: [...parameters], headers: request.headers });
    const { status, body: json, location } = answer(line, parameters);
    response.writeHead(status, {
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...(location === undefined ? {} : { location }),
    });
    response.end(json === undefined ? "" : JSON.stringify(json));
  }

  const server = createServer(
    { key: certificate.key, cert: certificate.certificate },
    (request, response) => void serve(request, response).catch(() => response.destroy()),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    forget() {
      requests.length = 0;
      issuer = record.redirectExtras.iss;
    },
    sayIssuer(said) {
      issuer = said;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What is made anew for each attempt. */
const VARYING: Readonly<Record<string, string>> = {
  state: "{state}",
  nonce: "{nonce}",
  code_challenge: "{challenge}",
  code_verifier: "{verifier}",
};

/**
 * What was asked, but for metadata and clock: the query of a GET, the form of a POST, each parameter once. Braces stand for
 * what varies, once it is as long as 256 bits are in base64url.
 */
export function formsAskedOf(
  { requests }: ScriptedProvider,
  { token }: OAuthRecord,
): { line: string; form: Record<string, string> }[] {
  const isBeside = (line: string): boolean => line === `HEAD ${token}` || line.includes("/.well-known/");
  const masked = ([name, value]: readonly [string, string]): [string, string] => [
    name,
    /^[\w-]{43}$/.test(value) ? (VARYING[name] ?? value) : value,
  ];
  return requests
    .filter(({ line, parameters }) => !isBeside(line) || parameters.length > 0)
    .map(({ line, parameters, headers }) => {
      const names = parameters.map(([name]) => name);
      if (new Set(names).size < names.length)
        throw new Error(`a parameter is there twice: ${names.join(", ")}`);
      if (headers.authorization !== undefined) throw new Error("the client proved itself in a header");
      if (
        line.startsWith("POST ") &&
        !headers["content-type"]?.startsWith("application/x-www-form-urlencoded")
      ) {
        throw new Error(`a form of type ${headers["content-type"]}`);
      }
      return { line, form: Object.fromEntries(parameters.map(masked)) };
    });
}

interface Answer {
  readonly status: number;
  readonly body?: Json;
  readonly location?: string;
}

const INVALID_GRANT: Answer = { status: 400, body: { error: "invalid_grant" } };
const NOT_FOUND: Answer = { status: 404 };

/** {port} stands where the provider ignores it (RFC 8252 §7.3). */
function isRegistered({ redirectUri }: OAuthRecord, given: string): boolean {
  return redirectUri.includes("{port}")
    ? given.replace(/:\d+\//, ":{port}/") === redirectUri
    : given === redirectUri;
}

function isKnownScope({ scope }: OAuthRecord, given: string): boolean {
  return given.split(/[ ,]/).sort().join(" ") === scope.split(/[ ,]/).sort().join(" ");
}

/** In the form, and not in a header; a public client without a secret (RFC 6749 §2.3.1). */
function isClient({ clientId, clientSecret }: OAuthRecord, form: URLSearchParams): boolean {
  return form.get("client_id") === clientId && form.get("client_secret") === (clientSecret ?? null);
}

function challengeFor(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

/** Nobody looks at the signature of an id_token that came over TLS (OpenID Connect Core §3.1.3.7 item 6). */
function idTokenOf({ idToken, clientId }: OAuthRecord, nonce: string | undefined): Json {
  if (idToken === undefined) return {};
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: clientId,
    sub: "alice-at-that-provider",
    iat: now,
    exp: now + 3600,
    ...(nonce === undefined ? {} : { nonce }),
    ...idToken,
  };
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return { id_token: `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.c2lnbmF0dXJl` };
}
