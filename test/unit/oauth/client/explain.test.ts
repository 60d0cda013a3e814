import { describe, expect, test } from "vitest";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { createAuthorizationServers } from "../../../../src/oauth/client/authorization-server.ts";
import {
  explainOAuthFailure,
  hintForUnfinishedSignIn,
  refineEndedSignIn,
} from "../../../../src/oauth/client/explain.ts";
import { refresh } from "../../../../src/oauth/client/refresh-token-grant.ts";
import type { OAuthClientSettings } from "../../../../src/oauth/client/settings.ts";
import { clientSecret, refreshToken } from "../../../../src/secret/secret.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock, HOUR } from "../../../support/fake-clock.ts";
import {
  CORRELATION_ID,
  entraError,
  GOOGLE,
  jsonAnswer,
  type Scripted,
  scriptFetch,
  settingsAt,
  TRACE_ID,
} from "../../../support/hostile-fetch.ts";

const REFRESH_TOKEN = "0.AXoA-refresh-token-of-some-length";

/** What a refresh fails with when the server answers this. */
function explained(answer: Scripted, changes: Partial<OAuthClientSettings> = {}): Promise<PosternError> {
  const servers = createAuthorizationServers(createFakeClock(), scriptFetch(answer).fetch);
  const settings = settingsAt("https://as.example", changes);
  return failureOf(refresh(servers, settings, refreshToken(REFRESH_TOKEN), async () => {}));
}

const network = (cause: unknown): TypeError => new TypeError("fetch failed", { cause });
const coded = (code: string): Error => Object.assign(new Error("in words"), { code });

describe("Microsoft's numbers choose the words, and `error` decides", () => {
  test("a number of an ended sign-in says nothing where the client was refused", async () => {
    const error = await explained(jsonAnswer(401, entraError("invalid_client", 700082)));
    expect(error.code).toBe("oauth-client-refused");
    expect(error.refusesGrant).toBe(false);
  });

  test("a number that nobody knows leaves what `error` says", async () => {
    const error = await explained(jsonAnswer(400, entraError("invalid_grant", 70000)));
    expect(error.code).toBe("sign-in-ended");
    expect(error.refusesGrant).toBe(true);
  });

  test("the description is read where there are no error_codes, and only then", async () => {
    const described = { error: "invalid_grant", error_description: "AADSTS70043: and AADSTS50076 too" };
    expect((await explained(jsonAnswer(400, described))).code).toBe("sign-in-frequency");
    const both = { ...described, error_codes: [50173] };
    expect((await explained(jsonAnswer(400, both))).code).toBe("sign-in-password-changed");
    const odd = { ...described, error_codes: ["70008", {}] };
    expect((await explained(jsonAnswer(400, odd))).code).toBe("sign-in-frequency");
  });

  test("a service of Microsoft's that failed passes, even where `error` says that the grant is bad", async () => {
    for (const number of [50033, 50087, 90006, 90024, 90033, 90055]) {
      const error = await explained(jsonAnswer(400, entraError("invalid_grant", number)));
      expect(error).toMatchObject({ code: "authorization-server-failing", refusesGrant: false });
    }
  });

  test("a status that passes wins over any number", async () => {
    const error = await explained(
      jsonAnswer(429, entraError("invalid_grant", 700082), { "retry-after": "7" }),
    );
    expect(error).toMatchObject({ code: "authorization-server-failing", retryAfter: 7000 });
  });

  test("what Microsoft wants to find in the next request is kept, if it is a JSON object", async () => {
    const claims = '{"access_token":{"capolids":{"essential":true,"values":["x"]}}}';
    const body = entraError("interaction_required", 50076);
    expect((await explained(jsonAnswer(400, { ...body, claims }))).claims).toBe(claims);
    for (const bad of ["{", "[]", '{"a":"\u0007"}', `{"a":"${"x".repeat(5000)}"}`, 7]) {
      expect((await explained(jsonAnswer(400, { ...body, claims: bad }))).claims).toBeUndefined();
    }
  });
});

describe("what IT needs", () => {
  test("a block by conditional access names both ids, asks seldom, and refuses no grant", async () => {
    const error = await explained(
      jsonAnswer(400, entraError("invalid_grant", 53003, "Access has been blocked.")),
    );
    expect(error).toMatchObject({
      code: "conditional-access-blocked",
      refusesGrant: false,
      retryAfter: 300_000,
      detail: `invalid_grant: AADSTS53003: Access has been blocked. (trace id ${TRACE_ID}, correlation id ${CORRELATION_ID})`,
    });
    expect(error.action).toContain(`trace id ${TRACE_ID}, correlation id ${CORRELATION_ID}`);
    expect(error.letter).toContain(TRACE_ID);
    expect(error.letter).toContain("conditional access");
  });

  test("both ids survive a description of any length, and are read out of it where the fields are missing", async () => {
    const { trace_id, correlation_id, ...body } = entraError(
      "invalid_grant",
      53003,
      "x".repeat(5000),
    ) as Record<string, unknown>;
    const { detail = "" } = await explained(jsonAnswer(400, body));
    expect(detail).toContain(`trace id ${trace_id}, correlation id ${correlation_id}`);
    expect(detail.length).toBeLessThanOrEqual(300);
  });

  test("an id that is no id is not passed on", async () => {
    const body = {
      ...entraError("invalid_grant", 53003),
      trace_id: "evil text",
      error_description: "AADSTS53003",
    };
    expect((await explained(jsonAnswer(400, body))).action).toContain("trace id (not given)");
  });

  test.each([
    ["https://login.microsoftonline.com/common/v2.0", "https://login.microsoftonline.com/organizations"],
    ["https://login.microsoftonline.com/consumers/v2.0", "https://login.microsoftonline.com/organizations"],
    ["https://login.microsoftonline.us/contoso.us/v2.0", "https://login.microsoftonline.us/contoso.us"],
  ])("the consent page of %s is on its own host: %s", async (issuer, start) => {
    const error = await explained(jsonAnswer(400, entraError("invalid_grant", 90094)), { issuer });
    const url = new URL(/https:\S+/.exec(error.action)?.[0].replace(/\.$/, "") ?? "");
    expect(`${url.origin}${url.pathname}`).toBe(`${start}/v2.0/adminconsent`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: "11112222-3333-4444-5555-666677778888",
      scope: "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
      redirect_uri: "http://localhost/callback",
    });
    expect(error.letter).toContain(url.href);
  });

  test("the letter names app, scope, redirect address and Postern, and no control character", async () => {
    const { letter = "" } = await explained(jsonAnswer(400, entraError("invalid_grant", 65001)), {
      clientId: "an-id\u001b[31m\nForged: yes",
    });
    expect(letter).toContain("Client id: an-id [31m Forged: yes\n");
    expect(letter).toContain(
      "Permissions (scope): https://outlook.office.com/IMAP.AccessAsUser.All offline_access\n",
    );
    expect(letter).toContain("Redirect address: http://localhost/callback\n");
    expect(letter).toContain("Postern");
    expect(letter.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  test.each([
    [50194, "https://login.microsoftonline.com/TENANT/v2.0, where TENANT is the"],
    [9001023, "https://login.microsoftonline.com/organizations/v2.0"],
    [9002332, "https://login.microsoftonline.com/organizations/v2.0"],
    [9002331, "https://login.microsoftonline.com/consumers/v2.0"],
  ])(
    "an app that is not for every kind of account is told which issuer fits (%i)",
    async (number, issuer) => {
      const error = await explained(jsonAnswer(400, entraError("invalid_request", number)));
      expect(error.code).toBe("wrong-tenant-endpoint");
      expect(error.action).toContain(`--issuer ${issuer}`);
    },
  );
});

test.each([
  ["86400", "every 24 hours,"],
  ["3600", "every hour,"],
  ["604800", "every 7 days,"],
  ["60", "every so often,"],
  ["a while", "every so often,"],
])("how often the organisation wants a sign-in is told, where Microsoft says so: %s", async (time, told) => {
  const text = `The token was issued on 2026-11-20T12:00:00Z and the maximum allowed lifetime for this request is ${time}.`;
  const error = await explained(jsonAnswer(400, entraError("invalid_grant", 70043, text)));
  expect(error.action).toContain(told);
});

describe("no secret comes back", () => {
  const SECRET = "the-client-secret-of-this-app";

  test.each(["error", "error_description", "trace_id", "claims"])("in %s", async (field) => {
    const echo = `{"${REFRESH_TOKEN}":"${SECRET}"}`;
    const body = { ...entraError("invalid_grant", 53003), [field]: field === "error" ? `x ${echo}` : echo };
    const error = await explained(jsonAnswer(400, body), { clientSecret: clientSecret(SECRET) });
    const told = [error.message, error.action, error.letter, error.claims, String(error.cause)].join("\n");
    expect(told).not.toContain(REFRESH_TOKEN);
    expect(told).not.toContain(SECRET);
  });
});

describe("a challenge instead of a body (RFC 6750 §3)", () => {
  test.each([
    ['Bearer error="invalid_grant"', "sign-in-ended"],
    ['Basic realm="x", Bearer error="temporarily_unavailable"', "authorization-server-failing"],
    ["Basic", "oauth-client-refused"],
  ])("%s is %s", async (challenge, code) => {
    const answer = jsonAnswer(401, {}, { "www-authenticate": challenge });
    expect((await explained(answer)).code).toBe(code);
  });

  test("says nothing where the status says that it passes", async () => {
    const answer = jsonAnswer(503, {}, { "www-authenticate": "Basic", "retry-after": "3" });
    expect(await explained(answer)).toMatchObject({ code: "authorization-server-failing", retryAfter: 3000 });
  });
});

describe("a network that fails", () => {
  test.each<[string, unknown, string, string]>([
    ["refused", coded("ECONNREFUSED"), "authorization-server-unreachable", "ECONNREFUSED"],
    ["no such name", coded("ENOTFOUND"), "authorization-server-unreachable", "ENOTFOUND"],
    ["no code", new Error("bad port"), "authorization-server-unreachable", "bad port"],
    ["no cause", undefined, "authorization-server-unreachable", "fetch failed"],
    [
      "unknown authority",
      coded("DEPTH_ZERO_SELF_SIGNED_CERT"),
      "authorization-server-certificate",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
    ],
    ["expired", coded("CERT_HAS_EXPIRED"), "authorization-server-certificate", "CERT_HAS_EXPIRED"],
    [
      "other name",
      coded("ERR_TLS_CERT_ALTNAME_INVALID"),
      "authorization-server-certificate",
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
  ])("%s", async (_what, cause, code, detail) => {
    expect(await explained(network(cause))).toMatchObject({ code, detail, refusesGrant: false });
  });

  test("a wrong argument is our mistake, and not the network's", () => {
    const thrown = Object.assign(new TypeError("x"), { code: "ERR_INVALID_ARG_TYPE" });
    expect(explainOAuthFailure(thrown, "token").code).toBe("internal");
  });

  test("what is ours already stays as it is", () => {
    const error = new PosternError("sign-in-not-lasting");
    expect(explainOAuthFailure(error, "token")).toBe(error);
  });
});

describe("why Google ended a sign-in", () => {
  const DAY = 24 * HOUR;
  const now = Date.UTC(2026, 10, 21);
  const ended = (
    age: number,
    issuer = GOOGLE,
    code: "sign-in-ended" | "google-reauthentication" = "sign-in-ended",
  ) =>
    refineEndedSignIn(new PosternError(code, { detail: "invalid_grant", refusesGrant: true }), {
      issuer,
      signedInAt: now - age,
      now,
    });

  test.each([
    [6, "sign-in-ended"],
    [6.5, "google-testing-expiry"],
    [7, "google-testing-expiry"],
    [8, "google-testing-expiry"],
    [8.1, "sign-in-ended"],
    [174, "sign-in-ended"],
    [175, "google-sign-in-unused"],
    [800, "google-sign-in-unused"],
  ])("after %f days it is %s", (days, code) => {
    expect(ended(days * DAY)).toMatchObject({ code, detail: "invalid_grant", refusesGrant: true });
  });

  test("another provider's sign-in of seven days is just over", () => {
    expect(ended(7 * DAY, "https://login.example.org").code).toBe("sign-in-ended");
  });

  test("a reason that Google gave is not guessed over", () => {
    expect(ended(7 * DAY, GOOGLE, "google-reauthentication").code).toBe("google-reauthentication");
  });

  test.each([0, undefined])("a sign-in of which nobody noted the time (%s) is just over", (signedInAt) => {
    const error = new PosternError("sign-in-ended");
    expect(refineEndedSignIn(error, { issuer: GOOGLE, signedInAt, now })).toBe(error);
  });
});

test.each([
  [GOOGLE, "sign-in-timed-out-google", "org_internal"],
  ["https://login.microsoftonline.com/common/v2.0", "sign-in-timed-out-microsoft", "AADSTS50011"],
  ["https://login.microsoftonline.us/common/v2.0", "sign-in-timed-out-microsoft", "AADSTS50011"],
  ["https://login.example.org", "sign-in-timed-out", "postern login EMAIL"],
])("when nobody comes back from %s, a person is told what they may have seen there", (issuer, code, text) => {
  const error = hintForUnfinishedSignIn(issuer);
  expect(error.code).toBe(code);
  expect(error.action).toContain(text);
});
