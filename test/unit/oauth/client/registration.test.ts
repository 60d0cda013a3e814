import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { registerClient } from "../../../../src/oauth/client/registration.ts";
import { createTestAuthority, type TestAuthority } from "../../../support/authority.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../../../support/authorization-server.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { request } from "../../../support/request.ts";
import { DocumentAnswer, type SmallInternet, startSmallInternet } from "../../../support/small-internet.ts";
import { trustInThisProcess } from "../../../support/trust.ts";

const ISSUER = "https://login.example.test";
const METADATA = `${ISSUER}/.well-known/openid-configuration`;
const REGISTER = `${ISSUER}/register`;
const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
const REQUEST = {
  redirectUri: "http://127.0.0.1/callback",
  scope: "openid email offline_access",
  clientName: "Postern",
};

let authority: TestAuthority;
let internet: SmallInternet;

beforeAll(async () => {
  authority = await createTestAuthority();
  trustInThisProcess(authority);
});
beforeEach(async () => {
  internet = await startSmallInternet();
});
afterEach(() => internet.close());

const metadata = (changes: Readonly<Record<string, unknown>> = {}) => ({
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  registration_endpoint: REGISTER,
  ...changes,
});
const json = (status: number, body: unknown): DocumentAnswer =>
  new DocumentAnswer(status, JSON.stringify(body), { "content-type": "application/json" });
const registered = (changes: Readonly<Record<string, unknown>> = {}): DocumentAnswer =>
  json(201, {
    client_id: "c1",
    redirect_uris: [REQUEST.redirectUri],
    token_endpoint_auth_method: "none",
    ...changes,
  });

/** Registers at a server with this answer and metadata. */
async function register(answer: unknown, changes: Readonly<Record<string, unknown>> = {}, asked = REQUEST) {
  const server = await internet.publish(authority, { [METADATA]: metadata(changes), [REGISTER]: answer });
  return { server, outcome: registerClient(internet.fetch, ISSUER, asked) };
}

describe("a registration", () => {
  test("is a native public client's, with one redirect URI", async () => {
    const { server, outcome } = await register(registered());
    expect(await outcome).toEqual({ clientId: "c1", scope: REQUEST.scope });
    expect(server.requests).toEqual([`GET ${METADATA}`, `POST ${REGISTER}`]);
    expect(JSON.parse(server.bodies[0] ?? "")).toEqual({
      client_name: "Postern",
      software_id: expect.any(String),
      application_type: "native",
      redirect_uris: ["http://127.0.0.1/callback"],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      scope: REQUEST.scope,
    });
  });

  test("asks for the device flow where the server has it", async () => {
    const { server, outcome } = await register(registered(), {
      grant_types_supported: ["authorization_code", DEVICE_CODE],
    });
    await outcome;
    expect(JSON.parse(server.bodies[0] ?? "").grant_types).toContain(DEVICE_CODE);
  });

  test("takes the scope that the server made of it", async () => {
    const { outcome } = await register(registered({ scope: "openid" }));
    expect((await outcome).scope).toBe("openid");
  });

  test("takes a secret where the server insists on one, and keeps it out of sight", async () => {
    const { outcome } = await register(
      registered({ client_secret: "s3cret", token_endpoint_auth_method: "client_secret_post" }),
    );
    const client = await outcome;
    expect(client.clientSecret?.reveal()).toBe("s3cret");
    expect(JSON.stringify(client)).not.toContain("s3cret");
  });

  test("leaves a secret that no login will need", async () => {
    const { outcome } = await register(registered({ client_secret: "s3cret" }));
    expect((await outcome).clientSecret).toBeUndefined();
  });

  test.each<[string, unknown, string]>([
    [
      "registers another redirect URI",
      registered({ redirect_uris: ["https://evil.example/"] }),
      "redirect URI",
    ],
    ["registers no redirect URI", registered({ redirect_uris: [] }), "redirect URI"],
    ["gives no client id", registered({ client_id: undefined }), "no usable client id"],
    ["gives a client id with a line end", registered({ client_id: "c1\r\nx" }), "no usable client id"],
    [
      "gives a client id of 513 characters",
      registered({ client_id: "c".repeat(513) }),
      "no usable client id",
    ],
    ["gives a number as client id", registered({ client_id: 1 }), "no usable client id"],
    [
      "wants a key",
      registered({ token_endpoint_auth_method: "private_key_jwt" }),
      "prove itself by private_key_jwt",
    ],
    [
      "wants the secret in a header",
      registered({ client_secret: "s", token_endpoint_auth_method: "client_secret_basic" }),
      "prove itself by client_secret_basic",
    ],
    [
      "promises a secret and gives none",
      registered({ token_endpoint_auth_method: "client_secret_post" }),
      "no usable client secret",
    ],
    ["takes the code grant away", registered({ grant_types: ["implicit"] }), "authorization code grant"],
    ["answers with a page", new DocumentAnswer(200, "<html>"), "not JSON"],
    ["answers with a list", json(201, ["c1"]), "not JSON"],
    ["answers elsewhere", new DocumentAnswer(307, "", { location: "https://evil.example/" }), "status 307"],
    [
      "does not take the redirect URI",
      json(400, { error: "invalid_redirect_uri", error_description: "only https\r\n\x1b[31mhere" }),
      "invalid_redirect_uri: only https [31mhere",
    ],
    ["takes only whom it knows", json(401, {}), "it registers only programs that it knows"],
  ])("is refused when the server %s", async (_what, answer, detail) => {
    const { outcome } = await register(answer);
    const failure = await failureOf(outcome);
    expect(failure.code).toBe("registration-refused");
    expect(failure.detail).toContain(detail);
    expect(internet.asked).not.toContain("evil.example:443");
  });

  test.each([
    ["has a bad moment", json(503, {})],
    ["has had enough", json(429, {})],
  ])("may work later when the server %s", async (_what, answer) => {
    const { outcome } = await register(answer);
    const failure = await failureOf(outcome);
    expect(failure.code).toBe("authorization-server-failing");
    expect(failure.temporary).toBe(true);
  });

  test("of more than 1 MB is not read to its end", async () => {
    const { outcome } = await register(registered({ filler: "x".repeat(2_000_000) }));
    expect((await failureOf(outcome)).detail).toBe("the answer is too large");
  });

  test("is not tried where the server offers none", async () => {
    const { server, outcome } = await register(registered(), { registration_endpoint: undefined });
    const failure = await failureOf(outcome);
    expect(failure.code).toBe("registration-refused");
    expect(failure.detail).toBe("it does not register programs by itself");
    expect(server.bodies).toEqual([]);
  });

  test("is not tried without TLS", async () => {
    const { server, outcome } = await register(registered(), {
      registration_endpoint: "http://login.example.test/register",
    });
    expect((await failureOf(outcome)).code).toBe("authorization-server-metadata");
    expect(server.bodies).toEqual([]);
  });

  test("is not tried where the metadata is another issuer's", async () => {
    const { server, outcome } = await register(registered(), { issuer: "https://evil.example" });
    expect((await failureOf(outcome)).code).toBe("authorization-server-metadata");
    expect(server.bodies).toEqual([]);
  });
});

describe("with a real authorization server", () => {
  let server: AuthorizationServer;
  beforeAll(async () => {
    server = await startAuthorizationServer({ authority, people: [] });
  });
  afterAll(() => server.close());

  test("the new client may begin a sign-in, on any port of this machine", async () => {
    const client = await registerClient(fetch, server.issuer, REQUEST);
    expect(client.clientSecret).toBeUndefined();
    const url = new URL(`${server.issuer}/auth`);
    url.search = new URLSearchParams({
      client_id: client.clientId,
      response_type: "code",
      redirect_uri: "http://127.0.0.1:51234/callback",
      scope: "openid email",
      code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
    }).toString();
    const answer = await request(url, { authorityPem: authority.certificatePem });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toContain("/interaction/");
  });

  test("a scope that it does not know is refused in its own words", async () => {
    const failure = await failureOf(
      registerClient(fetch, server.issuer, { ...REQUEST, scope: "openid nonsense" }),
    );
    expect(failure.code).toBe("registration-refused");
    expect(failure.detail).toContain("invalid_client_metadata");
  });
});
