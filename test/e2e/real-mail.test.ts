// The main job, whole: people sign in once, and programs that nobody here wrote read and send through localhost.
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PUBLIC_CLIENT_ID } from "../support/authorization-server.ts";
import { type GnomeKeyring, startGnomeKeyring } from "../support/gnome-keyring.ts";
import {
  curlFetchInbox,
  curlListMailboxes,
  curlSend,
  type LocalLogin,
  mbsyncPull,
  msmtpSend,
  muttListInbox,
  muttSend,
  type OutgoingMail,
  pythonImaplib,
  pythonSmtplib,
  swaksSend,
} from "../support/mail-programs.ts";
import type { Person } from "../support/person.ts";
import { type Postern, startPostern } from "../support/postern.ts";
import { describeWithRealServers, type RealServers, startRealServers } from "../support/real-servers.ts";
import type { ProgramResult } from "../support/run-program.ts";

/** Short, so that refreshes happen while the programs work. */
const ACCESS_TOKEN_SECONDS = 5;

interface Way {
  readonly mechanism: "xoauth2" | "oauthbearer" | "auto";
  readonly tls: "implicit" | "starttls";
  readonly person: Person;
}

const WAYS: readonly Way[] = [
  { mechanism: "xoauth2", tls: "implicit", person: { email: "alice@example.test", password: "wonderland" } },
  { mechanism: "oauthbearer", tls: "starttls", person: { email: "bob@example.test", password: "builder" } },
  { mechanism: "auto", tls: "starttls", person: { email: "carol@example.test", password: "christmas" } },
];

type Send = (login: LocalLogin, mail: OutgoingMail) => Promise<ProgramResult>;

const SENDERS: readonly { readonly name: string; readonly send: Send }[] = [
  { name: "curl", send: curlSend },
  { name: "curl with AUTH LOGIN", send: (login, mail) => curlSend(login, mail, { mechanism: "LOGIN" }) },
  {
    name: "curl with an initial response",
    send: (login, mail) => curlSend(login, mail, { initialResponse: true }),
  },
  { name: "swaks", send: swaksSend },
  { name: "swaks with AUTH LOGIN", send: (login, mail) => swaksSend(login, mail, { mechanism: "LOGIN" }) },
  { name: "msmtp", send: msmtpSend },
  { name: "mutt", send: muttSend },
  { name: "smtplib", send: pythonSmtplib },
];

/** Where the sign-ins are kept: both ways that a person on Linux has. */
const KEYCHAINS = ["the encrypted file", "GNOME Keyring"] as const;

describeWithRealServers("mail through Dovecot and Postfix", () => {
  describe.each(KEYCHAINS)("with sign-ins in %s", (keychain) => mailWith(keychain));
});

function mailWith(keychain: (typeof KEYCHAINS)[number]): void {
  let keyring: GnomeKeyring | undefined;
  let servers: RealServers;
  let postern: Postern;
  const passwords = new Map<string, string>();

  beforeAll(async () => {
    servers = await startRealServers({
      people: WAYS.map(({ person }) => person),
      accessTokenSeconds: ACCESS_TOKEN_SECONDS,
    });
    const { authority, authorizationServer, dovecot, postfix } = servers;
    keyring = keychain === "GNOME Keyring" ? await startGnomeKeyring() : undefined;
    postern = await startPostern({
      authority,
      ...(keyring === undefined ? {} : { env: { ...keyring.env, POSTERN_KEYCHAIN: "" } }),
    });
    for (const { mechanism, tls, person } of WAYS) {
      const implicit = tls === "implicit";
      await postern.addAccount(person.email, {
        issuer: authorizationServer.issuer,
        clientId: PUBLIC_CLIENT_ID,
        mechanism,
        imap: { port: implicit ? dovecot.imapsPort : dovecot.imapPort, tls },
        smtp: { port: implicit ? postfix.submissionsPort : postfix.submissionPort, tls },
      });
      expect((await postern.signIn(person)).exitCode).toBe(0);
      passwords.set(person.email, await postern.createPassword(person.email));
    }
  });
  afterAll(async () => {
    await postern?.remove();
    await servers?.stop();
    await keyring?.stop();
  });

  const loginOf = (person: Person, port: number): LocalLogin => ({
    port,
    user: person.email,
    password: passwords.get(person.email) ?? "",
  });

  /** The subjects and body hashes in the mailbox, once `subject` is among them. */
  async function arrived(person: Person, subject: string) {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const { messages, stderr } = await pythonImaplib(loginOf(person, postern.imapPort));
      const found = messages.find((message) => message.subject === subject);
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw new Error(`${subject} has not arrived: ${stderr}`);
      await delay(100);
    }
  }

  describe.each(WAYS)("with $mechanism over $tls", ({ person, mechanism }) => {
    it.each(SENDERS)("$name sends what arrives unchanged", async ({ name, send }) => {
      const subject = `${mechanism} by ${name}`;
      const body = `first line\r\n..a dot\r\n${randomBytes(30).toString("hex")}\r\nlast line\r\n`;
      const message = `From: ${person.email}\r\nTo: ${person.email}\r\nSubject: ${subject}\r\n\r\n${body}`;
      const sent = await send(loginOf(person, postern.smtpPort), {
        from: person.email,
        to: [person.email],
        message,
      });
      expect(sent.exitCode, sent.stderr + sent.stdout).toBe(0);
      expect((await arrived(person, subject)).bodySha256).toBe(
        createHash("sha256").update(body).digest("hex"),
      );
    });

    it("curl, mbsync, mutt and imaplib read the same mail, by LOGIN and by AUTHENTICATE", async () => {
      const login = loginOf(person, postern.imapPort);
      const list = await curlListMailboxes(login);
      expect(list.stdout).toContain("INBOX");
      const byCurl = (await curlFetchInbox(login)).messages.length;
      expect(byCurl).toBeGreaterThanOrEqual(SENDERS.length);
      for (const options of [{ mechanism: "LOGIN" }, { mechanism: "PLAIN" }] as const) {
        expect((await pythonImaplib(login, options)).messages).toHaveLength(byCurl);
        expect((await muttListInbox(login, options)).messages).toHaveLength(byCurl);
        const folder = await mkdtemp(join(tmpdir(), "mbsync-"));
        const pulled = await mbsyncPull(login, folder, options);
        expect(pulled.exitCode, pulled.stderr).toBe(0);
        expect(pulled.messageFiles).toHaveLength(byCurl);
        await rm(folder, { recursive: true });
      }
    });
  });

  it("carries a 50 MB message to Postfix and back from Dovecot with its SHA-256", async () => {
    const [{ person }] = WAYS as [Way];
    const line = `${"0123456789abcdef".repeat(4)}\r\n`;
    const body = line.repeat(Math.ceil(50_000_000 / line.length));
    const message = `From: ${person.email}\r\nTo: ${person.email}\r\nSubject: large\r\n\r\n${body}`;
    const login = { ...loginOf(person, postern.smtpPort), timeout: 60_000 };
    const sent = await curlSend(login, { from: person.email, to: [person.email], message });
    expect(sent.exitCode, sent.stderr).toBe(0);
    expect((await arrived(person, "large")).bodySha256).toBe(createHash("sha256").update(body).digest("hex"));
  });

  it("logs in 50 programs at once with one token request, when the access token has expired", async () => {
    const [{ person }] = WAYS as [Way];
    const { authorizationServer } = servers;
    await expiry(person);
    const before = authorizationServer.tokenRequests();
    const results = await Promise.all(
      Array.from({ length: 50 }, () => curlListMailboxes(loginOf(person, postern.imapPort))),
    );
    expect(results.map(({ exitCode }) => exitCode)).toEqual(results.map(() => 0));
    expect(authorizationServer.tokenRequests() - before).toBe(1);
  });

  /** Waits until the account's access token has expired. */
  async function expiry(person: Person): Promise<void> {
    for (;;) {
      const { accessTokenExpiresAt } = await postern.json("account", "show", person.email);
      if (accessTokenExpiresAt === undefined || accessTokenExpiresAt <= Date.now()) return;
      await delay(accessTokenExpiresAt - Date.now() + 1);
    }
  }

  it("has renewed access all the while, rotated each time, and was never refused", async () => {
    const { authorizationServer } = servers;
    expect(authorizationServer.tokenRequests("authorization_code")).toBe(WAYS.length);
    expect(authorizationServer.tokenRequests("refresh_token")).toBeGreaterThan(WAYS.length);
    const failed = authorizationServer.requests.filter(
      ({ grantType, status }) => grantType === "refresh_token" && status !== 200,
    );
    expect(failed).toEqual([]);
    const { accounts } = await postern.json("status");
    expect(accounts.map((account: { status: { kind: string } }) => account.status.kind)).toEqual(
      WAYS.map(() => "working"),
    );
  });

  it.each(WAYS)("account test walks every leg with $mechanism", async ({ person }) => {
    const result = await postern.json("account", "test", person.email);
    expect(result).toMatchObject({ works: true, conclusion: "Everything works." });
    expect(result.legs.map(({ leg }: { leg: string }) => leg)).toEqual([
      "sign-in",
      "imap-direct",
      "smtp-direct",
      "imap-local",
      "smtp-local",
    ]);
  });

  it("says that a locked keyring is locked, keeps listening, and goes on when it is unlocked", async () => {
    // The encrypted file has no lock of its own.
    if (keyring === undefined) return expect((await postern.json("status")).keychain.kind).toBe("file");
    const [{ person }] = WAYS as [Way];
    await expiry(person);
    await keyring.lock();
    const { keychain: locked, listeners, accounts } = await postern.json("status");
    expect(locked).toMatchObject({ ready: false, code: "keychain-locked" });
    expect(listeners.every(({ state }: { state: string }) => state === "listening")).toBe(true);
    const refused = await pythonImaplib(loginOf(person, postern.imapPort));
    expect(refused.stderr).toContain("[UNAVAILABLE] The keychain is locked; unlock it");
    const login = await postern.cli("login", person.email, "--no-open");
    expect(login.exitCode).toBe(78);
    expect(login.stdout).toBe("");
    expect(accounts).toHaveLength(WAYS.length);

    await keyring.unlock();
    const { messages, stderr } = await pythonImaplib(loginOf(person, postern.imapPort));
    expect(messages.length, stderr).toBeGreaterThan(0);
    expect((await postern.json("status")).keychain).toMatchObject({ ready: true });
  });

  it("asks for one sign-in when somebody has deleted the entries, and only then", async () => {
    if (keyring === undefined) return expect((await postern.json("status")).keychain.kind).toBe("file");
    const [{ person }] = WAYS as [Way];
    await expiry(person);
    await keyring.clear();
    postern = await postern.restart();
    const [account] = (await postern.json("status")).accounts;
    // An empty keyring and a locked one look the same; both say what to do, and neither deletes anything.
    expect(["keychain-locked", "keychain-entry-missing"]).toContain(account.status.code);
    for (const way of WAYS) expect((await postern.signIn(way.person)).exitCode).toBe(0);
    const { messages, stderr } = await pythonImaplib(loginOf(person, postern.imapPort));
    expect(messages.length, stderr).toBeGreaterThan(0);
  });

  it("keeps sign-ins where it was told to", async () => {
    const { keychain: used } = await postern.json("status");
    expect(used).toMatchObject({ kind: keyring === undefined ? "file" : "os", ready: true });
  });

  it("goes on without a new sign-in after a restart", async () => {
    const [{ person }] = WAYS as [Way];
    const again = await postern.restart();
    const { messages, stderr } = await pythonImaplib(loginOf(person, again.imapPort));
    expect(messages.length, stderr).toBeGreaterThan(0);
    postern = again;
  });

  it("has written no secret into its log or, in clear, into its files", async () => {
    const files = ["config.json", "state.json", "control.json"];
    if (keyring === undefined) files.push("keychain.encrypted");
    const texts = await Promise.all(files.map((file) => readFile(join(postern.home, file), "utf8")));
    for (const text of [...texts, postern.log()]) {
      for (const password of passwords.values()) expect(text).not.toContain(password);
      expect(text).not.toMatch(/bearer /i);
    }
  });
}
