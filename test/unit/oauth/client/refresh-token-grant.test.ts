import { describe, expect, test } from "vitest";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { createAuthorizationServers } from "../../../../src/oauth/client/authorization-server.ts";
import { refresh } from "../../../../src/oauth/client/refresh-token-grant.ts";
import type { OAuthClientSettings } from "../../../../src/oauth/client/settings.ts";
import { clientSecret, refreshToken } from "../../../../src/secret/secret.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import {
  entraError,
  jsonAnswer,
  type Scripted,
  scriptFetch,
  settingsAt,
} from "../../../support/hostile-fetch.ts";

const TOKENS = { access_token: "AT1", token_type: "Bearer", expires_in: 3600 };
const WITH_SECRET = { clientSecret: clientSecret("an-unwanted-secret") };

function rig(settings: Partial<OAuthClientSettings>, ...script: Scripted[]) {
  const { fetch, forms } = scriptFetch(...script);
  const servers = createAuthorizationServers(createFakeClock(), fetch);
  const kept: string[] = [];
  let unwanted = 0;
  return {
    kept,
    forms,
    unwanted: () => unwanted,
    refresh: () =>
      refresh(
        servers,
        settingsAt("https://as.example", settings),
        refreshToken("RT0-of-some-length"),
        async (rotated) => void kept.push(rotated.reveal()),
        () => {
          unwanted += 1;
        },
      ),
  };
}

describe("a refresh", () => {
  test("gives the tokens, the granted scope and where they came from", async () => {
    const { kept, forms, refresh } = rig(
      {},
      jsonAnswer(200, { ...TOKENS, refresh_token: "RT1", scope: "mail offline_access" }),
    );
    const tokens = await refresh();
    expect(tokens.accessToken.reveal()).toBe("AT1");
    expect(tokens.refreshToken?.reveal()).toBe("RT1");
    expect(tokens).toMatchObject({
      lifetime: 3600,
      scope: "mail offline_access",
      tokenEndpoint: "https://as.example/token",
    });
    expect(kept).toEqual(["RT1"]);
    expect(Object.fromEntries(forms[0] ?? [])).toEqual({
      grant_type: "refresh_token",
      refresh_token: "RT0-of-some-length",
      client_id: "11112222-3333-4444-5555-666677778888",
    });
  });

  test("keeps nothing where the server does not rotate", async () => {
    const { kept, refresh } = rig({}, jsonAnswer(200, TOKENS));
    expect((await refresh()).refreshToken).toBeUndefined();
    expect(kept).toEqual([]);
  });

  test.each([
    ["a token bound to a key", { ...TOKENS, token_type: "DPoP" }],
    ["an access token with a line break", { ...TOKENS, access_token: "a\r\nb LOGOUT" }],
    ["no access token", { token_type: "Bearer" }],
  ])("keeps the rotated refresh token even where the rest is %s", async (_what, body) => {
    const { kept, refresh } = rig({}, jsonAnswer(200, { ...body, refresh_token: "RT1" }));
    const error = await failureOf(refresh());
    expect(error.refusesGrant).toBe(false);
    expect(kept).toEqual(["RT1"]);
  });

  test("does not care for an id_token, which would fail on a machine with a wrong clock", async () => {
    const { kept, refresh } = rig(
      {},
      jsonAnswer(200, { ...TOKENS, refresh_token: "RT1", id_token: "x.y.z" }),
    );
    expect((await refresh()).identity).toBeUndefined();
    expect(kept).toEqual(["RT1"]);
  });

  test("fails as the proxy on the way did, where it was the proxy's failure", async () => {
    const failure = new PosternError("upstream-timeout", { detail: "the proxy" });
    const { refresh } = rig(
      {},
      new TypeError("fetch failed", { cause: new Error("connect", { cause: failure }) }),
    );
    expect(await failureOf(refresh())).toBe(failure);
  });
});

describe("a client secret that a public client must not send (AADSTS700025)", () => {
  const unwanted = () => jsonAnswer(401, entraError("invalid_client", 700025));

  test("is left out once, with the same refresh token; and that it had to be is told", async () => {
    const rigged = rig(WITH_SECRET, unwanted(), jsonAnswer(200, { ...TOKENS, refresh_token: "RT1" }));
    expect((await rigged.refresh()).accessToken.reveal()).toBe("AT1");
    expect(rigged.forms.map((form) => form.get("client_secret"))).toEqual(["an-unwanted-secret", null]);
    expect(rigged.forms.map((form) => form.get("refresh_token"))).toEqual([
      "RT0-of-some-length",
      "RT0-of-some-length",
    ]);
    expect(rigged.kept).toEqual(["RT1"]);
    expect(rigged.unwanted()).toBe(1);
  });

  test("is not told where it does not work without it either", async () => {
    const rigged = rig(WITH_SECRET, unwanted(), jsonAnswer(400, entraError("invalid_grant", 700082)));
    expect((await failureOf(rigged.refresh())).code).toBe("sign-in-unused");
    expect(rigged.unwanted()).toBe(0);
    expect(rigged.kept).toEqual([]);
  });

  test("is not tried again where there was none", async () => {
    const rigged = rig({}, unwanted());
    expect((await failureOf(rigged.refresh())).code).toBe("client-secret-unwanted");
    expect(rigged.forms).toHaveLength(1);
  });
});
