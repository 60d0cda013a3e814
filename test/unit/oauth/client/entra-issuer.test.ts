// Whose id_tokens are believed where Microsoft's endpoints were given, and nothing was asked for metadata.
import { expect, test } from "vitest";
import { systemClock } from "../../../../src/clock/clock.ts";
import { createAuthorizationServers } from "../../../../src/oauth/client/authorization-server.ts";
import { requestDeviceTokens } from "../../../../src/oauth/client/device-token-request.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { jsonAnswer, scriptFetch, settingsAt } from "../../../support/hostile-fetch.ts";

const ALICES = "3333aaaa-4444-4bbb-8ccc-5555dddd6666";
const OTHERS = "4444aaaa-4444-4bbb-8ccc-5555dddd6666";
const WORLDWIDE = "https://login.microsoftonline.com";

function idToken(claims: object): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const whole = { aud: "postern", sub: "alice", iat: now, exp: now + 600, ...claims };
  return `${part({ alg: "RS256" })}.${part(whole)}.c2lnbmF0dXJl`;
}

/** The tokens that an account with this issuer gets, with an id_token of these claims. */
function ask(issuer: string, claims: object) {
  const script = scriptFetch(
    new Response(null, { status: 404 }),
    jsonAnswer(200, {
      access_token: "AT1",
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: "RT1",
      id_token: idToken({ preferred_username: "alice@contoso.com", ...claims }),
    }),
  );
  const servers = createAuthorizationServers(systemClock, script.fetch);
  const settings = settingsAt(new URL(issuer).origin, {
    issuer,
    clientId: "postern",
    scope: "https://outlook.office.com/IMAP.AccessAsUser.All offline_access openid",
  });
  return requestDeviceTokens({ servers, settings }, "the-device-code");
}

test.each([
  ["any organisation's", `${WORLDWIDE}/organizations/v2.0`, `${WORLDWIDE}/${ALICES}/v2.0`],
  ["any account's", `${WORLDWIDE}/common/v2.0`, `${WORLDWIDE}/${ALICES}/v2.0`],
  ["a directory by its domain", `${WORLDWIDE}/contoso.onmicrosoft.com/v2.0`, `${WORLDWIDE}/${ALICES}/v2.0`],
  ["a directory by its id", `${WORLDWIDE}/${ALICES}/v2.0`, `${WORLDWIDE}/${ALICES}/v2.0`],
  [
    "the US government's",
    "https://login.microsoftonline.us/organizations/v2.0",
    `https://login.microsoftonline.us/${ALICES}/v2.0`,
  ],
])("%s: the person's own directory may sign", async (_name, issuer, iss) => {
  expect(await ask(issuer, { iss, tid: ALICES })).toMatchObject({
    kind: "issued",
    tokens: { identity: "alice@contoso.com" },
  });
});

test.each([
  [
    "another directory, where one was named",
    `${WORLDWIDE}/${ALICES}/v2.0`,
    `${WORLDWIDE}/${OTHERS}/v2.0`,
    OTHERS,
  ],
  [
    "a directory that is not its tid's",
    `${WORLDWIDE}/organizations/v2.0`,
    `${WORLDWIDE}/${OTHERS}/v2.0`,
    ALICES,
  ],
  ["a directory without a tid", `${WORLDWIDE}/organizations/v2.0`, `${WORLDWIDE}/${ALICES}/v2.0`, undefined],
  ["a tenant that is none", `${WORLDWIDE}/organizations/v2.0`, `${WORLDWIDE}/organizations/v2.0`, ALICES],
  [
    "another cloud",
    `${WORLDWIDE}/organizations/v2.0`,
    `https://login.microsoftonline.us/${ALICES}/v2.0`,
    ALICES,
  ],
  ["anybody else", `${WORLDWIDE}/organizations/v2.0`, `https://login.evil.example/${ALICES}/v2.0`, ALICES],
  [
    "Microsoft, for a server that is not Microsoft's",
    "https://login.example.org",
    `${WORLDWIDE}/${ALICES}/v2.0`,
    ALICES,
  ],
])("%s is not believed", async (_name, issuer, iss, tid) => {
  expect((await failureOf(ask(issuer, { iss, tid }))).code).toBe("identity-not-proven");
});
