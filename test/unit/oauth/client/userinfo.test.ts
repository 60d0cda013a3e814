// Who signed in, as the userinfo endpoint says: when it is asked, and when it is believed.
import { describe, expect, it } from "vitest";
import { createAuthorizationServers } from "../../../../src/oauth/client/authorization-server.ts";
import type { Fetch } from "../../../../src/oauth/client/bounded-fetch.ts";
import type { IssuedTokens, OAuthClientSettings } from "../../../../src/oauth/client/settings.ts";
import { askIdentity } from "../../../../src/oauth/client/userinfo.ts";
import { accessToken } from "../../../../src/secret/secret.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

const ISSUER = "https://auth.example.test";
const USERINFO = `${ISSUER}/userinfo`;

const settings: OAuthClientSettings = {
  issuer: ISSUER,
  endpoints: undefined,
  clientId: "postern",
  clientSecret: undefined,
  scope: "openid mail",
  redirectUri: "http://127.0.0.1/callback",
};
const tokens: IssuedTokens = {
  accessToken: accessToken("the-access-token"),
  lifetime: 3600,
  refreshToken: undefined,
  scope: undefined,
  identity: undefined,
  subject: undefined,
  tokenEndpoint: `${ISSUER}/token`,
};
const metadata = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  userinfo_endpoint: USERINFO,
};

interface Asking {
  readonly answer?: () => Response;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<OAuthClientSettings>;
  readonly tokens?: Partial<IssuedTokens>;
}

const ALICE = { sub: "subject-1", email: "alice@example.test" };

/** What it says, and which `Authorization` the userinfo endpoint saw, if it was asked. */
function ask(changes: Asking): { readonly identity: Promise<string | undefined>; readonly seen: string[] } {
  const seen: string[] = [];
  const fetch: Fetch = async (url, options) => {
    if (url.endsWith("/openid-configuration")) return Response.json(changes.metadata ?? metadata);
    expect(url).toBe(USERINFO);
    seen.push(new Headers(options.headers).get("authorization") ?? "");
    return changes.answer?.() ?? Response.json(ALICE);
  };
  const servers = createAuthorizationServers(createFakeClock(), fetch);
  const identity = askIdentity(
    servers,
    { ...settings, ...changes.settings },
    { ...tokens, ...changes.tokens },
  );
  return { identity, seen };
}

describe("asking who signed in", () => {
  it("gives the address, asked for with the access token", async () => {
    const { identity, seen } = ask({});
    expect(await identity).toBe("alice@example.test");
    expect(seen).toEqual(["Bearer the-access-token"]);
  });

  it("gives the preferred user name where that is the address", async () => {
    const answer = () => Response.json({ sub: "subject-1", preferred_username: "alice@example.test" });
    expect(await ask({ answer }).identity).toBe("alice@example.test");
  });

  it.each<[string, Asking]>([
    ["openid was not asked for", { settings: { scope: "mail" } }],
    ["openid was not granted", { tokens: { scope: "mail" } }],
    ["the server has no such endpoint", { metadata: { ...metadata, userinfo_endpoint: undefined } }],
    [
      "the endpoints are a person's own",
      { settings: { endpoints: { authorization: `${ISSUER}/authorize`, token: `${ISSUER}/token` } } },
    ],
  ])("does not happen where %s", async (_why, changes) => {
    const { identity, seen } = ask(changes);
    expect(await identity).toBeUndefined();
    expect(seen).toEqual([]);
  });

  it("does not happen where the id_token has said it", async () => {
    const { identity, seen } = ask({ tokens: { identity: "alice@example.test", subject: "subject-1" } });
    expect(await identity).toBe("alice@example.test");
    expect(seen).toEqual([]);
  });

  it.each([
    [
      "401 with a challenge",
      () => new Response("", { status: 401, headers: { "www-authenticate": "Bearer" } }),
    ],
    ["401 without one", () => new Response("", { status: 401 })],
    ["403", () => Response.json({ error: "insufficient_scope" }, { status: 403 })],
    ["no address", () => Response.json({ sub: "subject-1", email: 7, preferred_username: "alice" })],
  ])("gives nothing where the server answers with %s", async (_what, answer) => {
    expect(await ask({ answer }).identity).toBeUndefined();
  });
});

describe("an answer about somebody", () => {
  it("is believed when it is the id_token's subject", async () => {
    expect(await ask({ tokens: { subject: "subject-1" } }).identity).toBe("alice@example.test");
  });

  it("is refused when it is somebody else", async () => {
    const failure = await failureOf(ask({ tokens: { subject: "subject-2" } }).identity);
    expect(failure.code).toBe("sign-in-answer-refused");
  });

  it("is refused when it names no subject, also where there was no id_token", async () => {
    const answer = () => Response.json({ email: "alice@example.test" });
    await failureOf(ask({ answer }).identity);
    await failureOf(ask({ answer, tokens: { subject: "subject-1" } }).identity);
  });
});

describe("a userinfo endpoint that fails", () => {
  it.each<[string, () => Response, string]>([
    [
      "cannot be reached",
      () => {
        throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) });
      },
      "authorization-server-unreachable",
    ],
    ["is out of order", () => new Response("busy", { status: 503 }), "authorization-server-failing"],
    [
      "answers with a page",
      () => new Response("<h1>Hello</h1>", { headers: { "content-type": "text/html" } }),
      "authorization-server-failing",
    ],
  ])("says so when it %s", async (_how, answer, code) => {
    const failure = await failureOf(ask({ answer }).identity);
    expect(failure.code).toBe(code);
    expect(failure.message).not.toContain("the-access-token");
  });
});
