// Proves that the tests' authorization server is a real one: every promise of test/support/authorization-server.ts
// and test/support/browser.ts is tried here with openid-client, the library that Postern itself uses.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";
import { promisify } from "node:util";
import * as oauth from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestAuthority, type TestAuthority } from "../support/authority.ts";
import {
  type AuthorizationServer,
  CONFIDENTIAL_CLIENT_ID,
  CONFIDENTIAL_CLIENT_SECRET,
  PUBLIC_CLIENT_ID,
  startAuthorizationServer,
} from "../support/authorization-server.ts";
import { authorizationResponseFor, type SignInOptions, signInWithBrowser } from "../support/browser.ts";
import { captureConsole } from "../support/captured-console.ts";
import {
  discover,
  expectInvalidGrant,
  REDIRECT_URI,
  SCOPE,
  signedIn,
  signIn,
  startSignIn,
} from "../support/openid-program.ts";
import { request } from "../support/request.ts";

let authority: TestAuthority;
let server: AuthorizationServer;
let alice: SignInOptions;
let bob: SignInOptions;
let printed: readonly unknown[];

beforeAll(async () => {
  printed = captureConsole();
  authority = await createTestAuthority();
  alice = { email: "alice@example.test", password: "correct horse", authority };
  bob = { email: "bob@example.test", password: "battery staple", authority };
  server = await startAuthorizationServer({ authority, people: [alice, bob] });
});

afterEach(async () => {
  server.setTokenFault({ kind: "none" });
  await server.resume();
});

afterAll(async () => {
  await server.close();
  vi.restoreAllMocks();
  expect(printed).toEqual([]);
});

// First, since the later tests make this process trust the authority.
describe("in a process that does not trust the authority", () => {
  it("serves the scripted browser and introspection, while plain fetch refuses the certificate", async () => {
    await expect(fetch(server.issuer)).rejects.toMatchObject({
      cause: { code: expect.stringMatching(/SELF_SIGNED_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/) },
    });
    const url = `${server.issuer}/auth?${new URLSearchParams({
      client_id: PUBLIC_CLIENT_ID,
      response_type: "code",
      scope: SCOPE,
      redirect_uri: REDIRECT_URI,
      code_challenge: await oauth.calculatePKCECodeChallenge(oauth.randomPKCECodeVerifier()),
      code_challenge_method: "S256",
    })}`;
    const response = new URL(await authorizationResponseFor(url, alice));
    expect(response.searchParams.get("code")).toBeTruthy();
    expect(await server.checkToken("no such token")).toBeUndefined();
  });
});

describe("in a process that trusts the authority", () => {
  beforeAll(() => {
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), authority.certificatePem]);
  });

  describe("discovery", () => {
    it.each(["oidc", "oauth2"] as const)("works as %s", async (algorithm) => {
      const metadata = (await discover(server, { algorithm })).serverMetadata();
      expect(metadata).toMatchObject({
        issuer: server.issuer,
        authorization_response_iss_parameter_supported: true,
        token_endpoint: `${server.issuer}/token`,
        device_authorization_endpoint: expect.any(String),
        revocation_endpoint: expect.any(String),
        registration_endpoint: expect.any(String),
        scopes_supported: expect.arrayContaining(["openid", "email", "profile", "offline_access", "mail"]),
      });
    });
  });

  describe("the authorization code grant with PKCE", () => {
    it("gives an opaque access token, a refresh token and an id_token with the address", async () => {
      const tokens = await signIn(server, alice);
      expect(tokens.access_token).not.toContain(".");
      expect(tokens.refresh_token).toEqual(expect.any(String));
      expect(tokens.expires_in).toBe(3600);
      expect(tokens.claims()).toMatchObject({ email: alice.email, email_verified: true });
      expect(tokens.claims()?.sub).not.toBe(alice.email);
      const config = await discover(server);
      const userInfo = await oauth.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? "");
      expect(userInfo.email).toBe(alice.email);
    });

    it("gives no refresh token without offline_access", async () => {
      expect((await signIn(server, alice, { scope: "mail" })).refresh_token).toBeUndefined();
    });

    it("asks for PKCE", async () => {
      const config = await discover(server);
      const url = oauth.buildAuthorizationUrl(config, { redirect_uri: REDIRECT_URI, scope: "mail" });
      const response = new URL(await authorizationResponseFor(url.href, alice));
      expect(response.searchParams.get("error")).toBe("invalid_request");
    });

    it("serves the client with a secret, and refuses a wrong secret", async () => {
      const client = { clientId: CONFIDENTIAL_CLIENT_ID, clientSecret: CONFIDENTIAL_CLIENT_SECRET };
      const tokens = await signIn(server, bob, client);
      expect(tokens.claims()?.email).toBe(bob.email);
      const impostor = await discover(server, { ...client, clientSecret: "wrong" });
      await expect(oauth.refreshTokenGrant(impostor, tokens.refresh_token ?? "")).rejects.toMatchObject({
        status: 401,
        error: "invalid_client",
      });
    });

    it.each(["127.0.0.1", "[::1]", "localhost"])("redirects to any port of %s, both paths", async (host) => {
      for (const path of ["/callback", "/other"]) {
        const redirectUri = `http://${host}:51515${path}`;
        const { url } = await startSignIn(server, { redirectUri });
        const response = await authorizationResponseFor(url.href, alice);
        expect(response.startsWith(`${redirectUri}?`)).toBe(true);
        expect(new URL(response).searchParams.get("iss")).toBe(server.issuer);
      }
    });

    it("refuses a redirect path that is not registered, on a page of its own", async () => {
      const { url } = await startSignIn(server, { redirectUri: "http://127.0.0.1:51515/elsewhere" });
      await expect(authorizationResponseFor(url.href, alice)).rejects.toThrow(/status 400.*redirect_uri/);
    });
  });

  describe("the pages", () => {
    it("refuse a wrong password", async () => {
      const { url } = await startSignIn(server);
      await expect(authorizationResponseFor(url.href, { ...alice, password: "wrong" })).rejects.toThrow(
        /status 403.*password is wrong/,
      );
    });

    it("send access_denied to the redirect URI when the person says no", async () => {
      const { url } = await startSignIn(server);
      const response = new URL(await authorizationResponseFor(url.href, { ...alice, decision: "deny" }));
      expect(response.searchParams.get("error")).toBe("access_denied");
      expect(response.searchParams.get("iss")).toBe(server.issuer);
      expect(response.searchParams.get("state")).toBe(url.searchParams.get("state"));
    });

    it("fill in the login_hint, and let the person type another address", async () => {
      const { url } = await startSignIn(server, { loginHint: alice.email });
      const first = await request(url, { authorityPem: authority.certificatePem });
      const cookie = (first.headers["set-cookie"] ?? []).map((line) => line.split(";")[0]).join("; ");
      const login = await request(new URL(first.headers.location ?? "", url), {
        headers: { cookie },
        authorityPem: authority.certificatePem,
      });
      expect(login.body).toContain(`value="${alice.email}"`);

      const other = { ...alice, password: bob.password, otherIdentity: bob.email };
      expect((await signIn(server, other, { loginHint: alice.email })).claims()?.email).toBe(bob.email);
    });
  });

  it("lets the browser visit the loopback redirect listener and gives its answer", async () => {
    const listener = http.createServer((_request, response) => response.writeHead(202).end("signed in"));
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const redirectUri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;
    const { url } = await startSignIn(server, { redirectUri });
    const answer = await signInWithBrowser(url.href, alice);
    listener.close();
    expect(answer).toMatchObject({ status: 202, body: "signed in" });
    expect(answer.redirectUri.startsWith(`${redirectUri}?code=`)).toBe(true);
  });

  describe("refresh tokens", () => {
    it("rotate, and using a rotated one again revokes the whole grant", async () => {
      const { config, refreshToken, accessToken } = await signedIn(server, alice);
      const second = await oauth.refreshTokenGrant(config, refreshToken);
      expect(second.refresh_token).not.toBe(refreshToken);
      expect(await server.checkToken(second.access_token)).toBe(alice.email);
      await expectInvalidGrant(oauth.refreshTokenGrant(config, refreshToken));
      await expectInvalidGrant(oauth.refreshTokenGrant(config, second.refresh_token ?? ""));
      expect(await server.checkToken(second.access_token)).toBeUndefined();
      expect(await server.checkToken(accessToken)).toBeUndefined();
    });

    it("stay the same where rotation is off, and short lifetimes are told", async () => {
      const other = await startAuthorizationServer({
        authority,
        people: [alice],
        rotateRefreshTokens: false,
        accessTokenSeconds: 7,
      });
      const { config, refreshToken } = await signedIn(other, alice);
      const second = await oauth.refreshTokenGrant(config, refreshToken);
      expect(second).toMatchObject({ refresh_token: refreshToken, expires_in: 7 });
      await oauth.refreshTokenGrant(config, refreshToken);
      await other.close();
    });

    it("end when the person removes the program, and only theirs", async () => {
      const ofAlice = await signedIn(server, alice);
      const ofBob = await signedIn(server, bob);
      await server.revokeGrantsOf(alice.email);
      expect(await server.checkToken(ofAlice.accessToken)).toBeUndefined();
      await expectInvalidGrant(oauth.refreshTokenGrant(ofAlice.config, ofAlice.refreshToken));
      await oauth.refreshTokenGrant(ofBob.config, ofBob.refreshToken);
    });

    it("end when the program revokes them (RFC 7009)", async () => {
      const { config, refreshToken, accessToken } = await signedIn(server, alice);
      await oauth.tokenRevocation(config, refreshToken);
      expect(await server.checkToken(accessToken)).toBeUndefined();
      await expectInvalidGrant(oauth.refreshTokenGrant(config, refreshToken));
    });

    it("outlive a pause, in which nobody listens", async () => {
      const { config, refreshToken, accessToken } = await signedIn(server, alice);
      await server.pause();
      await expect(request(server.issuer)).rejects.toMatchObject({ code: "ECONNREFUSED" });
      await expect(oauth.refreshTokenGrant(config, refreshToken)).rejects.toThrow("fetch failed");
      await server.resume();
      const second = await oauth.refreshTokenGrant(config, refreshToken);
      expect(await server.checkToken(second.access_token)).toBe(alice.email);
      expect(await server.checkToken(accessToken)).toBe(alice.email);
    });
  });

  describe("introspection, as a mail server asks", () => {
    it("names the address and the scope mail, whatever was asked for", async () => {
      const { access_token: token } = await signIn(server, alice, { scope: "openid" });
      const url = new URL(server.introspectionUrl);
      const credentials = Buffer.from(`${url.username}:${url.password}`).toString("base64");
      url.username = "";
      url.password = "";
      const answer = await fetch(url, {
        method: "POST",
        headers: { authorization: `Basic ${credentials}` },
        body: new URLSearchParams({ token }),
      });
      expect(await answer.json()).toMatchObject({
        active: true,
        email: alice.email,
        scope: expect.stringMatching(/\bmail\b/),
        client_id: PUBLIC_CLIENT_ID,
      });
    });

    it("is refused to the mail programs' own clients and to wrong credentials", async () => {
      const { config, accessToken } = await signedIn(server, alice);
      expect(await oauth.tokenIntrospection(config, accessToken)).toEqual({ active: false });
      const url = new URL(server.introspectionUrl);
      url.password = "wrong";
      const answer = await request(url, {
        form: new URLSearchParams({ token: accessToken }),
        authorityPem: authority.certificatePem,
      });
      expect(answer.status).toBe(401);
    });

    it("works with curl and the authority's file, as other programs will use it", async () => {
      const { accessToken } = await signedIn(server, bob);
      const directory = await mkdtemp(join(tmpdir(), "postern-authorization-server-"));
      const path = await authority.writeTo(directory);
      const curl = ["--silent", "--show-error", "--cacert", path, "--data", `token=${accessToken}`];
      const { stdout } = await promisify(execFile)("curl", [...curl, server.introspectionUrl]);
      await rm(directory, { recursive: true });
      expect(JSON.parse(stdout)).toMatchObject({ active: true, email: bob.email });
    });
  });

  it("records every request with its grant type and status, and no secret", async () => {
    const before = { all: server.tokenRequests(), codes: server.tokenRequests("authorization_code") };
    const { config, refreshToken, accessToken } = await signedIn(server, alice);
    await expectInvalidGrant(oauth.refreshTokenGrant(config, "no such token"));
    expect(server.tokenRequests()).toBe(before.all + 2);
    expect(server.tokenRequests("authorization_code")).toBe(before.codes + 1);
    expect(server.requests.filter((entry) => entry.path === "/token").slice(-2)).toEqual([
      { method: "POST", path: "/token", grantType: "authorization_code", status: 200 },
      { method: "POST", path: "/token", grantType: "refresh_token", status: 400 },
    ]);
    const everything = JSON.stringify(server.requests);
    for (const secret of [refreshToken, accessToken, "code=", alice.password]) {
      expect(everything).not.toContain(secret);
    }
  });
});
