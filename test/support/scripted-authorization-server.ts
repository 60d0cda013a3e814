// An authorization server over HTTPS that does what a test's script says: whom it names and where, what it grants, what
// its clock shows, what it refuses. It asks nobody for a password: whoever comes is let in at once.
// Invariant: codes and refresh tokens work once; every request is in its log, every secret that it issued in `issued`.
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { IssuedCertificate } from "./authority.ts";

/** An OAuth error (RFC 6749 §4.1.2.1, §5.2) as this server words it. */
export interface Refusal {
  readonly error: string;
  readonly error_description?: string;
  readonly error_codes?: readonly number[];
}

export interface AuthorizationServerScript {
  /** Claims of the id_token besides those that every one has; without them there is no id_token. */
  readonly idToken?: Readonly<Record<string, unknown>>;
  /** What the userinfo endpoint answers: claims, or a status; without it the metadata names none. */
  readonly userinfo?: Readonly<Record<string, unknown>> | number;
  /** The `scope` of a token response; none unless told otherwise: what was asked for (RFC 6749 §5.1). */
  readonly scope?: string;
  /** Takes the place of what the metadata says. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Seconds that the server's clock is ahead of this machine's, in the Date header and in what it dates. */
  readonly clockAhead?: number;
  readonly expiresIn?: number;
  /** Instead of a code. */
  readonly refuseAuthorization?: Refusal;
  /** Instead of tokens. */
  readonly refuseTokens?: Refusal;
}

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

export interface ScriptedAuthorizationServer {
  /** https://localhost:PORT */
  readonly issuer: string;
  /** What it does from now on. */
  script: AuthorizationServerScript;
  readonly requests: readonly ScriptedRequest[];
  requestsFor(path: string): readonly ScriptedRequest[];
  /** Every code, access token, refresh token and id_token so far. */
  readonly issued: readonly string[];
  close(): Promise<void>;
}

/** How long an id_token is good for, in seconds. */
const ID_TOKEN_LIFETIME = 300;

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PUBLIC_KEY = { ...publicKey.export({ format: "jwk" }), alg: "RS256", use: "sig" };

/** What an id_token repeats of the request. */
interface Grant {
  readonly nonce: string | null;
  readonly clientId: string | null;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json: unknown;
}

/** @param certificate for localhost */
export async function startScriptedAuthorizationServer(
  certificate: IssuedCertificate,
  first: AuthorizationServerScript = {},
): Promise<ScriptedAuthorizationServer> {
  const requests: ScriptedRequest[] = [];
  const issued: string[] = [];
  /** What can be exchanged. */
  const valid = new Map<string, Grant>();
  let script = first;

  const create = (kind: string): string => {
    const secret = `${kind}-${randomBytes(18).toString("hex")}`;
    issued.push(secret);
    return secret;
  };
  const now = (): number => Math.floor(Date.now() / 1000) + (script.clockAhead ?? 0);

  const server = createServer({ key: certificate.key, cert: certificate.certificate }, (request, reply) => {
    reply.on("error", () => {});
    reply.setHeader("date", new Date(now() * 1000).toUTCString());
    void text(request).then((body) => {
      const url = new URL(request.url ?? "/", issuer);
      const form = new URLSearchParams(body);
      const { authorization } = request.headers;
      requests.push({ method: request.method ?? "", path: url.pathname, form, authorization });
      const { status, headers, json } = answer(url, form);
      reply.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(json));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;

  function answer(url: URL, form: URLSearchParams): Answer {
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return { status: 200, json: metadata() };
      case "/jwks":
        return { status: 200, json: { keys: [PUBLIC_KEY] } };
      case "/authorize":
        return { status: 303, headers: { location: authorize(url.searchParams) }, json: {} };
      case "/token":
        return exchange(form);
      case "/userinfo":
        return typeof script.userinfo === "object"
          ? { status: 200, json: script.userinfo }
          : { status: script.userinfo ?? 404, json: { error: "invalid_token" } };
      case "/revoke":
        valid.delete(form.get("token") ?? "");
        return { status: 200, json: {} };
      default:
        return { status: 404, json: {} };
    }
  }

  function metadata(): object {
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      revocation_endpoint: `${issuer}/revoke`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      ...(script.userinfo === undefined ? {} : { userinfo_endpoint: `${issuer}/userinfo` }),
      ...script.metadata,
    };
  }

  /** Where the browser goes next. */
  function authorize(asked: URLSearchParams): string {
    const location = new URL(asked.get("redirect_uri") ?? issuer);
    location.searchParams.set("state", asked.get("state") ?? "");
    if (script.refuseAuthorization === undefined) {
      const code = create("code");
      valid.set(code, { nonce: asked.get("nonce"), clientId: asked.get("client_id") });
      location.searchParams.set("code", code);
    } else {
      for (const [name, value] of Object.entries(script.refuseAuthorization)) {
        if (typeof value === "string") location.searchParams.set(name, value);
      }
    }
    return location.href;
  }

  function exchange(form: URLSearchParams): Answer {
    if (script.refuseTokens !== undefined) return { status: 400, json: script.refuseTokens };
    const shown = form.get("code") ?? form.get("refresh_token") ?? "";
    const grant = valid.get(shown);
    if (grant === undefined) return { status: 400, json: { error: "invalid_grant" } };
    valid.delete(shown);
    const refreshToken = create("refresh");
    valid.set(refreshToken, grant);
    const json = {
      access_token: create("access"),
      token_type: "Bearer",
      expires_in: script.expiresIn ?? 3600,
      refresh_token: refreshToken,
      ...(script.scope === undefined ? {} : { scope: script.scope }),
      ...(script.idToken === undefined ? {} : { id_token: createIdToken(grant) }),
    };
    return { status: 200, json };
  }

  function createIdToken(grant: Grant): string {
    const claims = {
      iss: issuer,
      aud: grant.clientId,
      sub: "subject-1",
      iat: now(),
      exp: now() + ID_TOKEN_LIFETIME,
      ...(grant.nonce === null ? {} : { nonce: grant.nonce }),
      ...script.idToken,
    };
    const input = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
    const idToken = `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
    issued.push(idToken);
    return idToken;
  }

  return {
    issuer,
    get script() {
      return script;
    },
    set script(next) {
      script = next;
    },
    requests,
    requestsFor: (path) => requests.filter((request) => request.path === path),
    issued,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
