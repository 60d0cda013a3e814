// An organisation whose administrator must agree first, as Entra says it (AADSTS numbers, oauth.md §3): the person gets
// the page for the administrator and a letter that can be sent as it is. Here the issuer is another host than Microsoft's;
// that its consent page is on the issuer's own host is for test/unit/oauth/client.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { runInteractively } from "../support/interactive-program.ts";
import type { AuthorizationServerScript, Refusal } from "../support/scripted-authorization-server.ts";
import { authorizationUrlOf, type ScriptedTown, startScriptedTown } from "../support/scripted-town.ts";

const EMAIL = "alice@example.test";
const TRACE = "1f2e3d4c-0000-4000-8000-5a6b7c8d9e0f";
const admin: Refusal = {
  error: "access_denied",
  error_description: `AADSTS90094: The grant requires admin permission. Trace ID: ${TRACE} Correlation ID: ${TRACE}`,
  error_codes: [90094],
};
const person: Refusal = {
  error: "invalid_grant",
  error_description: `AADSTS65001: The user or administrator has not consented. Trace ID: ${TRACE}`,
  error_codes: [65001],
};

let town: ScriptedTown;

beforeAll(async () => {
  town = await startScriptedTown();
});
afterAll(() => town.close());
afterEach(async () => {
  await (await town.control()).call("account.remove", { email: EMAIL });
});

const consentUrl = (): string => {
  const { origin } = new URL(town.server.issuer);
  const query = new URLSearchParams({
    client_id: "postern-test",
    scope: "openid email offline_access",
    redirect_uri: "http://127.0.0.1/callback",
  });
  return `${origin}/organizations/v2.0/adminconsent?${query}`;
};

describe.each<[string, string, AuthorizationServerScript, number]>([
  ["in the redirect", "admin-approval-needed", { refuseAuthorization: admin }, 1],
  [
    "at the token endpoint",
    "admin-approval-needed",
    { refuseTokens: { ...admin, error: "invalid_grant" } },
    1,
  ],
  ["at the token endpoint, for want of any consent", "consent-missing", { refuseTokens: person }, 5],
])("consent that is refused %s", (_where, code, script, exitCode) => {
  test("comes with the page for the administrator, and a letter", async () => {
    town.server.script = script;
    await town.add(EMAIL);
    const { exitCode: ended, stdout, stderr } = await town.logIn(EMAIL);
    expect(ended).toBe(exitCode);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(consentUrl());
    const letter = stderr.slice(stderr.indexOf("Send this to your administrator:"));
    expect(letter).toContain("Hello,");
    expect(letter).toContain("Client id: postern-test");
    expect(letter).toContain(consentUrl());
    expect(letter).toContain(TRACE);
    expect(stderr).not.toContain("EMAIL");
  });

  test("comes with both in --json", async () => {
    town.server.script = script;
    await town.add(EMAIL);
    const { exitCode: ended, stdout } = await town.logIn(EMAIL, "--json");
    expect(ended).toBe(exitCode);
    const { error } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    expect(error).toMatchObject({ code, temporary: false });
    expect(error.letter).toContain(consentUrl());
    expect(error.letter).toContain("Thank you!");
  });
});

test("the browser shows what to do as well, and nothing is kept", async () => {
  town.server.script = { refuseAuthorization: admin };
  await town.add(EMAIL);
  const program = runInteractively(["login", EMAIL, "--no-open"], town.postern.env);
  const page = await town.visit(await authorizationUrlOf(program));
  expect(page).toContain("The sign-in did not work");
  expect(page).not.toContain("AADSTS");
  await program.finished;
  expect((await town.show(EMAIL)).status.kind).toBe("signed-out");
});

test("a sign-in that an administrator stops later keeps its refresh token, and status has the letter", async () => {
  town.server.script = { idToken: { email: EMAIL } };
  await town.add(EMAIL);
  expect((await town.logIn(EMAIL)).exitCode).toBe(0);
  await town.restart();
  town.server.script = { refuseTokens: { ...admin, error: "invalid_grant" } };
  const control = await town.control();
  await control.call("account.change", { email: EMAIL, changes: { tokenAccess: true } });
  expect((await town.postern.cli("token", EMAIL)).exitCode).toBe(1);
  const { status } = await town.show(EMAIL);
  expect(status).toMatchObject({ kind: "blocked", code: "admin-approval-needed" });
  expect(status.letter).toContain(consentUrl());
  expect((await town.postern.cli("account", "show", EMAIL)).stdout).toContain(
    "Send this to your administrator:",
  );
  // Allowed again: the sign-in that there was goes on.
  town.server.script = { idToken: { email: EMAIL } };
  await town.restart();
  expect((await town.postern.cli("token", EMAIL)).stdout).toMatch(/^access-/);
});
