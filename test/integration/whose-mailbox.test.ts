// Whose mailbox is it? Who signed in is told by the id_token, by userinfo or by the mailbox itself, and where it is
// somebody else than the account is for, nothing is kept until a person agrees (demands.md 8, 16).
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ControlClient } from "../../src/control/client.ts";
import { beginSignIn } from "../support/control-sign-in.ts";
import { failureOf } from "../support/failure-of.ts";
import { hasTerminals, type InteractiveProgram, runAtTerminal } from "../support/interactive-program.ts";
import { attemptLogin, attemptMail } from "../support/mail-attempt.ts";
import type { LocalLogin } from "../support/raw-client.ts";
import { closedPort, startScriptedServer } from "../support/scripted-server.ts";
import { authorizationUrlOf, type ScriptedTown, startScriptedTown } from "../support/scripted-town.ts";
import { imapUpstream } from "../support/scripted-upstream.ts";

const OAUTH_ONLY = { "--scope": "mail" } as const;

let town: ScriptedTown;
let accounts = 0;

beforeAll(async () => {
  town = await startScriptedTown();
});
afterAll(() => town.close());

beforeEach(() => {
  town.server.script = {};
  for (const mailboxes of [town.imap, town.smtp]) {
    mailboxes.known = undefined;
    mailboxes.logins.length = 0;
  }
});

/** An address that nobody else uses. */
function address(name: string): string {
  accounts += 1;
  return `${name}${accounts}@example.test`;
}

/** An account that is signed in to by whom the id_token names, with its local password. */
async function signedInAs(email: string, identity: string, changes = {}): Promise<LocalLogin> {
  town.server.script = { idToken: { email: identity } };
  await town.add(email, changes);
  expect((await town.logIn(email, "--any-identity")).exitCode).toBe(0);
  return town.createPassword(email);
}

async function expectNothingKept(email: string): Promise<void> {
  const { status, identity, signInsWaiting } = await town.show(email);
  expect(status.kind).toBe("signed-out");
  expect(identity).toBeUndefined();
  expect(signInsWaiting).toBe(0);
}

const users = ({ logins }: ScriptedTown["imap"]) => logins.map(({ user, accepted }) => [user, accepted]);

describe("who signed in", () => {
  test("is whom the id_token names: nobody else is asked", async () => {
    const email = address("alice");
    town.server.script = { idToken: { email }, userinfo: { sub: "subject-1", email: "other@example.test" } };
    await town.add(email);
    const finished = await town.logIn(email);
    expect(finished).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`Signed in to ${email}.`),
    });
    expect(await town.show(email)).toMatchObject({ identity: email, status: { kind: "working" } });
    expect(town.server.requestsFor("/userinfo")).toEqual([]);
    expect(town.imap.logins).toEqual([]);
  });

  test("is whom preferred_username names, where the id_token has no address of its own", async () => {
    const email = address("alice");
    town.server.script = { idToken: { preferred_username: email.toUpperCase() } };
    await town.add(email);
    expect((await town.logIn(email)).exitCode).toBe(0);
    expect((await town.show(email)).identity).toBe(email.toUpperCase());
  });

  test("is whom userinfo names, where the id_token does not say", async () => {
    const email = address("alice");
    town.server.script = { idToken: {}, userinfo: { sub: "subject-1", email } };
    await town.add(email);
    expect((await town.logIn(email)).exitCode).toBe(0);
    expect((await town.show(email)).identity).toBe(email);
    expect(town.server.requestsFor("/userinfo").map(({ authorization }) => authorization)).toEqual([
      expect.stringMatching(/^Bearer access-[0-9a-f]+$/),
    ]);
    expect(town.imap.logins).toEqual([]);
  });

  test("by userinfo may be somebody else as well", async () => {
    const [email, other] = [address("alice"), address("other")];
    town.server.script = { idToken: {}, userinfo: { sub: "subject-1", email: other } };
    await town.add(email);
    const finished = await town.logIn(email);
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain(`${other}, not ${email}`);
    await expectNothingKept(email);
  });

  test("is not believed to userinfo about another subject than the id_token's", async () => {
    const email = address("alice");
    town.server.script = { idToken: {}, userinfo: { sub: "subject-2", email } };
    await town.add(email);
    const finished = await town.logIn(email);
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain("does not belong to this sign-in");
    await expectNothingKept(email);
  });

  test("is for the mailbox to judge, where userinfo does not take this token", async () => {
    const email = address("alice");
    town.server.script = { idToken: {}, userinfo: 401 };
    await town.add(email);
    expect((await town.logIn(email)).exitCode).toBe(0);
    expect((await town.show(email)).identity).toBeUndefined();
    expect(users(town.imap)).toEqual([[email, true]]);
  });
});

describe("without OpenID Connect", () => {
  test("the mailbox that opens says enough", async () => {
    const email = address("alice");
    await town.add(email, OAUTH_ONLY);
    expect((await town.logIn(email)).exitCode).toBe(0);
    expect(users(town.imap)).toEqual([[email, true]]);
    expect((await town.show(email)).status.kind).toBe("working");
  });

  test("the mailbox that refuses ends the sign-in: nothing is kept, and why is said", async () => {
    const email = address("alice");
    town.imap.known = ["somebody@example.test"];
    await town.add(email, OAUTH_ONLY);
    const finished = await town.logIn(email);
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain("does not open this mailbox for whoever signed in");
    expect(finished.stderr).toContain(`postern account set ${email} owner ADDRESS`);
    await expectNothingKept(email);
  });

  test("a login without a mailbox behind it ends the sign-in too", async () => {
    const email = address("alice");
    const exchange = await startScriptedServer({
      tls: town.certificate,
      script: imapUpstream({
        async afterLogin(connection) {
          for (;;) {
            const [tag] = (await connection.readLine()).split(" ");
            await connection.write(`${tag} BAD User is authenticated but not connected.\r\n`);
          }
        },
      }),
    });
    await town.add(email, { ...OAUTH_ONLY, "--imap": `localhost:${exchange.port}` });
    const finished = await town.logIn(email);
    expect(finished.exitCode).toBe(75);
    expect(finished.stderr).toContain("authenticated but not connected");
    await expectNothingKept(email);
    await exchange.close();
  });

  test("a person is believed where the mail server is down", async () => {
    const email = address("alice");
    await town.add(email, { ...OAUTH_ONLY, "--imap": `localhost:${await closedPort()}` });
    expect((await town.logIn(email)).exitCode).toBe(0);
    expect((await town.show(email)).status.kind).toBe("working");
  });
});

describe("somebody else", () => {
  let control: ControlClient;
  beforeAll(async () => {
    control = await town.control();
  });

  /** Signs in as somebody else over the control API, up to the question. */
  async function asked(): Promise<{ email: string; other: string; attemptId: string }> {
    const [email, other] = [address("alice"), address("other")];
    town.server.script = { idToken: { email: other } };
    await town.add(email);
    const { attemptId, authorizationUrl } = await beginSignIn(control, email);
    const waiting = control.call("sign-in.wait", { attemptId });
    expect(await town.visit(authorizationUrl)).toContain("One question is left");
    expect(await waiting).toEqual({ outcome: "somebody-else", identity: other });
    expect((await town.show(email)).status.kind).toBe("signed-out");
    return { email, other, attemptId };
  }

  test("is kept when a person agrees, without another round in the browser", async () => {
    const { email, other, attemptId } = await asked();
    const before = town.server.requests.length;
    const agreed = { outcome: "signed-in", identity: other, notices: [] };
    expect(await control.call("sign-in.agree", { attemptId })).toEqual(agreed);
    expect(town.server.requests.length).toBe(before);
    expect(await town.show(email)).toMatchObject({ identity: other, status: { kind: "working" } });
    // Once: there is nothing to agree to any more.
    const again = await failureOf(control.call("sign-in.agree", { attemptId }));
    expect(again.code).toBe("request-invalid");
  });

  test("is forgotten when a person does not agree, and nobody can agree later", async () => {
    const { email, attemptId } = await asked();
    await control.call("sign-in.cancel", { attemptId });
    await expectNothingKept(email);
    expect((await failureOf(control.call("sign-in.agree", { attemptId }))).code).toBe("request-invalid");
    await expectNothingKept(email);
  });

  test("does not survive the account that was removed before anybody agreed", async () => {
    const { email, attemptId } = await asked();
    await control.call("account.remove", { email });
    expect((await failureOf(control.call("sign-in.agree", { attemptId }))).code).toBe("request-invalid");
  });

  describe.skipIf(!hasTerminals)("at a terminal (here only where util-linux has script(1))", () => {
    async function atTerminal(): Promise<{ email: string; other: string; program: InteractiveProgram }> {
      const [email, other] = [address("alice"), address("other")];
      town.server.script = { idToken: { email: other } };
      await town.add(email);
      const program = runAtTerminal(["login", email, "--no-open"], town.postern.env);
      await town.visit(await authorizationUrlOf(program));
      await program.said(new RegExp(`You signed in as ${other}, but the account is for ${email}`));
      await program.said(new RegExp(`Does ${other} open the mailbox ${email}\\? \\[y/N\\]`));
      expect((await town.show(email)).status.kind).toBe("signed-out");
      return { email, other, program };
    }

    test("is asked about, and yes keeps the sign-in without another round in the browser", async () => {
      const before = town.server.requestsFor("/authorize").length;
      const { email, other, program } = await atTerminal();
      program.type("y");
      const finished = await program.finished;
      expect(finished.stdout).toContain(`Signed in to ${email} as ${other}.`);
      expect(finished.exitCode).toBe(0);
      expect(town.server.requestsFor("/authorize").length).toBe(before + 1);
      expect(await town.show(email)).toMatchObject({ identity: other, status: { kind: "working" } });
    });

    test.each(["n", "", "maybe"])('is asked about, and "%s" keeps nothing', async (answer) => {
      const { email, program } = await atTerminal();
      program.type(answer);
      const finished = await program.finished;
      expect(finished.exitCode).toBe(5);
      expect(finished.stdout).toContain("so nothing was kept");
      await expectNothingKept(email);
    });
  });
});

describe("an alias", () => {
  test("is tried as it is; the name of who signed in is tried next, works, and is remembered", async () => {
    const [alias, alice] = [address("alias"), address("alice")];
    const login = await signedInAs(alias, alice);
    town.imap.known = [alice];
    town.smtp.known = [alice];
    const { id } = await town.show(alias);
    const workingUsers = async () =>
      JSON.parse(await readFile(join(town.postern.home, "state.json"), "utf8")).signIns[id].workingUsers;

    expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK /);
    expect(users(town.imap)).toEqual([
      [alias, false],
      [alice, true],
    ]);
    // The second try had a new token: the first one might have been what was refused.
    expect(new Set(town.imap.logins.map(({ accessToken }) => accessToken)).size).toBe(2);
    await expect.poll(workingUsers, { timeout: 5000 }).toEqual({ imap: alice });

    await attemptMail(town.postern.smtpPort, login);
    expect(users(town.smtp)).toEqual([
      [alias, false],
      [alice, true],
    ]);
    await expect.poll(workingUsers, { timeout: 5000 }).toEqual({ imap: alice, smtp: alice });

    await town.restart();
    expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK /);
    expect(await attemptMail(town.postern.smtpPort, login)).toMatch(/^250 /);
    expect(users(town.imap).slice(2)).toEqual([[alice, true]]);
    expect(users(town.smtp).slice(2)).toEqual([[alice, true]]);
  });

  test("that only one of the two servers knows is used there and nowhere else", async () => {
    const [alias, alice] = [address("alias"), address("alice")];
    const login = await signedInAs(alias, alice);
    town.imap.known = [alice];
    town.smtp.known = [alias];
    expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK /);
    expect(await attemptMail(town.postern.smtpPort, login)).toMatch(/^250 /);
    expect(users(town.smtp)).toEqual([[alias, true]]);
  });

  test("is forgotten with the sign-in: the next person's name is another one", async () => {
    const [alias, alice, bob] = [address("alias"), address("alice"), address("bob")];
    const login = await signedInAs(alias, alice);
    town.imap.known = [alice];
    expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK /);
    town.server.script = { idToken: { email: bob } };
    expect((await town.logIn(alias, "--any-identity")).exitCode).toBe(0);
    town.imap.known = [bob];
    town.imap.logins.length = 0;
    expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK /);
    expect(users(town.imap).at(-1)).toEqual([bob, true]);
    expect(users(town.imap)).not.toContainEqual([alice, false]);
  });
});

describe("a shared mailbox", () => {
  test("is signed in to by its delegate, read under its own name, and sent from under the delegate's", async () => {
    const [shared, delegate] = [address("shared"), address("delegate")];
    town.imap.known = [shared];
    town.smtp.known = [delegate];
    town.server.script = { idToken: { email: delegate } };
    await town.add(shared, { "--owner": delegate });
    const finished = await town.logIn(shared);
    expect(finished.exitCode).toBe(0);
    expect(new URL(finished.stdout.split("\n")[0] ?? "").searchParams.get("login_hint")).toBe(delegate);
    const login = await town.createPassword(shared);
    expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK /);
    expect(await attemptMail(town.postern.smtpPort, login)).toMatch(/^250 /);
    expect(users(town.imap)).toEqual([[shared, true]]);
    expect(users(town.smtp)).toEqual([[delegate, true]]);
  });

  test("is not opened by itself: the mailbox's own address is not the delegate", async () => {
    const [shared, delegate] = [address("shared"), address("delegate")];
    town.server.script = { idToken: { email: shared } };
    await town.add(shared, { "--owner": delegate });
    const finished = await town.logIn(shared);
    expect(finished.exitCode).toBe(5);
    await expectNothingKept(shared);
  });

  test("is used under the names that a person chose, and under no others", async () => {
    const [shared, delegate] = [address("shared"), address("delegate")];
    const names = { "--imap-user": "the shared one", "--smtp-user": "the delegate" };
    const login = await signedInAs(shared, delegate, { "--owner": delegate, ...names });
    town.imap.known = ["the shared one"];
    town.smtp.known = ["nobody"];
    expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK /);
    expect(await attemptMail(town.postern.smtpPort, login)).toMatch(/^450 /);
    expect(users(town.imap)).toEqual([["the shared one", true]]);
    expect(users(town.smtp)).toEqual([
      ["the delegate", false],
      ["the delegate", false],
    ]);
  });
});

describe("a server that grants less than was asked for", () => {
  const [IMAP, SMTP] = [
    "https://outlook.office.com/IMAP.AccessAsUser.All",
    "https://outlook.office.com/SMTP.Send",
  ];
  const ASKED = { "--scope": `openid email offline_access ${IMAP} ${SMTP}` } as const;
  const NO_SMTP = "Sending (SMTP) was not granted";

  test("has granted nothing where no mail is left: nothing is kept", async () => {
    const email = address("alice");
    town.server.script = { idToken: { email }, scope: "openid email offline_access" };
    await town.add(email, ASKED);
    const finished = await town.logIn(email, "--json");
    expect(finished.exitCode).toBe(5);
    expect(JSON.parse(finished.stdout.trim().split("\n").at(-1) ?? "").error).toMatchObject({
      code: "scope-not-granted",
      detail: "granted: openid email offline_access",
    });
    await expectNothingKept(email);
  });

  test("has granted reading without sending: signed in, and what is missing is named everywhere", async () => {
    const email = address("alice");
    town.server.script = { idToken: { email }, scope: `openid email ${IMAP}` };
    await town.add(email, ASKED);
    const finished = await town.logIn(email);
    expect(finished.exitCode).toBe(0);
    expect(finished.stdout).toContain(NO_SMTP);
    expect(finished.stdout).not.toContain("IMAP) was not");
    expect((await town.postern.cli("account", "show", email)).stdout).toContain(NO_SMTP);
    const { accounts: shown } = await town.postern.json("status");
    const account = shown.find((one: { email: string }) => one.email === email);
    expect(account.status.kind).toBe("working");
    expect(account.notices).toEqual([expect.stringContaining(NO_SMTP)]);
    expect((await town.postern.cli("status")).stdout).toContain(NO_SMTP);
  });

  test("is not blamed any more once all was granted", async () => {
    const email = address("alice");
    town.server.script = { idToken: { email }, scope: `openid email ${IMAP}` };
    await town.add(email, ASKED);
    await town.logIn(email);
    town.server.script = { idToken: { email }, scope: `${SMTP} ${IMAP}` };
    const finished = await town.logIn(email);
    expect(finished.stdout).not.toContain("not granted");
    expect((await town.show(email)).notices).toEqual([]);
  });
});
