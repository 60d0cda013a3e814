// What a refresh makes of everything that an authorization server, or whoever stands in its place, can answer
// (oauth.md §2 and §3): the code, whether it passes, what a person is told, and that the refresh token stays what it was.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock/clock.ts";
import type { ErrorCode } from "../../src/errors/catalogue.ts";
import type { PosternError } from "../../src/errors/postern-error.ts";
import { createAuthorizationServers } from "../../src/oauth/client/authorization-server.ts";
import { requestDeviceTokens } from "../../src/oauth/client/device-token-request.ts";
import { refresh } from "../../src/oauth/client/refresh-token-grant.ts";
import type { OAuthClientSettings } from "../../src/oauth/client/settings.ts";
import { refreshToken } from "../../src/secret/secret.ts";
import { createTestAuthority } from "../support/authority.ts";
import { failureOf } from "../support/failure-of.ts";
import {
  breakOff,
  dawdle,
  flood,
  type HostileAnswer,
  type HostileAuthorizationServer,
  hangUp,
  json,
  redirectTo,
  startHostileAuthorizationServer,
  text,
} from "../support/hostile-authorization-server.ts";
import { entraError, GOOGLE, settingsAt } from "../support/hostile-fetch.ts";
import { ENTRA_REFUSALS, GOOGLE_REFUSALS } from "../support/hostile-refusals.ts";
import { closedPort } from "../support/scripted-server.ts";
import { trustInThisProcess } from "../support/trust.ts";

let server: HostileAuthorizationServer;
let elsewhere: HostileAuthorizationServer;
let untrusted: HostileAuthorizationServer;
let expired: HostileAuthorizationServer;

beforeAll(async () => {
  const authority = await createTestAuthority();
  trustInThisProcess(authority);
  server = await startHostileAuthorizationServer(await authority.issue(["localhost"]));
  elsewhere = await startHostileAuthorizationServer(await authority.issue(["localhost"]));
  untrusted = await startHostileAuthorizationServer(
    await authority.issue(["localhost"], { selfSigned: true }),
  );
  const yesterday = new Date(Date.now() - 86_400_000);
  expired = await startHostileAuthorizationServer(
    await authority.issue(["localhost"], { notAfter: yesterday }),
  );
});

beforeEach(() => {
  for (const one of [server, elsewhere, untrusted, expired]) one.reset();
});

afterAll(async () => {
  await Promise.all([server, elsewhere, untrusted, expired].map((one) => one.close()));
});

const REFRESH_TOKEN = "0.AXoA-the-refresh-token";
const TOKENS = { access_token: "AT1", token_type: "Bearer", expires_in: 3600 };

/** How a refresh ends, and which refresh tokens it wanted kept. */
async function refreshAt(
  origin: string,
  changes: Partial<OAuthClientSettings> = {},
): Promise<{ error: PosternError; kept: readonly string[] }> {
  const servers = createAuthorizationServers(systemClock, (url, options) => fetch(url, options));
  const kept: string[] = [];
  const keep = async (rotated: { reveal(): string }): Promise<void> => void kept.push(rotated.reveal());
  const refreshing = refresh(servers, settingsAt(origin, changes), refreshToken(REFRESH_TOKEN), keep);
  return { error: await failureOf(refreshing), kept };
}

async function refreshAnswered(
  answer: HostileAnswer,
  changes?: Partial<OAuthClientSettings>,
): Promise<PosternError> {
  server.answer("/token", answer);
  const { error, kept } = await refreshAt(server.origin, changes);
  expect(kept).toEqual([]);
  expect(server.requests.map(({ form }) => form.get("refresh_token"))).toEqual([REFRESH_TOKEN]);
  expect(JSON.stringify([error.message, error.action, error.letter])).not.toContain(REFRESH_TOKEN);
  return error;
}

const WAIT =
  "Nothing: Postern keeps the sign-in and asks again by itself. If you are signing in now, try again in a while.";
const CHECK_NETWORK = `${WAIT} If it lasts, check the network.`;
const SIGN_IN = "Sign in again: postern login EMAIL";
const CHECK_SETTINGS =
  "Check the account's client id, secret and scope at the provider, then add the account again.";
const INSPECTED =
  "If your organisation inspects TLS, name its authority: postern settings set authority-file FILE. Otherwise do not trust this network.";
const REPORT =
  "Report this to the provider: the token has forbidden characters, is too long, or is not a Bearer token.";

describe("an answer that is none, or passes by itself (oauth.md §2)", () => {
  const shapes: [string, HostileAnswer, Partial<PosternError>?][] = [
    ["500 with a text", text(500, "oops", "text/plain")],
    ["500 with an OAuth error", json(500, { error: "invalid_grant" })],
    ["502 from a gateway", text(502, "<h1>Bad Gateway</h1>")],
    ["503 with Retry-After", text(503, "", "text/html", { "retry-after": "120" }), { retryAfter: 120_000 }],
    ["503 with an OAuth error", json(503, { error: "temporarily_unavailable" })],
    ["408", json(408, { error: "invalid_request" })],
    ["425", json(425, { error: "invalid_request" })],
    [
      "429 with an OAuth error and Retry-After",
      json(429, { error: "invalid_grant" }, { "retry-after": "9" }),
      { retryAfter: 9000 },
    ],
    ["400 temporarily_unavailable", json(400, { error: "temporarily_unavailable" })],
    ["400 server_error", json(400, { error: "server_error" })],
    ["400 with a web page", text(400, "<h1>Bad Request</h1>")],
    ["403 from a firewall", text(403, "<h1>Blocked</h1>")],
    ["400 with JSON that is no error", json(400, { message: "no" })],
    ["302 to a captive portal", redirectTo(302, "https://localhost/portal")],
    ["200 with a web page", text(200, "<title>Hotel</title>")],
    ["200 with broken JSON", text(200, '{"access_token":"a', "application/json")],
    ["200 with a list", json(200, [])],
    ["200 without a token", json(200, { token_type: "Bearer" })],
    ["200 with a token that is a number", json(200, { ...TOKENS, access_token: 7 })],
    ["200 with a negative lifetime", json(200, { ...TOKENS, expires_in: -1 })],
    ["204", text(204, "")],
    ["503 with a challenge", json(503, {}, { "www-authenticate": "Basic" })],
    ...[50033, 50087, 90006, 90024, 90033, 90055].map((number): [string, HostileAnswer] => [
      `AADSTS${number}`,
      json(400, entraError("invalid_grant", number)),
    ]),
  ];
  test.each(shapes)("%s", async (_name, answer, more = {}) => {
    expect(await refreshAnswered(answer)).toMatchObject({
      code: "authorization-server-failing",
      temporary: true,
      action: WAIT,
      refusesGrant: false,
      ...more,
    });
  });

  test.each<[string, HostileAnswer]>([
    ["hangs up", hangUp],
    ["breaks off in the middle", breakOff],
  ])("a server that %s is not reached", async (_name, answer) => {
    expect(await refreshAnswered(answer)).toMatchObject({
      code: "authorization-server-unreachable",
      temporary: true,
      action: CHECK_NETWORK,
    });
  });

  test("a closed port, and a name that nobody has", async () => {
    const refused = await refreshAt(`https://localhost:${await closedPort()}`);
    expect(refused.error).toMatchObject({ code: "authorization-server-unreachable", detail: "ECONNREFUSED" });
    const unknown = await refreshAt("https://nobody.invalid");
    expect(unknown.error.code).toBe("authorization-server-unreachable");
  });

  test("a certificate that nobody vouches for, or that is too old: no token leaves", async () => {
    for (const [impostor, detail] of [
      [untrusted, "DEPTH_ZERO_SELF_SIGNED_CERT"],
      [expired, "CERT_HAS_EXPIRED"],
    ] as const) {
      expect((await refreshAt(impostor.origin)).error).toMatchObject({
        code: "authorization-server-certificate",
        temporary: false,
        action: INSPECTED,
        detail,
      });
      expect(impostor.requests).toEqual([]);
    }
  });

  test("an answer that comes too slowly is given up after 30 seconds, in the middle", async () => {
    const patience = new AbortController();
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(patience.signal);
    const slow = dawdle();
    try {
      const refreshing = refreshAnswered(slow.answer);
      await slow.begun;
      patience.abort(new DOMException("the time is over", "TimeoutError"));
      expect(await refreshing).toMatchObject({
        code: "authorization-server-failing",
        detail: "OAUTH_TIMEOUT",
      });
      expect(timeout).toHaveBeenCalledWith(30_000);
      await slow.closed;
    } finally {
      timeout.mockRestore();
    }
  });

  test("10 GB are not read: the answer is cut after 1 MiB", async () => {
    const endless = flood();
    const before = process.memoryUsage().rss;
    expect(await refreshAnswered(endless.answer)).toMatchObject({
      code: "authorization-server-failing",
      temporary: true,
      detail: "the answer is too large",
    });
    await endless.closed;
    // What two TCP buffers hold comes on top.
    expect(endless.sent()).toBeGreaterThan(1024 ** 2);
    expect(endless.sent()).toBeLessThan(32 * 1024 ** 2);
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 ** 2);
  });
});

describe("a refusal in the words of RFC 6749 §5.2", () => {
  test.each<[string, string, string, boolean]>([
    ["invalid_grant", "sign-in-ended", SIGN_IN, true],
    ["interaction_required", "sign-in-ended", SIGN_IN, true],
    ["login_required", "sign-in-ended", SIGN_IN, true],
    ["consent_required", "sign-in-ended", SIGN_IN, true],
    ["access_denied", "sign-in-ended", SIGN_IN, true],
    ["invalid_client", "oauth-client-refused", CHECK_SETTINGS, false],
    ["unauthorized_client", "oauth-client-refused", CHECK_SETTINGS, false],
    ["invalid_request", "oauth-client-refused", CHECK_SETTINGS, false],
    ["unsupported_grant_type", "oauth-client-refused", CHECK_SETTINGS, false],
    ["something_new", "oauth-client-refused", CHECK_SETTINGS, false],
  ])("%s", async (error, code, action, refusesGrant) => {
    expect(await refreshAnswered(json(400, { error, error_description: "No." }))).toMatchObject({
      code,
      temporary: false,
      action,
      refusesGrant,
      detail: `${error}: No.`,
    });
  });

  test("401 with a challenge", async () => {
    const challenged = json(401, { error: "invalid_client" }, { "www-authenticate": 'Basic realm="x"' });
    expect((await refreshAnswered(challenged)).code).toBe("oauth-client-refused");
  });

  test("a description that would forge a log line is told in one line", async () => {
    const forged = "\u001b[31mno\r\n2026-11-21 INFO all is well\u202e";
    const { detail } = await refreshAnswered(
      json(400, { error: "invalid_grant", error_description: forged }),
    );
    expect(detail).toBe("invalid_grant: [31mno 2026-11-21 INFO all is well");
  });
});

describe("every row of oauth.md §3 ends in its own code and its own action", () => {
  const temporary = new Set<ErrorCode>(["request-loop", "account-locked"]);

  for (const { numbers, error, code, action, refusesGrant, retryAfter } of ENTRA_REFUSALS) {
    test.each(numbers)(`${code}: AADSTS%i`, async (number) => {
      expect(await refreshAnswered(json(400, entraError(error, number)))).toMatchObject({
        code,
        temporary: temporary.has(code),
        action,
        refusesGrant,
        retryAfter,
        detail: expect.stringContaining(`AADSTS${number}`),
      });
    });
  }

  for (const { body, code, action, refusesGrant } of GOOGLE_REFUSALS) {
    test(`${code}: ${JSON.stringify(body)}`, async () => {
      const error = await refreshAnswered(json(400, body), { issuer: GOOGLE });
      expect(error).toMatchObject({ code, temporary: false, action, refusesGrant });
    });
  }

  test("Google's words are Google's: from somebody else they are any invalid_grant", async () => {
    const words = { error: "invalid_grant", error_description: "Token has been expired or revoked." };
    expect((await refreshAnswered(json(400, words))).code).toBe("sign-in-ended");
  });
});

describe("the device flow", () => {
  const ask = (): Promise<unknown> => {
    const servers = createAuthorizationServers(systemClock, (url, options) => fetch(url, options));
    return requestDeviceTokens({ servers, settings: settingsAt(server.origin) }, "the-device-code");
  };
  const NEW_CODE = "Get a new code: postern login EMAIL --flow device";
  const OTHER_FLOW =
    "Sign in with a browser instead: postern login EMAIL --flow paste works anywhere; over ssh, so does postern login EMAIL --flow loopback --redirect-port PORT with ssh -L PORT:127.0.0.1:PORT";

  test.each<[string, object, string, string]>([
    [
      "a code that was typed wrongly",
      entraError("bad_verification_code", 70018),
      "device-code-wrong",
      NEW_CODE,
    ],
    ["a code that is too old", entraError("expired_token", 70019), "device-code-expired", NEW_CODE],
    ["a code that was used", entraError("invalid_grant", 90120), "device-code-used", NEW_CODE],
    ["a block by the organisation", entraError("access_denied", 53003), "device-flow-blocked", OTHER_FLOW],
    ["a block for this device", entraError("invalid_grant", 530035), "device-flow-blocked", OTHER_FLOW],
    ["expired_token", { error: "expired_token" }, "device-code-expired", NEW_CODE],
    ["access_denied", { error: "access_denied" }, "sign-in-denied", "Try again: postern login EMAIL"],
    [
      "authorization_declined",
      { error: "authorization_declined" },
      "sign-in-denied",
      "Try again: postern login EMAIL",
    ],
    ["invalid_grant", { error: "invalid_grant" }, "device-code-wrong", NEW_CODE],
    [
      "unauthorized_client",
      { error: "unauthorized_client" },
      "flow-not-offered",
      "Take another: postern login EMAIL --flow loopback, or --flow paste where the browser is elsewhere",
    ],
  ])("%s", async (_name, body, code, action) => {
    server.answer("/token", json(400, body));
    expect(await failureOf(ask())).toMatchObject({ code, temporary: false, action });
  });

  test("a code that nobody has typed yet is asked for again (AADSTS70016)", async () => {
    server.answer("/token", json(400, entraError("authorization_pending", 70016)));
    expect(await ask()).toMatchObject({ kind: "pending" });
  });
});

describe("an answer that would do harm", () => {
  const bad: [string, object][] = [
    ["a token that is bound to a key", { ...TOKENS, token_type: "DPoP" }],
    ["a token of a type that nobody knows", { ...TOKENS, token_type: "mac" }],
    ["an access token with a line break", { ...TOKENS, access_token: "a\r\nx LOGOUT" }],
    ["an access token with a NUL", { ...TOKENS, access_token: "a\u0000b" }],
    ["an access token with a space", { ...TOKENS, access_token: "a b" }],
    ["an access token in other letters", { ...TOKENS, access_token: "аbс" }],
    ["an access token of 500 kB", { ...TOKENS, access_token: "x".repeat(500_000) }],
  ];
  test.each(bad)("%s is not used", async (_name, body) => {
    expect(await refreshAnswered(json(200, body))).toMatchObject({
      code: "access-token-unusable",
      temporary: false,
      action: REPORT,
    });
  });

  test.each(bad)("%s is not used, and the refresh token that came with it is kept", async (_name, body) => {
    server.answer("/token", json(200, { ...body, refresh_token: "RT1" }));
    const { error, kept } = await refreshAt(server.origin);
    expect(error.code).toBe("access-token-unusable");
    expect(kept).toEqual(["RT1"]);
  });

  test.each([301, 302, 303, 307, 308])(
    "a redirect (%i) takes the refresh token nowhere else",
    async (status) => {
      elsewhere.answer("/token", json(200, TOKENS));
      const error = await refreshAnswered(redirectTo(status, `${elsewhere.origin}/token`));
      expect(error).toMatchObject({ code: "authorization-server-failing", detail: `status ${status}` });
      expect(elsewhere.requests).toEqual([]);
    },
  );
});
