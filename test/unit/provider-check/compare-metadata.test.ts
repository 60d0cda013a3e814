// What an authorization server says of itself, beside what a preset says: pure comparisons, one fact at a time.
import { describe, expect, test } from "vitest";
import { microsoft365 } from "../../../src/provider/presets/microsoft-365.ts";
import { compareMetadata } from "../../../src/provider-check/compare-metadata.ts";
import { type Finding, groupFindings } from "../../../src/provider-check/findings.ts";
import type { MetadataObservation } from "../../../src/provider-check/observe-metadata.ts";
import { createOAuthPreset } from "../../support/provider-preset.ts";

const ISSUER = "https://accounts.example.test";
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  code_challenge_methods_supported: ["plain", "S256"],
  grant_types_supported: ["authorization_code", "refresh_token"],
  scopes_supported: ["openid", "offline_access", "mail.imap", "mail.smtp"],
  token_endpoint_auth_methods_supported: ["none", "client_secret_basic"],
};

type Found = Extract<MetadataObservation, { kind: "found" }>;

const found = (changes: Readonly<Record<string, unknown>> = {}, refusal?: string): Found => ({
  kind: "found",
  metadata: { ...METADATA, ...changes },
  by: "openid",
  refusal,
});

type Changes = NonNullable<Parameters<typeof createOAuthPreset>[0]>["oauth"];

function compare(seen: MetadataObservation, oauth: Changes = {}) {
  return groupFindings(compareMetadata(createOAuthPreset({ oauth }).oauth, undefined, seen));
}

const pathsOf = (findings: readonly Finding[]): string[] => findings.map(({ path }) => path);

test("a server that is as the preset says agrees in everything that it says", () => {
  const report = compare(found());
  expect(pathsOf(report.agreements)).toEqual([
    "oauth.discovery",
    "oauth.issuer",
    "oauth.endpoints.authorization",
    "oauth.endpoints.token",
    "oauth.pkce",
    "oauth",
    "oauth",
    "oauth.scopes",
    "oauth.clientSecret",
  ]);
  expect([report.differences, report.learned, report.notAsked]).toEqual([[], [], []]);
});

describe("what differs", () => {
  test.each<[string, Readonly<Record<string, unknown>>, Changes, Partial<Finding>]>([
    [
      "a token endpoint elsewhere",
      { token_endpoint: "https://tokens.example.test/" },
      {},
      { path: "oauth.endpoints.token", preset: `${ISSUER}/token`, live: "https://tokens.example.test/" },
    ],
    ["another issuer", { issuer: "https://other.example.test" }, {}, { path: "oauth.issuer" }],
    ["no issuer at all", { issuer: 7 }, {}, { path: "oauth.issuer", live: "nothing" }],
    [
      "a device endpoint that is gone",
      {},
      {
        endpoints: {
          authorization: `${ISSUER}/authorize`,
          token: `${ISSUER}/token`,
          deviceAuthorization: `${ISSUER}/device`,
        },
      },
      { path: "oauth.endpoints.deviceAuthorization", live: "none" },
    ],
    [
      "PKCE methods without S256",
      { code_challenge_methods_supported: ["plain"] },
      {},
      { path: "oauth.pkce", live: "plain" },
    ],
    ["no refresh tokens", { grant_types_supported: ["authorization_code"] }, {}, { path: "oauth" }],
    [
      "a device flow that the preset does not know",
      {
        grant_types_supported: [
          ...METADATA.grant_types_supported,
          "urn:ietf:params:oauth:grant-type:device_code",
        ],
      },
      {},
      { path: "oauth.device.flow", preset: "none" },
    ],
    [
      "a device flow that is gone",
      {},
      { device: { flow: "offered", verificationHosts: [] } },
      { path: "oauth.device.flow", preset: "offered" },
    ],
    [
      "secrets only by a way that Postern does not go",
      { token_endpoint_auth_methods_supported: ["private_key_jwt"] },
      { clientSecret: "required" },
      { path: "oauth.clientSecret", live: "private_key_jwt" },
    ],
    [
      "metadata where there should be none",
      {},
      { discovery: "none" },
      { path: "oauth.discovery", live: "openid" },
    ],
  ])("%s", (_what, metadata, oauth, expected) => {
    expect(compare(found(metadata), oauth).differences).toEqual([expect.objectContaining(expected)]);
  });

  test("a server that has lost its metadata", () => {
    expect(compare({ kind: "absent" }).differences).toEqual([
      expect.objectContaining({ path: "oauth.discovery", preset: "openid", live: "none" }),
    ]);
  });

  test("metadata that Postern would refuse, with the reason", () => {
    expect(compare(found({}, "http://x is not an https address")).differences).toEqual([
      expect.objectContaining({ path: "oauth", live: "http://x is not an https address" }),
    ]);
  });
});

describe("what is no difference", () => {
  test("fields that a server may leave out (RFC 8414 §2) are told as not to be found out", () => {
    const { issuer, authorization_endpoint, token_endpoint } = METADATA;
    const metadata = { issuer, authorization_endpoint, token_endpoint };
    const report = compare({ kind: "found", metadata, by: "openid", refusal: undefined });
    expect(report.differences).toEqual([]);
    expect(pathsOf(report.notAsked)).toEqual(["oauth.pkce", "oauth", "oauth.scopes", "oauth.clientSecret"]);
  });

  test("a scope that is not listed, since servers need not list all", () => {
    const report = compare(found({ scopes_supported: ["openid"] }));
    expect(report.differences).toEqual([]);
    expect(report.notAsked.map(({ sentence }) => sentence)).toEqual([
      "Its metadata does not mention mail.imap, mail.smtp, offline_access.",
    ]);
  });

  test("clients without a secret where only methods with one are listed, as at Microsoft", () => {
    const report = compare(found({ token_endpoint_auth_methods_supported: ["client_secret_post"] }));
    expect(report.differences).toEqual([]);
    expect(pathsOf(report.notAsked)).toEqual(["oauth.clientSecret"]);
  });

  test("a server that cannot be reached", () => {
    const report = compare({ kind: "unreachable", reason: "ECONNREFUSED" });
    expect([report.differences, report.agreements]).toEqual([[], []]);
    expect(report.notAsked).toHaveLength(1);
  });

  test("OpenID Connect Discovery where the preset says RFC 8414, since it is asked for first", () => {
    expect(compare(found(), { discovery: "rfc8414" }).differences).toEqual([]);
  });
});

test("what the preset does not know yet is told as new", () => {
  const report = compare(
    found({
      revocation_endpoint: `${ISSUER}/revoke`,
      registration_endpoint: `${ISSUER}/register`,
      authorization_response_iss_parameter_supported: true,
    }),
    { discovery: "unknown", pkce: "unknown" },
  );
  expect(report.differences).toEqual([]);
  expect(pathsOf(report.learned)).toEqual([
    "oauth.discovery",
    "oauth.endpoints.revocation",
    "oauth.pkce",
    "oauth.responseIssuer",
    "registration",
  ]);
});

describe("Microsoft's tenants", () => {
  const GUID = "11112222-3333-4444-5555-666677778888";
  const at = (tenant: string, issuer: string): MetadataObservation => {
    const origin = `https://login.microsoftonline.com/${tenant}/oauth2/v2.0`;
    const metadata = {
      issuer,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      device_authorization_endpoint: `${origin}/devicecode`,
    };
    return { kind: "found", metadata, by: "openid", refusal: "another issuer" };
  };

  test.each([
    [undefined, "organizations", "{tenantid}"],
    ["Contoso.com", "contoso.com", GUID],
    [GUID, GUID, GUID],
  ])("asked as %s, it may call itself by the pattern or by the tenant's id", (tenant, asked, named) => {
    const seen = at(asked, `https://login.microsoftonline.com/${named}/v2.0`);
    expect(groupFindings(compareMetadata(microsoft365.oauth, tenant, seen)).differences).toEqual([]);
  });

  test.each([
    `https://login.evil.example/${GUID}/v2.0`,
    `https://login.microsoftonline.com/${GUID}/v1.0`,
    "https://login.microsoftonline.com/a/b/v2.0",
    "https://login.microsoftonline.com//v2.0",
  ])("but not by %s", (issuer) => {
    const { differences } = groupFindings(
      compareMetadata(microsoft365.oauth, "contoso.com", at("contoso.com", issuer)),
    );
    expect(pathsOf(differences)).toEqual(["oauth.issuer"]);
  });
});

test("nothing that a server says can act on a terminal", () => {
  const nasty = `${ISSUER}/\u001b[2J\u202e`;
  const report = compare(found({ token_endpoint: nasty, issuer: nasty, scopes_supported: [nasty, {}, 7] }));
  expect(JSON.stringify(report)).not.toMatch(/\\u001b|\u202e/);
  expect(report.differences).toHaveLength(2);
});
