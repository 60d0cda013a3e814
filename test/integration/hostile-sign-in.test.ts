// What a sign-in makes of hostile metadata and of hostile answers by way of the browser (oauth.md §2 and §3; threats.md
// G1, H1): refused with its own code, nothing accepted, no code and no token elsewhere.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { OAuthClientSettings } from "../../src/oauth/client/settings.ts";
import { createTestAuthority } from "../support/authority.ts";
import { failureOf } from "../support/failure-of.ts";
import {
  flood,
  type HostileAnswer,
  type HostileAuthorizationServer,
  json,
  redirectTo,
  startHostileAuthorizationServer,
  text,
} from "../support/hostile-authorization-server.ts";
import { entraError, GOOGLE, settingsAt } from "../support/hostile-fetch.ts";
import {
  CODE,
  failureOfSignIn,
  metadataOf,
  OPENID_PATH,
  openIdSettings,
  overTheNetwork,
  signIn,
  tokensWith,
} from "../support/hostile-sign-in.ts";
import { RFC_8414_PATH } from "../support/small-authorization-server.ts";
import { trustInThisProcess } from "../support/trust.ts";

let server: HostileAuthorizationServer;
let elsewhere: HostileAuthorizationServer;

beforeAll(async () => {
  const authority = await createTestAuthority();
  trustInThisProcess(authority);
  server = await startHostileAuthorizationServer(await authority.issue(["localhost"]));
  elsewhere = await startHostileAuthorizationServer(await authority.issue(["localhost"]));
});

beforeEach(() => {
  server.reset();
  elsewhere.reset();
});

afterAll(async () => {
  await server.close();
  await elsewhere.close();
});

describe("metadata", () => {
  const find = (settings = openIdSettings(server)): Promise<unknown> => overTheNetwork().configure(settings);
  const metadata = (changes: object): HostileAnswer => json(200, metadataOf(server, changes));
  const BY_HAND =
    "Check --issuer, or add the account again with --authorization-endpoint and --token-endpoint.";

  const refused: [string, () => HostileAnswer][] = [
    ["of another issuer", () => metadata({ issuer: elsewhere.origin })],
    ["of an issuer that only looks alike", () => metadata({ issuer: `${server.origin}/a` })],
    ["without an issuer", () => metadata({ issuer: undefined })],
    ["without a token endpoint", () => metadata({ token_endpoint: undefined })],
    ["without an authorization endpoint", () => metadata({ authorization_endpoint: undefined })],
    ...["token", "authorization", "device_authorization", "revocation", "registration", "userinfo"].flatMap(
      (name): [string, () => HostileAnswer][] => [
        [`with ${name} over http`, () => metadata({ [`${name}_endpoint`]: "http://localhost/x" })],
        [`with ${name} that is no address`, () => metadata({ [`${name}_endpoint`]: "javascript:1" })],
      ],
    ),
    ["that is not there", () => text(404, "nothing")],
  ];
  test.each(refused)("%s is not used", async (_name, answer) => {
    server.answer(OPENID_PATH, answer());
    expect(await failureOf(find())).toMatchObject({
      code: "authorization-server-metadata",
      temporary: false,
      action: BY_HAND,
    });
    expect(elsewhere.requests).toEqual([]);
  });

  test.each<[string, () => HostileAnswer]>([
    ["a redirect to somebody else's", () => redirectTo(302, `${elsewhere.origin}${OPENID_PATH}`)],
    ["a captive portal", () => text(200, "<title>Hotel</title>")],
    ["an error that passes", () => text(503, "")],
  ])("is asked for again later, after %s", async (_name, answer) => {
    server.answer(OPENID_PATH, answer());
    elsewhere.answer(OPENID_PATH, metadata({}));
    expect(await failureOf(find())).toMatchObject({ code: "authorization-server-failing", temporary: true });
    expect(elsewhere.requests).toEqual([]);
  });

  test("of 10 GB is cut", async () => {
    const endless = flood();
    server.answer(OPENID_PATH, endless.answer);
    expect((await failureOf(find())).code).toBe("authorization-server-failing");
    await endless.closed;
    expect(endless.sent()).toBeLessThan(32 * 1024 ** 2);
  });

  test("that is right under the other name is found, so that the rest is refused for what it says", async () => {
    server.answer(RFC_8414_PATH, metadata({}));
    await expect(find()).resolves.toBeDefined();
  });

  test("that has moved the token endpoint gets no stored token until a person agrees (G1)", async () => {
    server.answer(OPENID_PATH, metadata({ token_endpoint: `${elsewhere.origin}/token` }));
    const trusting = openIdSettings(server, { trustedTokenEndpoint: `${server.origin}/token` });
    expect(await failureOf(find(trusting))).toMatchObject({
      code: "account-hosts-changed",
      temporary: false,
      action:
        "Look at both: postern account show EMAIL. If the new ones are right: postern account trust EMAIL. If you did not change anything, do not.",
    });
    expect(elsewhere.requests).toEqual([]);
  });
});

const asked = (): string[] => server.requests.map(({ path }) => path);
const given = (changes: Partial<OAuthClientSettings> = {}): OAuthClientSettings =>
  settingsAt(server.origin, { redirectUri: "http://127.0.0.1/callback", ...changes });

describe("an answer by way of the browser", () => {
  test.each<[string, Record<string, string>]>([
    ["the code of another issuer (mix-up)", { code: CODE, iss: "https://elsewhere.test" }],
    ["neither code nor error", {}],
  ])("with %s never reaches the token endpoint", async (_name, redirect) => {
    server.answer(OPENID_PATH, json(200, metadataOf(server)));
    expect(await failureOfSignIn({ settings: openIdSettings(server), redirect })).toMatchObject({
      code: "sign-in-answer-refused",
      temporary: false,
      action: "Start again with: postern login EMAIL. If it happens again, somebody may be interfering.",
    });
    expect(asked()).not.toContain("/token");
  });

  test("without the issuer that the metadata promises never reaches the token endpoint", async () => {
    const promised = { authorization_response_iss_parameter_supported: true };
    server.answer(OPENID_PATH, json(200, metadataOf(server, promised)));
    const error = await failureOfSignIn({ settings: openIdSettings(server) });
    expect(error.code).toBe("sign-in-answer-refused");
    expect(asked()).not.toContain("/token");
  });

  const microsoft = (text: string): Record<string, string> => ({
    error: "access_denied",
    error_description: text,
  });
  test.each<[string, Record<string, string>, string, string?]>([
    ["a person who pressed cancel", { error: "access_denied" }, "sign-in-denied"],
    ["a server that has a problem", { error: "server_error" }, "authorization-server-failing"],
    ["a scope that nobody knows", { error: "invalid_scope" }, "scope-refused"],
    ["a client that may not do this", { error: "unauthorized_client" }, "oauth-client-refused"],
    ["a person who declined at Microsoft", microsoft("AADSTS65004: declined"), "consent-missing"],
    ["an app that nobody approved", microsoft("AADSTS90094: admin"), "admin-approval-needed"],
    ["an account of another tenant", microsoft("AADSTS50020: guest"), "account-not-here"],
    ["a Workspace that blocks", { error: "admin_policy_enforced" }, "google-admin-blocks", GOOGLE],
    ["a Google app for insiders", { error: "org_internal" }, "google-client-internal", GOOGLE],
    ["a browser within a program", { error: "disallowed_useragent" }, "browser-not-accepted", GOOGLE],
  ])("that tells of %s", async (_name, redirect, code, issuer) => {
    const error = await failureOfSignIn({
      settings: given(issuer === undefined ? {} : { issuer }),
      redirect,
    });
    expect(error.code).toBe(code);
    expect(error.refusesGrant).toBe(false);
    expect(asked()).toEqual([]);
  });
});

describe("a code that the token endpoint does not take", () => {
  test.each<[string, object, string]>([
    ["it was used already", entraError("invalid_grant", 54005), "sign-in-code-spent"],
    ["it is bound to another verifier", entraError("invalid_grant", 501481), "sign-in-code-spent"],
    ["it says no more than that", { error: "invalid_grant" }, "sign-in-code-spent"],
    ["it is another tenant's", entraError("invalid_grant", 700005), "sign-in-session-lost"],
    ["it is a web page's", entraError("invalid_request", 9002327), "redirect-for-web-pages"],
    ["the app needs a secret", entraError("invalid_client", 7000218), "public-client-flows-off"],
    ["the device is blocked", entraError("invalid_grant", 53000), "conditional-access-blocked"],
  ])("because %s", async (_name, body, code) => {
    server.answer("/token", json(400, body));
    expect((await failureOfSignIn({ settings: given() })).code).toBe(code);
    expect(asked()).toEqual(["/token"]);
  });

  test("because the redirect address is not registered: the one to register is named, and the one that was sent", async () => {
    server.answer("/token", json(400, entraError("invalid_request", 50011)));
    const { completed, redirectUri } = await signIn({ settings: given() });
    const error = await failureOf(completed);
    expect(error.code).toBe("redirect-uri-mismatch");
    expect(error.action).toContain("666677778888: http://127.0.0.1/callback. If");
    expect(error.detail).toContain(`${redirectUri} was sent`);
    expect(redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  });

  test("but redirects: it goes nowhere else", async () => {
    elsewhere.answer("/token", json(200, tokensWith({})));
    server.answer("/token", redirectTo(307, `${elsewhere.origin}/token`));
    expect((await failureOfSignIn({ settings: given() })).code).toBe("authorization-server-failing");
    expect(elsewhere.requests).toEqual([]);
  });
});
