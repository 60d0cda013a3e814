// A client id on trial, against authorization servers on real sockets: what is sent, and what is made of the answer.
import { describe, expect, test } from "vitest";
import {
  checkAuthorizationEndpoint,
  checkTenant,
  checkTokenEndpoint,
} from "../../../src/provider-check/check-client.ts";
import type { ClientOnTrial } from "../../../src/provider-check/client-check.ts";
import { clientSecret } from "../../../src/secret/secret.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { type Answer, prepareProviderWorlds } from "./provider-rig.ts";

const createWorld = prepareProviderWorlds();
const HOST = "login.example.test";
const ISSUER = `https://${HOST}`;

function client(changes: Partial<ClientOnTrial> = {}): ClientOnTrial {
  return {
    issuer: ISSUER,
    endpoints: {
      authorization: `${ISSUER}/authorize`,
      token: `${ISSUER}/token`,
      deviceAuthorization: `${ISSUER}/device`,
    },
    clientId: "c-1",
    clientSecret: undefined,
    redirectUri: "http://127.0.0.1/callback",
    scope: "openid mail",
    authorizationParameters: { access_type: "offline" },
    hasDeviceFlow: false,
    ...changes,
  };
}

const json = (status: number, body: unknown) => ({ status, body });
const refusal = (error: string, description = "") => json(400, { error, error_description: description });

async function worldWith(answer: Answer) {
  const world = await createWorld();
  return { world, requests: await world.putWeb(HOST, answer) };
}

describe("the authorization endpoint", () => {
  test("is asked as a sign-in would ask, with a port and PKCE, and redirects are not followed", async () => {
    const { world, requests } = await worldWith(() => ({
      status: 302,
      headers: { location: "/signin" },
    }));
    const outcome = await checkAuthorizationEndpoint(world.parts(), client());
    expect(outcome).toEqual({ result: "passed", sentence: `The sign-in page is at ${HOST}.` });
    expect(requests).toHaveLength(1);
    const [request] = requests;
    const asked = Object.fromEntries(request?.url.searchParams ?? []);
    expect(request?.method).toBe("GET");
    expect(asked).toEqual({
      response_type: "code",
      client_id: "c-1",
      redirect_uri: "http://127.0.0.1:28714/callback",
      scope: "openid mail",
      state: expect.stringMatching(/.{20}/),
      nonce: expect.stringMatching(/.{20}/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
      access_type: "offline",
    });
  });

  test.each(["https://127.0.0.1/", "http://localhost:28714/callback"])(
    "is sent %s as it is registered, since its port is the provider's",
    async (redirectUri) => {
      const { world, requests } = await worldWith(() => ({ status: 200, body: "<form>" }));
      await checkAuthorizationEndpoint(world.parts(), client({ redirectUri }));
      expect(requests[0]?.url.searchParams.get("redirect_uri")).toBe(redirectUri);
    },
  );

  test("never sees the secret", async () => {
    const { world, requests } = await worldWith(() => ({ status: 200, body: "<form>" }));
    await checkAuthorizationEndpoint(world.parts(), client({ clientSecret: clientSecret("s3cret") }));
    expect(requests[0]?.url.href).not.toContain("s3cret");
  });

  test("that does not answer within eight seconds says nothing", async () => {
    const { world, requests } = await worldWith(() => undefined);
    const clock = createFakeClock();
    const checking = checkAuthorizationEndpoint(world.parts(clock), client());
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(8000);
    expect(await checking).toEqual({
      result: "unclear",
      sentence: `${HOST} does not answer: not within 8 seconds.`,
    });
  });

  test("that cannot be reached says nothing", async () => {
    const world = await createWorld();
    const outcome = await checkAuthorizationEndpoint(world.parts(), client());
    expect(outcome).toMatchObject({ result: "unclear" });
    expect(outcome.sentence).toContain("could not be asked");
  });
});

describe("the token endpoint", () => {
  test("is shown a made-up code, the client id and the secret, in the body of a POST", async () => {
    const { world, requests } = await worldWith(() => refusal("invalid_grant"));
    const outcome = await checkTokenEndpoint(world.parts(), client({ clientSecret: clientSecret("s3cret") }));
    expect(outcome.result).toBe("passed");
    expect(requests).toHaveLength(1);
    const [request] = requests;
    expect(`${request?.method} ${request?.url.href}`).toBe(`POST ${ISSUER}/token`);
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      grant_type: "authorization_code",
      code: expect.stringMatching(/.{20}/),
      redirect_uri: "http://127.0.0.1:28714/callback",
      code_verifier: expect.stringMatching(/.{40}/),
      client_id: "c-1",
      client_secret: "s3cret",
    });
  });

  test("that repeats the secret in its refusal does not get it shown", async () => {
    const { world } = await worldWith(() => refusal("invalid_scope", "you sent s3cret-s3cret"));
    const outcome = await checkTokenEndpoint(
      world.parts(),
      client({ clientSecret: clientSecret("s3cret-s3cret") }),
    );
    expect(outcome.result).toBe("failed");
    expect(JSON.stringify(outcome)).not.toContain("s3cret");
  });

  test("that knows nobody fails without any further question", async () => {
    const { world, requests } = await worldWith(() => json(401, { error: "invalid_client" }));
    const outcome = await checkTokenEndpoint(world.parts(), client({ hasDeviceFlow: true }));
    expect(outcome.result).toBe("failed");
    expect(requests).toHaveLength(1);
  });
});

describe("where the token endpoint does not say, the device flow may", () => {
  const MALFORMED = refusal("invalid_grant", "AADSTS9002313: Invalid request.");
  const entra =
    (device: ReturnType<typeof json>, poll = refusal("authorization_pending")): Answer =>
    ({ url, form }) => {
      if (url.pathname === "/device") return device;
      return form.get("grant_type") === "authorization_code" ? MALFORMED : poll;
    };
  const CODE = json(200, { device_code: "d-1", user_code: "U", verification_uri: "https://x.test" });
  const check = async (answer: Answer, changes: Partial<ClientOnTrial> = {}) => {
    const { world, requests } = await worldWith(answer);
    const outcome = await checkTokenEndpoint(world.parts(), client({ hasDeviceFlow: true, ...changes }));
    return { outcome, requests };
  };

  test("pending means that the client may ask", async () => {
    const { outcome, requests } = await check(entra(CODE));
    expect(outcome.result).toBe("passed");
    expect(requests.map(({ url }) => url.pathname)).toEqual(["/token", "/device", "/token"]);
    expect(requests[2]?.form.get("device_code")).toBe("d-1");
  });

  test("public client flows that are switched off show here", async () => {
    const { outcome } = await check(
      entra(CODE, refusal("invalid_client", "AADSTS7000218: The request body must contain client_secret")),
    );
    expect(outcome.result).toBe("failed");
    expect(outcome.sentence).toMatch(/public client/i);
  });

  test("a client that is not there shows here", async () => {
    const { outcome } = await check(entra(refusal("unauthorized_client", "AADSTS700016: not found")));
    expect(outcome).toMatchObject({ result: "failed", sentence: expect.stringContaining("does not know") });
  });

  test.each([
    ["this client has no device flow", entra(refusal("unauthorized_client", "not for you"))],
    ["there is no device flow after all", entra(json(404, "no such page"))],
  ])("and where %s, nothing is known", async (_why, answer) => {
    expect((await check(answer)).outcome.result).toBe("unclear");
  });

  test("it is not asked where the provider has none for mail", async () => {
    const { outcome, requests } = await check(entra(CODE), { hasDeviceFlow: false });
    expect(outcome.result).toBe("unclear");
    expect(requests).toHaveLength(1);
  });
});

describe("a tenant", () => {
  const PATH = "/contoso.com/v2.0/.well-known/openid-configuration";

  test("is there when it has metadata", async () => {
    const { world } = await worldWith(({ url }) =>
      url.pathname === PATH
        ? {
            status: 200,
            headers: { "content-type": "application/json" },
            body: {
              issuer: `${ISSUER}/11112222-3333-4444-5555-666677778888/v2.0`,
              authorization_endpoint: `${ISSUER}/a`,
              token_endpoint: `${ISSUER}/t`,
            },
          }
        : { status: 404 },
    );
    expect((await checkTenant(world.parts(), `${ISSUER}/contoso.com/v2.0`)).result).toBe("passed");
  });

  test("is not there when the server says so, as Microsoft does with 400", async () => {
    const { world } = await worldWith(() => refusal("invalid_tenant", "AADSTS90002: not found"));
    const outcome = await checkTenant(world.parts(), `${ISSUER}/contoso.com/v2.0`);
    expect(outcome).toMatchObject({ result: "failed", action: expect.any(String) });
  });

  test("is nobody's guess while the server is out of order", async () => {
    const { world } = await worldWith(() => ({ status: 500 }));
    expect((await checkTenant(world.parts(), `${ISSUER}/contoso.com/v2.0`)).result).toBe("unclear");
  });
});
