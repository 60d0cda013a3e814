// Ending a sign-in at the provider (RFC 7009): what is sent, to whom, and how every refusal is told.

import { refreshTokenGrant } from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthorizationServers } from "../../../../src/oauth/client/authorization-server.ts";
import type { Fetch } from "../../../../src/oauth/client/bounded-fetch.ts";
import type { OAuthClientSettings } from "../../../../src/oauth/client/settings.ts";
import { revoke } from "../../../../src/oauth/client/token-revocation.ts";
import { clientSecret, refreshToken } from "../../../../src/secret/secret.ts";
import { createTestAuthority, type TestAuthority } from "../../../support/authority.ts";
import {
  type AuthorizationServer,
  PUBLIC_CLIENT_ID,
  startAuthorizationServer,
} from "../../../support/authorization-server.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { expectInvalidGrant, signedIn } from "../../../support/openid-program.ts";
import { ALICE } from "../../../support/person.ts";
import { trustInThisProcess } from "../../../support/trust.ts";

const ISSUER = "https://auth.example.test";
const TOKEN = "the-refresh-token-of-alice";

const settings: OAuthClientSettings = {
  issuer: ISSUER,
  endpoints: undefined,
  clientId: "postern",
  clientSecret: undefined,
  scope: "mail",
  redirectUri: "http://127.0.0.1/callback",
};
const metadata = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: "https://tokens.example.test/token",
  revocation_endpoint: `${ISSUER}/revoke`,
};

interface Revoking {
  readonly answer?: () => Response;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<OAuthClientSettings>;
}

/** How it ended, and what was posted to which address. */
function revoking(changes: Revoking) {
  const posted: { readonly url: string; readonly form: Record<string, string> }[] = [];
  const fetch: Fetch = async (url, options) => {
    if (options.method !== "POST") return Response.json(changes.metadata ?? metadata);
    posted.push({ url, form: Object.fromEntries(new URLSearchParams(String(options.body))) });
    return changes.answer?.() ?? new Response(null, { status: 200 });
  };
  const servers = createAuthorizationServers(createFakeClock(), fetch);
  return { end: revoke(servers, { ...settings, ...changes.settings }, refreshToken(TOKEN)), posted };
}

describe("revoking a refresh token", () => {
  it("sends it, with the client's id, to the address that the metadata names", async () => {
    const { end, posted } = revoking({});
    expect(await end).toBe("done");
    expect(posted).toEqual([
      {
        url: `${ISSUER}/revoke`,
        form: { token: TOKEN, token_type_hint: "refresh_token", client_id: "postern" },
      },
    ]);
  });

  it("sends the client's secret where there is one", async () => {
    const { end, posted } = revoking({ settings: { clientSecret: clientSecret("a client's secret") } });
    expect(await end).toBe("done");
    expect(posted[0]?.form.client_secret).toBe("a client's secret");
  });

  it("is not offered by a server without an endpoint for it, and sends nothing", async () => {
    const { end, posted } = revoking({ metadata: { ...metadata, revocation_endpoint: undefined } });
    expect(await end).toBe("not-offered");
    expect(posted).toEqual([]);
  });

  it("is done for a token that the server says is dead already, as Google does", async () => {
    const answer = () => Response.json({ error: "invalid_token" }, { status: 400 });
    expect(await revoking({ answer }).end).toBe("done");
  });

  it.each([
    ["the issuer's host", `${ISSUER}/elsewhere/revoke`],
    ["the token endpoint's host", "https://tokens.example.test/revoke"],
  ])("may go to %s", async (_whose, revocation_endpoint) => {
    expect(await revoking({ metadata: { ...metadata, revocation_endpoint } }).end).toBe("done");
  });

  it("may go to another host that the person named", async () => {
    const revocation = "https://third.example.test/revoke";
    const endpoints = { authorization: `${ISSUER}/authorize`, token: `${ISSUER}/token`, revocation };
    const { end, posted } = revoking({ settings: { endpoints } });
    expect(await end).toBe("done");
    expect(posted[0]?.url).toBe(revocation);
  });

  it.each(["https://evil.test/revoke", "https://auth.example.test:8443/revoke"])(
    "sends the token to nobody else whom the metadata names: %s",
    async (revocation_endpoint) => {
      const { end, posted } = revoking({ metadata: { ...metadata, revocation_endpoint } });
      const failure = await failureOf(end);
      expect(failure.code).toBe("revocation-failed");
      expect(failure.detail).toContain(new URL(revocation_endpoint).host);
      expect(posted).toEqual([]);
    },
  );

  it("sends the token nowhere when the token endpoint is not the one that a person agreed to", async () => {
    const { end, posted } = revoking({ settings: { trustedTokenEndpoint: `${ISSUER}/token` } });
    const failure = await failureOf(end);
    expect(failure.code).toBe("revocation-failed");
    expect(failure.detail).toContain("https://tokens.example.test/token");
    expect(posted).toEqual([]);
  });

  it.each<[string, () => Response, string]>([
    [
      "cannot be reached",
      () => {
        throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) });
      },
      "ECONNREFUSED",
    ],
    ["is out of order", () => new Response("busy", { status: 503 }), "status 503"],
    [
      "does not revoke such tokens",
      () => Response.json({ error: "unsupported_token_type" }, { status: 400 }),
      "unsupported_token_type",
    ],
    [
      "does not know the client",
      () => Response.json({ error: "invalid_client", error_description: `no ${TOKEN}` }, { status: 401 }),
      "invalid_client: no [withheld]",
    ],
    ["has nothing there", () => new Response("", { status: 404 }), "status 404"],
    [
      "sends us on",
      () => new Response("", { status: 307, headers: { location: "https://evil.test/" } }),
      "status 307",
    ],
  ])("fails, and says why, when the server %s", async (_how, answer, detail) => {
    const failure = await failureOf(revoking({ answer }).end);
    expect(failure.code).toBe("revocation-failed");
    expect(failure.detail).toContain(detail);
    expect(failure.message).not.toContain(TOKEN);
  });

  it("says how long the server wants to be left alone", async () => {
    const answer = () => new Response("busy", { status: 503, headers: { "retry-after": "20" } });
    expect((await failureOf(revoking({ answer }).end)).retryAfter).toBe(20_000);
  });

  it("fails where the metadata cannot be had", async () => {
    const servers = createAuthorizationServers(
      createFakeClock(),
      async () => new Response("", { status: 500 }),
    );
    const failure = await failureOf(revoke(servers, settings, refreshToken(TOKEN)));
    expect(failure.code).toBe("revocation-failed");
    expect(failure.detail).toContain("status 500");
  });
});

describe("revoking at oidc-provider", () => {
  let authority: TestAuthority;
  let provider: AuthorizationServer;

  beforeAll(async () => {
    authority = await createTestAuthority();
    trustInThisProcess(authority);
    provider = await startAuthorizationServer({ authority, people: [ALICE] });
  });
  afterAll(() => provider.close());

  it("ends the grant: neither token works any more, and to do it again is no failure", async () => {
    const alice = await signedIn(provider, { ...ALICE, authority });
    const servers = createAuthorizationServers(createFakeClock(Date.now()), globalThis.fetch);
    const mine = { ...settings, issuer: provider.issuer, clientId: PUBLIC_CLIENT_ID };
    expect(await provider.checkToken(alice.accessToken)).toBe(ALICE.email);
    expect(await revoke(servers, mine, refreshToken(alice.refreshToken))).toBe("done");
    expect(await provider.checkToken(alice.accessToken)).toBeUndefined();
    await expectInvalidGrant(refreshTokenGrant(alice.config, alice.refreshToken));
    expect(await revoke(servers, mine, refreshToken(alice.refreshToken))).toBe("done");
  });
});
