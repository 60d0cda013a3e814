// What authorization endpoints and token endpoints answer about a client id, as public reports show it.
import { describe, expect, test } from "vitest";
import type { ClientOnTrial } from "../../../src/provider-check/client-check.ts";
import { readAuthorizationAnswer } from "../../../src/provider-check/read-authorization-answer.ts";
import { readTokenAnswer } from "../../../src/provider-check/read-token-answer.ts";
import { clientSecret } from "../../../src/secret/secret.ts";

const REDIRECT = "http://127.0.0.1:28714/callback";
const ASKED = "https://accounts.google.com/o/oauth2/v2/auth?client_id=c-1";

const CLIENT: ClientOnTrial = {
  issuer: "https://accounts.google.com",
  endpoints: {
    authorization: "https://accounts.google.com/o/oauth2/v2/auth",
    token: "https://oauth2.googleapis.com/token",
  },
  clientId: "c-1",
  clientSecret: undefined,
  redirectUri: "http://127.0.0.1/callback",
  scope: "mail",
  authorizationParameters: {},
  hasDeviceFlow: false,
};
const ENTRA: ClientOnTrial = {
  ...CLIENT,
  issuer: "https://login.microsoftonline.com/contoso.com/v2.0",
  endpoints: {
    authorization: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize",
    token: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
  },
};

const redirect = (location: string) => ({ status: 302, location, body: "" });
const page = (body: string, status = 200) => ({ status, location: undefined, body });

function look(answer: Parameters<typeof readAuthorizationAnswer>[0], client = CLIENT) {
  return readAuthorizationAnswer(answer, client, ASKED, REDIRECT);
}

/** Google's error page: a protocol buffer in base64. */
function packed(error: string, description: string): string {
  const field = (tag: number, text: string) =>
    Buffer.concat([Buffer.from([tag, Buffer.byteLength(text)]), Buffer.from(text)]);
  return Buffer.concat([field(0x0a, error), field(0x12, description)]).toString("base64url");
}

describe("the authorization endpoint takes the client", () => {
  test.each([
    ["by its sign-in page", redirect("https://accounts.google.com/v3/signin/identifier?client_id=c-1")],
    ["by a path on its own host", redirect("/interaction/abc")],
    ["by a page", page("<html><title>Sign in</title><form></form></html>")],
    ["by asking for a person", redirect(`${REDIRECT}?error=login_required&state=s`)],
    ["by letting everybody in", redirect(`${REDIRECT}?code=abc&state=s`)],
  ])("%s", (_how, answer) => {
    expect(look(answer).result).toBe("passed");
  });
});

describe("the authorization endpoint refuses", () => {
  test("a client id that Google does not know, as recorded", () => {
    const location =
      "https://accounts.google.com/signin/oauth/error?authError=Cg5pbnZhbGlkX2NsaWVudBIfVGhlIE9BdXRoIGNsaWVudCB3YXMgbm90IGZvdW5kLiCRAw&flowName=GeneralOAuthFlow";
    expect(look(redirect(location))).toEqual({
      result: "failed",
      sentence:
        "accounts.google.com does not know this client id: invalid_client: The OAuth client was not found.",
      action: expect.stringContaining("to its last character"),
    });
  });

  test("a redirect address: it is named as it must be registered, without the port", () => {
    const error = packed("redirect_uri_mismatch", "Bad redirect.");
    const outcome = look(redirect(`https://accounts.google.com/signin/oauth/error?authError=${error}`));
    expect(outcome.result).toBe("failed");
    expect(outcome.action).toContain("http://127.0.0.1/callback");
  });

  test.each([
    ["a deleted client", redirect(`/signin/oauth/error?authError=${packed("deleted_client", "Gone.")}`)],
    ["scopes, on the way back", redirect(`${REDIRECT}?error=invalid_scope&error_description=no+mail`)],
    ["with an error page of which nothing is known", redirect("https://accounts.google.com/error/42")],
    ["with an error in the address", redirect("https://accounts.google.com/x?error=invalid_request")],
    ["with a page that names Google's error", page("<b>Error 400: redirect_uri_mismatch</b>")],
    ["with JSON", page('{"error":"invalid_client","error_description":"who?"}', 400)],
    ["with a plain 400", page("<title>We are sorry...</title>Client not found.", 400)],
    ["with a 404", page("", 404)],
  ])("%s", (_what, answer) => {
    const outcome = look(answer);
    expect(outcome.result).toBe("failed");
    expect(outcome.action).toBeDefined();
  });

  test.each([
    [
      "an app that is not in the directory",
      "AADSTS700016: Application with identifier 'c-1' was not found in the directory 'Contoso'.",
      /does not know this client id/,
    ],
    ["a tenant that is not there", "AADSTS90002: Tenant 'contoso.com' not found.", /no such tenant/],
    ["a redirect address", "AADSTS50011: The redirect URI specified does not match.", /redirect address/],
  ])("Microsoft: %s", (_what, message, sentence) => {
    const body = `<script>$Config={"strServiceExceptionMessage":"${message}\\r\\nTrace ID: x"}</script>`;
    const outcome = look(page(body), ENTRA);
    expect(outcome.result).toBe("failed");
    expect(outcome.sentence).toMatch(sentence);
  });

  test("a page of Microsoft's that only mentions its numbers is no refusal", () => {
    expect(look(page('<script>{"codes":["AADSTS50058"]}</script>'), ENTRA).result).toBe("passed");
  });
});

describe("the authorization endpoint says nothing about the client", () => {
  test.each([
    ["when it is out of order", page("oops", 503)],
    ["when it is busy", page("slow down", 429)],
    ["when it turns robots away", page("<title>Just a moment...</title>", 403)],
    ["when it has trouble and says so", redirect(`${REDIRECT}?error=temporarily_unavailable`)],
    ["when it redirects to somewhere in clear", redirect("http://accounts.google.com/signin")],
    ["when it redirects nowhere", redirect("https://[")],
  ])("%s", (_when, answer) => {
    expect(look(answer).result).toBe("unclear");
  });

  test.each(["AAAA", "", "!!", "Cv9pbnZhbGlk", "Cg"])(
    "an authError of %j is an error of which nothing is known",
    (text) => {
      const outcome = look(redirect(`https://accounts.google.com/signin/oauth/error?authError=${text}`));
      expect(outcome).toMatchObject({ result: "failed" });
      expect(outcome.sentence).toContain("error page");
    },
  );
});

describe("the token endpoint", () => {
  const answer = (error: string, description = "", status = 400) => ({
    status,
    body: JSON.stringify({ error, error_description: description }),
  });
  const read = (given: { status: number; body: string }, client = CLIENT) =>
    readTokenAnswer(given, client, "invalid_grant");

  test("knows the client whose made-up code it refuses", () => {
    expect(read(answer("invalid_grant", "Malformed auth code.")).result).toBe("passed");
  });

  test.each([
    ["an unknown client id", answer("invalid_client", "The OAuth client was not found.", 401)],
    ["a client that may not", answer("unauthorized_client", "Unauthorized", 401)],
    ["a redirect address", answer("redirect_uri_mismatch", "Bad Request")],
  ])("refuses %s", (_what, given) => {
    expect(read(given).result).toBe("failed");
  });

  test("does not tell a wrong secret from a wrong id, and neither do we", () => {
    const withSecret = { ...CLIENT, clientSecret: clientSecret("s3cret") };
    const outcome = read(answer("invalid_client", "s3cret is wrong", 401), withSecret);
    expect(outcome.sentence).toContain("this client id with this secret");
  });

  test.each([
    ["AADSTS7000218: The request body must contain client_secret", "invalid_client", /public client/i],
    ["AADSTS7000215: Invalid client secret provided.", "invalid_client", /secret/],
    ["AADSTS700016: Application not found", "unauthorized_client", /does not know/],
    ["AADSTS50194: not configured as a multi-tenant application", "invalid_request", /./],
  ])("of Microsoft: %s", (description, error, sentence) => {
    const outcome = read(answer(error, description), ENTRA);
    expect(outcome.result).toBe("failed");
    expect(outcome.sentence).toMatch(sentence);
  });

  test.each([
    [
      "a code that Microsoft calls malformed before it looks at the client",
      "AADSTS9002313: Invalid request.",
    ],
    ["a request that it does not understand", ""],
  ])("says nothing of the client with %s", (_what, description) => {
    expect(read(answer("invalid_request", description), ENTRA).result).toBe("unclear");
  });

  test("says nothing with invalid_grant for a malformed code either", () => {
    expect(read(answer("invalid_grant", "AADSTS9002313: Invalid request."), ENTRA).result).toBe("unclear");
  });

  test.each([
    { status: 500, body: '{"error":"server_error"}' },
    { status: 502, body: "<html>" },
    { status: 200, body: "[]" },
    { status: 400, body: '{"error":{"code":400}}' },
  ])("says nothing with %j", (given) => {
    expect(read(given).result).toBe("unclear");
  });

  test("that gives tokens for a made-up code is one to stay away from", () => {
    expect(read({ status: 200, body: '{"access_token":"x"}' })).toMatchObject({ result: "failed" });
  });
});
