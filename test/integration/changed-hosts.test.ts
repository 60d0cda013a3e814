// Somebody changes where an account's tokens would go, while Postern is stopped (threats.md G1): nothing is dialled, no
// token leaves, mail programs are told to wait, and a person sees both lists and decides.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { attemptLogin, attemptMail } from "../support/mail-attempt.ts";
import type { LocalLogin } from "../support/raw-client.ts";
import {
  type AuthorizationServerScript,
  type ScriptedAuthorizationServer,
  startScriptedAuthorizationServer,
} from "../support/scripted-authorization-server.ts";
import { type ScriptedServer, startScriptedServer } from "../support/scripted-server.ts";
import { editJson, type ScriptedTown, startScriptedTown } from "../support/scripted-town.ts";
import { imapUpstream, smtpUpstream } from "../support/scripted-upstream.ts";

const EMAIL = "alice@example.test";

let town: ScriptedTown;
/** In wait for tokens: each of them would take what comes. */
let evilImap: ScriptedServer;
let evilSmtp: ScriptedServer;
let evilAuthorization: ScriptedAuthorizationServer;
let login: LocalLogin;

beforeAll(async () => {
  town = await startScriptedTown();
});
afterAll(() => town.close());

beforeEach(async () => {
  evilImap = await startScriptedServer({ tls: town.certificate, script: imapUpstream() });
  evilSmtp = await startScriptedServer({ tls: town.certificate, script: smtpUpstream() });
  evilAuthorization = await startScriptedAuthorizationServer(town.certificate);
  town.server.script = { idToken: { email: EMAIL } };
  const { issuer } = town.server;
  await town.add(EMAIL, {
    "--authorization-endpoint": `${issuer}/authorize`,
    "--token-endpoint": `${issuer}/token`,
    "--revocation-endpoint": `${issuer}/revoke`,
  });
  await signIn();
});
afterEach(async () => {
  await removeAccount();
  await Promise.all([evilImap.close(), evilSmtp.close(), evilAuthorization.close()]);
});

async function removeAccount(): Promise<void> {
  await (await town.control()).call("account.remove", { email: EMAIL });
}

async function signIn(): Promise<void> {
  expect((await town.logIn(EMAIL)).exitCode).toBe(0);
  login = await town.createPassword(EMAIL);
}

/** What the file says of the account, changed while Postern is stopped. */
const changeAccount = (edit: (account: Record<string, Record<string, unknown>>) => void): Promise<void> =>
  town.restart(() => editJson(town.postern.home, "config.json", ({ accounts: [account] }) => edit(account)));

/** Nobody gets in, nobody is asked for a password, and nothing has gone anywhere. */
async function expectHeldBack(): Promise<void> {
  const before = [town.imap.logins.length, town.smtp.logins.length, tokenRequests()];
  const waits = "The account's servers have changed; see Postern";
  expect(await attemptLogin(town.postern.imapPort, login)).toBe(`NO [UNAVAILABLE] ${waits}`);
  expect(await attemptMail(town.postern.smtpPort, login)).toBe(`450 4.3.5 ${waits}`);
  expect([town.imap.logins.length, town.smtp.logins.length, tokenRequests()]).toEqual(before);
  expectNothingCame();
}

function expectNothingCame(): void {
  expect(evilImap.connections).toHaveLength(0);
  expect(evilSmtp.connections).toHaveLength(0);
  expect(evilAuthorization.requests).toEqual([]);
}

/** The stored sign-in still works: nobody has to sign in again. */
async function expectMail(): Promise<void> {
  const authorizations = town.server.requestsFor("/authorize").length;
  expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK /);
  expect(await attemptMail(town.postern.smtpPort, login)).toMatch(/^250 /);
  expect(town.server.requestsFor("/authorize").length).toBe(authorizations);
  expect((await town.show(EMAIL)).status.kind).toBe("working");
}

/** Told before any mail program has asked. */
async function expectBlocked(trusted: string, now: string): Promise<void> {
  expect(await town.show(EMAIL)).toMatchObject({
    status: { kind: "blocked", code: "account-hosts-changed" },
    hostsChanged: { trusted: [trusted], now: [now] },
  });
}

const tokenRequests = (): number => town.server.requestsFor("/token").length;
const at = (server: { readonly port: number }): string => `localhost:${server.port}`;

describe.each([
  ["IMAP server", () => town.imap, () => evilImap, "imap"],
  ["SMTP server", () => town.smtp, () => evilSmtp, "smtp"],
] as const)("another %s in the configuration", (_what, trusted, evil, protocol) => {
  const name = (server: { readonly port: number }) =>
    changeAccount((account) => {
      account[protocol] = { ...account[protocol], port: server.port };
    });

  test("holds the tokens back, and the old one lets them go again", async () => {
    await name(evil());
    await expectBlocked(at(trusted()), at(evil()));
    await expectHeldBack();
    await expectBlocked(at(trusted()), at(evil()));
    // A restart is no agreement.
    await town.restart();
    await expectHeldBack();
    await name(trusted());
    await expectMail();
    expectNothingCame();
  });
});

test("another host is told by its name wherever a person looks, and nobody looks it up", async () => {
  await changeAccount((account) => {
    account.imap = { ...account.imap, host: "imap.evil.invalid" };
  });
  const evil = `imap.evil.invalid:${town.imap.port}`;
  await expectBlocked(at(town.imap), evil);
  const { accounts } = await town.postern.json("status");
  expect(accounts).toMatchObject([{ status: { kind: "blocked", code: "account-hosts-changed" } }]);
  expect((await town.postern.cli("status", "--check")).exitCode).toBe(6);
  const { stdout } = await town.postern.cli("account", "show", EMAIL);
  expect(stdout).toContain(`■ ${EMAIL}  The account names other servers than the ones that you agreed to`);
  expect(stdout).toContain(`You agreed to: ${at(town.imap)}`);
  expect(stdout).toContain(`Now it names:  ${evil}`);
  expect(stdout).toContain(`postern account trust ${EMAIL}`);
  await expectHeldBack();
});

describe("another token endpoint in the configuration", () => {
  const name = (issuer: string) =>
    changeAccount((account) => {
      account.endpoints = { ...account.endpoints, token: `${issuer}/token` };
    });

  test("holds the tokens back, and the old one lets them go again", async () => {
    await name(evilAuthorization.issuer);
    await expectBlocked(`${town.server.issuer}/token`, `${evilAuthorization.issuer}/token`);
    await expectHeldBack();
    await name(town.server.issuer);
    await expectMail();
    expectNothingCame();
  });
});

describe("a person who agrees", () => {
  const moved = async (): Promise<ScriptedServer> => {
    const newHome = await startScriptedServer({ tls: town.certificate, script: imapUpstream() });
    await changeAccount((account) => {
      account.imap = { ...account.imap, port: newHome.port };
    });
    return newHome;
  };

  test("is asked, and has not agreed where nobody is there to ask", async () => {
    const newHome = await moved();
    const finished = await town.postern.cli("account", "trust", EMAIL);
    expect(finished.exitCode).toBe(2);
    expect(finished.stderr).toContain(`You signed in for:  ${at(town.imap)}`);
    expect(finished.stderr).toContain(`It now names:       ${at(newHome)}`);
    await expectHeldBack();
    expect(newHome.connections).toHaveLength(0);
    await newHome.close();
  });

  test("by --yes has mail again at once, with the sign-in that there was, also after a restart", async () => {
    const newHome = await moved();
    await expectHeldBack();
    const finished = await town.postern.cli("account", "trust", EMAIL, "--yes");
    expect(finished.exitCode).toBe(0);
    expect(finished.stdout).not.toContain("You agreed to");
    await expectMail();
    expect(newHome.connections).toHaveLength(1);
    await town.restart();
    await expectMail();
    expect(await town.postern.json("account", "trust", EMAIL)).toEqual({ changed: false });
    await newHome.close();
  });
});

describe("an issuer that names another token endpoint", () => {
  beforeEach(async () => {
    await removeAccount();
    // Metadata is believed for an hour, or until a restart.
    await town.restart();
    await town.add(EMAIL);
    await signIn();
  });
  const nameTokenEndpoint = (issuer: string, others: object = {}) =>
    town.restart(async () => {
      const metadata = { token_endpoint: `${issuer}/token`, ...others };
      town.server.script = { ...town.server.script, metadata };
    });

  test("gets no token there; a person sees both, and the old one lets tokens go again", async () => {
    await nameTokenEndpoint(evilAuthorization.issuer);
    await expectHeldBack();
    await expectBlocked(`${town.server.issuer}/token`, `${evilAuthorization.issuer}/token`);
    await expectHeldBack();
    await nameTokenEndpoint(town.server.issuer);
    await expectMail();
    expectNothingCame();
  });

  test("gets one where a person agrees", async () => {
    await nameTokenEndpoint(`${town.server.issuer}/new`);
    await expectHeldBack();
    expect((await town.postern.cli("account", "trust", EMAIL, "--yes")).exitCode).toBe(0);
    await attemptLogin(town.postern.imapPort, login);
    expect(town.server.requestsFor("/new/token").map(({ form }) => form.get("grant_type"))).toEqual([
      "refresh_token",
    ]);
  });

  test("is not agreed to along with something else: a person has not seen it yet", async () => {
    await nameTokenEndpoint(evilAuthorization.issuer);
    const newHome = await startScriptedServer({ tls: town.certificate, script: imapUpstream() });
    await changeAccount((account) => {
      account.imap = { ...account.imap, port: newHome.port };
    });
    await expectBlocked(at(town.imap), at(newHome));
    const finished = await town.postern.cli("account", "trust", EMAIL, "--yes");
    expect(finished.exitCode).toBe(78);
    expect(finished.stderr).toContain(`${evilAuthorization.issuer}/token`);
    await expectHeldBack();
    expect((await town.show(EMAIL)).hostsChanged).toEqual({
      trusted: [`${town.server.issuer}/token`, at(town.imap)],
      now: [`${evilAuthorization.issuer}/token`, at(newHome)],
    });
    await newHome.close();
  });

  test("gets no token to revoke either, however much of its metadata has changed", async () => {
    const { issuer } = evilAuthorization;
    await nameTokenEndpoint(issuer, { revocation_endpoint: `${issuer}/revoke` });
    const finished = await town.postern.cli("logout", EMAIL, "--revoke", "--yes");
    expect(finished.exitCode).toBe(75);
    expectNothingCame();
    expect((await town.show(EMAIL)).status.kind).toBe("signed-out");
  });
});

describe("another issuer in the configuration", () => {
  const borrow = (script: AuthorizationServerScript) =>
    changeAccount((account) => {
      evilAuthorization.script = script;
      delete account.endpoints;
      Object.assign(account, { issuer: evilAuthorization.issuer });
    });

  test.each<[string, () => AuthorizationServerScript]>([
    ["its own token endpoint", () => ({})],
    ["the right token endpoint", () => ({ metadata: { token_endpoint: `${town.server.issuer}/token` } })],
  ])("that names %s gets no token, to use or to revoke", async (_what, script) => {
    await borrow(script());
    await expectHeldBack();
    const { status, hostsChanged } = await town.show(EMAIL);
    expect(status).toMatchObject({ kind: "blocked", code: "account-hosts-changed" });
    expect(hostsChanged?.now).toContain(evilAuthorization.issuer);
    const finished = await town.postern.cli("logout", EMAIL, "--revoke", "--yes");
    expect(finished.stderr).toContain("its tokens are held back");
    expectNothingCame();
  });
});

describe("while the hosts have changed", () => {
  beforeEach(() =>
    changeAccount((account) => {
      account.imap = { ...account.imap, port: evilImap.port };
    }),
  );

  test("no other way leads to a token: not for another program, and not for a test", async () => {
    await town.postern.json("account", "set", EMAIL, "token-access", "on");
    const finished = await town.postern.cli("token", EMAIL);
    expect(finished).toMatchObject({ exitCode: 78, stdout: "" });
    const { legs } = await (await town.control()).call("account.test", { email: EMAIL });
    const failures = Object.fromEntries(legs.map(({ leg, failure }) => [leg, failure?.code]));
    expect(failures).toEqual({
      "sign-in": "account-hosts-changed",
      "imap-local": "test-refused",
      "smtp-local": "test-refused",
    });
    expectNothingCame();
  });

  test("signing in once more is no agreement; after signing out there is nothing to hold back", async () => {
    const refused = await town.postern.cli("login", EMAIL, "--no-open");
    expect(refused).toMatchObject({ exitCode: 78, stdout: "" });
    expect(refused.stderr).toContain(`postern account trust ${EMAIL}`);
    await expectHeldBack();
    await town.postern.cli("logout", EMAIL);
    expect((await town.logIn(EMAIL)).exitCode).toBe(0);
    expect((await town.show(EMAIL)).hostsChanged).toBeUndefined();
  });

  test("signing out forgets here, as ever, and revokes nothing", async () => {
    expect((await town.postern.cli("logout", EMAIL)).exitCode).toBe(0);
    expect((await town.show(EMAIL)).status.kind).toBe("signed-out");
    expect(town.server.requestsFor("/revoke")).toEqual([]);
  });
});

test("another revocation endpoint in the configuration gets no token to revoke", async () => {
  const evil = `${evilAuthorization.issuer}/revoke`;
  await changeAccount((account) => {
    account.endpoints = { ...account.endpoints, revocation: evil };
  });
  await expectBlocked(`${town.server.issuer}/revoke`, evil);
  const finished = await town.postern.cli("logout", EMAIL, "--revoke", "--yes");
  expect(finished.exitCode).toBe(75);
  expect(finished.stdout).toContain("The provider could not be told");
  expectNothingCame();
  expect((await town.show(EMAIL)).status.kind).toBe("signed-out");
});
