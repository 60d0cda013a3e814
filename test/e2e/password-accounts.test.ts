// Mailboxes that are opened with a password, whole: a real Dovecot and Postfix that take it by PLAIN and LOGIN, a real
// keyring that keeps it, and mail programs that nobody here wrote, to which such a mailbox is one like any other.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectToDaemon } from "../../src/control/client.ts";
import { createTestAuthority } from "../support/authority.ts";
import { PUBLIC_CLIENT_ID } from "../support/authorization-server.ts";
import { type GnomeKeyring, startGnomeKeyring } from "../support/gnome-keyring.ts";
import {
  type LocalLogin,
  mbsyncPull,
  msmtpSend,
  pythonImaplib,
  pythonSmtplib,
} from "../support/mail-programs.ts";
import { loginWithPassword } from "../support/password-town.ts";
import type { Person } from "../support/person.ts";
import { type Postern, startPostern } from "../support/postern.ts";
import { describeWithRealServers, type RealServers, startRealServers } from "../support/real-servers.ts";
import { runProgram } from "../support/run-program.ts";
import { filesBelow, tracesIn } from "../support/secret-traces.ts";

const OAUTH: Person = { email: "alice@example.test", password: "wonderland" };
const ODD: Person = {
  email: "dora@example.test",
  password: `  "Gänse\\füßchen": %u {PLAIN}$6$ & <ключ> ${"0123456789 ".repeat(15)} `,
};
const SHORT: Person = { email: "emil@example.test", password: "vier" };
/** At servers that take LOGIN alone. */
const OLD: Person = { email: "frieda@example.test", password: "of old" };
const ALL = [OAUTH, ODD, SHORT, OLD];

const implicitTls = ({ dovecot, postfix }: RealServers) =>
  ({ imap: dovecot.imapsPort, smtp: postfix.submissionsPort, tls: "implicit" }) as const;
const startTls = ({ dovecot, postfix }: RealServers) =>
  ({ imap: dovecot.imapPort, smtp: postfix.submissionPort, tls: "starttls" }) as const;

describeWithRealServers("mailboxes with a password, at Dovecot and Postfix", () => {
  let servers: RealServers;
  let oldServers: RealServers;
  let keyring: GnomeKeyring;
  let postern: Postern;
  const localPasswords = new Map<string, string>();

  beforeAll(async () => {
    const authority = await createTestAuthority();
    [servers, oldServers, keyring] = await Promise.all([
      startRealServers({
        authority,
        people: [OAUTH],
        passwords: { [ODD.email]: ODD.password, [SHORT.email]: SHORT.password },
      }),
      startRealServers({
        authority,
        people: [],
        passwords: { [OLD.email]: OLD.password },
        passwordMechanisms: ["login"],
      }),
      startGnomeKeyring(),
    ]);
    const { authorizationServer } = servers;
    postern = await startPostern({ authority, env: { ...keyring.env, POSTERN_KEYCHAIN: "" } });
    const implicit = implicitTls(servers);
    await postern.addAccount(OAUTH.email, {
      issuer: authorizationServer.issuer,
      clientId: PUBLIC_CLIENT_ID,
      imap: { port: implicit.imap, tls: implicit.tls },
      smtp: { port: implicit.smtp, tls: implicit.tls },
    });
    expect((await postern.signIn(OAUTH)).exitCode).toBe(0);
    const control = await connectToDaemon(join(postern.home, "control.json"));
    for (const [{ email }, { imap, smtp, tls }] of [
      [ODD, implicit],
      [SHORT, startTls(servers)],
      [OLD, startTls(oldServers)],
    ] as const) {
      const [imapServer, smtpServer] = [imap, smtp].map((port) => ({ host: "localhost", port, tls }));
      if (imapServer === undefined || smtpServer === undefined) throw new Error("two ports");
      await control.call("account.add", {
        settings: { kind: "password", email, imap: imapServer, smtp: smtpServer },
      });
    }
    for (const { email } of ALL) localPasswords.set(email, await postern.createPassword(email));
  });
  afterAll(async () => {
    await postern?.remove();
    await Promise.all([servers?.stop(), oldServers?.stop()]);
    await keyring?.stop();
  });

  const loginOf = ({ email }: Person, port: number): LocalLogin => ({
    port,
    user: email,
    password: localPasswords.get(email) ?? "",
  });
  const login = ({ email }: Person, password: string) => loginWithPassword(postern, email, `${password}\n`);
  const read = (person: Person) => pythonImaplib(loginOf(person, postern.imapPort));

  /** Everything of Postern's that is in the keyring, as a person can see it there. */
  async function inKeyring(): Promise<string> {
    const environment = { ...keyring.env };
    const words = ["search", "--all", "--unlock", "service", "Postern"];
    const { stdout, stderr } = await runProgram("secret-tool", words, { environment });
    return stdout + stderr;
  }

  it("keeps nothing of a password that Dovecot refuses", async () => {
    const refused = await login(ODD, "a wrong one");
    expect(refused).toMatchObject({ exitCode: 5, stdout: "" });
    expect(refused.stderr).toContain("The mail server refused the mailbox's password.");
    expect(await inKeyring()).not.toMatch(/upstream-password|a wrong one/);
    expect((await read(ODD)).stderr).toContain("[UNAVAILABLE] Sign in in Postern first");
  });

  it("puts the right one into the keyring, and nowhere else", async () => {
    for (const person of [ODD, SHORT, OLD]) expect((await login(person, person.password)).exitCode).toBe(0);
    const kept = await inKeyring();
    expect(kept).toContain("upstream-password");
    expect(kept).toContain(ODD.password);
    const places = new Map<string, string | Buffer>([
      ...(await filesBelow(postern.home)),
      ["log", postern.log()],
      ["status", (await postern.cli("status")).stdout],
    ]);
    expect(tracesIn(places, { ...ODD, user: ODD.email })).toEqual([]);
  });

  it.each(ALL)(
    "msmtp sends and mbsync reads for $email by one local password, whatever opens the mailbox",
    async (person) => {
      const subject = `to ${person.email} itself`;
      const message = `From: ${person.email}\r\nTo: ${person.email}\r\nSubject: ${subject}\r\n\r\nBody\r\n`;
      for (const mechanism of ["PLAIN", "LOGIN"] as const) {
        const mail = { from: person.email, to: [person.email], message };
        const sent = await msmtpSend(loginOf(person, postern.smtpPort), mail, { mechanism });
        expect(sent.exitCode, sent.stderr).toBe(0);
      }
      await arrived(person, 2);
      for (const mechanism of ["PLAIN", "LOGIN"] as const) {
        const folder = await mkdtemp(join(tmpdir(), "mbsync-"));
        const pulled = await mbsyncPull(loginOf(person, postern.imapPort), folder, { mechanism });
        expect(pulled.exitCode, pulled.stderr).toBe(0);
        expect(pulled.messageFiles).toHaveLength(2);
        await rm(folder, { recursive: true });
      }
      const tested = await postern.json("account", "test", person.email);
      expect(tested).toMatchObject({ works: true, conclusion: "Everything works." });
      expect(tested.legs).toHaveLength(5);
    },
  );

  it("has sent it by PLAIN, and by LOGIN where that is alone", async () => {
    for (const [{ dovecot, postfix }, way, other] of [
      [servers, "PLAIN", "LOGIN"],
      [oldServers, "LOGIN", "PLAIN"],
    ] as const) {
      const [imap, smtp] = await Promise.all([dovecot.log(), postfix.log()]);
      expect(imap).toMatch(new RegExp(`imap-login: Info: Login: user=<.*>, method=${way}, .*, TLS`));
      expect(imap).not.toContain(`method=${other},`);
      expect(smtp).toContain(`sasl_method=${way},`);
      expect(smtp).not.toContain(`sasl_method=${other},`);
    }
  });

  async function arrived(person: Person, count: number): Promise<void> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const { messages, stderr } = await read(person);
      if (messages.length >= count) return;
      if (performance.now() > deadline) throw new Error(`${messages.length} of ${count}: ${stderr}`);
      await delay(100);
    }
  }

  it("goes on by itself after a restart, and says so while the keyring is locked", async () => {
    await keyring.lock();
    postern = await postern.restart();
    for (const person of [ODD, SHORT]) {
      expect((await read(person)).stderr).toContain("[UNAVAILABLE] The keychain is locked; unlock it");
    }
    const { status } = await postern.json("account", "show", ODD.email);
    expect(status).toMatchObject({ kind: "needs-you", code: "keychain-locked" });
    expect(await login(ODD, ODD.password)).toMatchObject({ exitCode: 78, stdout: "" });
    await keyring.unlock();
    for (const person of [ODD, SHORT]) {
      const { messages, stderr } = await read(person);
      expect(messages, stderr).toHaveLength(2);
    }
  });

  it("takes a change of the password at the provider for what may pass, and the new one at once", async () => {
    await servers.dovecot.setPassword(SHORT.email, "fünf");
    const { stderr } = await read(SHORT);
    expect(stderr).toContain("[UNAVAILABLE] Sign in again in Postern if this lasts");
    const mail = { from: SHORT.email, to: [SHORT.email], message: "Subject: later\r\n\r\nBody\r\n" };
    const sent = await pythonSmtplib(loginOf(SHORT, postern.smtpPort), mail);
    expect(sent.stderr).toMatch(
      /SMTPSenderRefused: \(450, b'4\.7\.0 Sign in again in Postern if this lasts'/,
    );
    expect(stderr + sent.stderr).not.toMatch(/AUTHENTICATIONFAILED|SMTPAuthenticationError/);
    expect((await read(ODD)).messages).toHaveLength(2);

    expect((await login(SHORT, "fünf")).exitCode).toBe(0);
    expect((await read(SHORT)).messages).toHaveLength(2);
    const { accounts } = await postern.json("status");
    expect(accounts.map((account: { status: { kind: string } }) => account.status.kind)).toEqual([
      "working",
      "working",
      "working",
      "working",
    ]);
  });

  it("forgets it with logout and with the account", async () => {
    expect((await postern.cli("logout", ODD.email)).exitCode).toBe(0);
    expect(await inKeyring()).not.toContain(ODD.password);
    expect((await read(ODD)).stderr).toContain("[UNAVAILABLE] Sign in in Postern first");
    for (const { email } of [SHORT, OLD]) {
      expect((await postern.cli("account", "remove", email)).exitCode).toBe(0);
    }
    expect(await inKeyring()).not.toContain("upstream-password");
  });
});
