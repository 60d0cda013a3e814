// id_tokens that prove nothing (OpenID Connect Core §3.1.3.7; oauth.md §1): nobody is signed in by them.
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestAuthority } from "../support/authority.ts";
import {
  type HostileAuthorizationServer,
  json,
  startHostileAuthorizationServer,
} from "../support/hostile-authorization-server.ts";
import {
  failureOfSignIn,
  metadataOf,
  OPENID_PATH,
  openIdSettings,
  SECRET,
  signIn,
  tokensWith,
} from "../support/hostile-sign-in.ts";
import { trustInThisProcess } from "../support/trust.ts";

let server: HostileAuthorizationServer;

beforeAll(async () => {
  const authority = await createTestAuthority();
  trustInThisProcess(authority);
  server = await startHostileAuthorizationServer(await authority.issue(["localhost"]));
});

beforeEach(() => {
  server.reset();
  server.answer(OPENID_PATH, json(200, metadataOf(server)));
});

afterAll(() => server.close());

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PUBLIC_PEM = publicKey.export({ type: "spki", format: "pem" }).toString();

type Sign = (input: string) => Buffer;
const byKey: Sign = (input) => sign("sha256", Buffer.from(input), privateKey);
const byText =
  (key: string): Sign =>
  (input) =>
    createHmac("sha256", key).update(input).digest();
const unsigned: Sign = () => Buffer.alloc(0);

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
function jwt(header: object, claims: object, signer: Sign): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signer(input).toString("base64url")}`;
}

const now = (): number => Math.floor(Date.now() / 1000);
const claims = (nonce: string, changes: object = {}): object => ({
  iss: server.origin,
  aud: openIdSettings(server).clientId,
  sub: "alice",
  email: "alice@example.test",
  iat: now(),
  exp: now() + 300,
  nonce,
  ...changes,
});

/** A sign-in whose token response holds this besides what is right. */
const withTokens = (changes: (nonce: string) => object) => ({
  settings: openIdSettings(server),
  prepare: (nonce: string): void => server.answer("/token", json(200, tokensWith(changes(nonce)))),
});

test("an id_token that is right signs in, so that the others fail for what is wrong with them", async () => {
  const right = withTokens((nonce) => ({ id_token: jwt({ alg: "RS256" }, claims(nonce), byKey) }));
  const { accepted, completed } = await signIn(right);
  expect(await completed).toEqual({ kind: "kept" });
  expect(accepted).toMatchObject([{ identity: "alice@example.test", subject: "alice" }]);
});

describe("nobody is signed in by an id_token", () => {
  const forged: [string, (nonce: string) => unknown, object?][] = [
    ["with alg none", (nonce) => jwt({ alg: "none" }, claims(nonce), unsigned)],
    ["with alg None", (nonce) => jwt({ alg: "None" }, claims(nonce), unsigned)],
    [
      "with alg none, which the metadata allows",
      (nonce) => jwt({ alg: "none" }, claims(nonce), unsigned),
      { id_token_signing_alg_values_supported: ["RS256", "none"] },
    ],
    [
      "with alg HS256, signed with the client secret",
      (nonce) => jwt({ alg: "HS256" }, claims(nonce), byText(SECRET)),
    ],
    [
      "with alg HS256, signed with the public key",
      (nonce) => jwt({ alg: "HS256" }, claims(nonce), byText(PUBLIC_PEM)),
    ],
    [
      "with alg HS256, where the metadata names RS256",
      (nonce) => jwt({ alg: "HS256" }, claims(nonce), byText(SECRET)),
      { id_token_signing_alg_values_supported: ["RS256"] },
    ],
    ["without alg", (nonce) => jwt({ typ: "JWT" }, claims(nonce), byKey)],
    ["for another client", (nonce) => jwt({ alg: "RS256" }, claims(nonce, { aud: "somebody" }), byKey)],
    [
      "for another client besides ours",
      (nonce) =>
        jwt({ alg: "RS256" }, claims(nonce, { aud: [openIdSettings(server).clientId, "somebody"] }), byKey),
    ],
    [
      "of another issuer",
      (nonce) => jwt({ alg: "RS256" }, claims(nonce, { iss: "https://elsewhere.test" }), byKey),
    ],
    ["that has expired", (nonce) => jwt({ alg: "RS256" }, claims(nonce, { exp: now() - 120 }), byKey)],
    ["that is not valid yet", (nonce) => jwt({ alg: "RS256" }, claims(nonce, { nbf: now() + 120 }), byKey)],
    ["of another attempt", () => jwt({ alg: "RS256" }, claims("another nonce"), byKey)],
    ["without a nonce", (nonce) => jwt({ alg: "RS256" }, claims(nonce, { nonce: undefined }), byKey)],
    ["without a subject", (nonce) => jwt({ alg: "RS256" }, claims(nonce, { sub: undefined }), byKey)],
    [
      "with an extension that we do not know",
      (nonce) => jwt({ alg: "RS256", crit: ["b64"] }, claims(nonce), byKey),
    ],
    ["that is encrypted", () => "a.b.c.d.e"],
    ["that is no token", () => "nonsense"],
    ["with a header that is no JSON", (nonce) => `!.${encode(claims(nonce))}.x`],
    ["that is a number", () => 7],
    ["that was left out", () => undefined],
  ];
  test.each(forged)("%s", async (_name, idToken, changes) => {
    server.answer(OPENID_PATH, json(200, metadataOf(server, changes)));
    const attempt = withTokens((nonce) => ({ id_token: idToken(nonce) }));
    expect(await failureOfSignIn(attempt)).toMatchObject({
      code: "identity-not-proven",
      temporary: false,
      action:
        "Check this machine's clock, and the account's issuer and client id; then start again: postern login EMAIL. If it happens again, somebody may be interfering.",
    });
  });
});

test.each<[string, object]>([
  ["a token that is bound to a key", { token_type: "DPoP" }],
  ["an access token with a line break", { access_token: "a\r\nx LOGOUT" }],
])("an id_token that is right does not help %s", async (_name, changes) => {
  const attempt = withTokens((nonce) => ({
    id_token: jwt({ alg: "RS256" }, claims(nonce), byKey),
    ...changes,
  }));
  expect(await failureOfSignIn(attempt)).toMatchObject({ code: "access-token-unusable", temporary: false });
});
