// What the window gives a user of mutt, msmtp and mbsync, used as it says: the files saved, its lines run, and mail goes both
// ways through Dovecot and Postfix. And what the window is told of it.
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Snapshot } from "../../src/control/contract.ts";
import { filesOf } from "../../src/mail-program/files.ts";
import { type FirstLogins, firstLogins } from "../../src/mail-program/first-login.ts";
import { localAccess } from "../../src/mail-program/local-access.ts";
import { protocolsOf } from "../../src/mail-program/program.ts";
import { PUBLIC_CLIENT_ID } from "../support/authorization-server.ts";
import { type Postern, startPostern } from "../support/postern.ts";
import { describeWithRealServers, type RealServers, startRealServers } from "../support/real-servers.ts";
import { type ProgramResult, runProgram } from "../support/run-program.ts";

const ALICE = { email: "alice@example.test", password: "wonderland" };

describeWithRealServers("the files that the window gives", () => {
  let servers: RealServers;
  let postern: Postern;
  let home: string;

  beforeAll(async () => {
    servers = await startRealServers({ people: [ALICE] });
    const { authority, authorizationServer, dovecot, postfix } = servers;
    postern = await startPostern({ authority });
    await postern.addAccount(ALICE.email, {
      issuer: authorizationServer.issuer,
      clientId: PUBLIC_CLIENT_ID,
      imap: { port: dovecot.imapsPort, tls: "implicit" },
      smtp: { port: postfix.submissionsPort, tls: "implicit" },
    });
    expect((await postern.signIn(ALICE)).exitCode).toBe(0);
    home = await mkdtemp(join(tmpdir(), "home-"));
    await saveFiles(await postern.createPassword(ALICE.email, "mutt"));
  });
  afterAll(async () => {
    await postern?.remove();
    await servers?.stop();
    await rm(home, { recursive: true, force: true });
  });

  it("are in their places, readable for their owner only, and no download is left", async () => {
    for (const name of [".muttrc", ".msmtprc", ".mbsyncrc"])
      expect((await stat(join(home, name))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(home, ".muttrc"), "utf8")).toMatch(/^# my own\nset from = /);
    expect(await readdir(join(home, "Downloads"))).toEqual([]);
  });

  it("let msmtp and mutt send, and mbsync and mutt read it", async () => {
    expect(await seen()).toEqual({ arrived: [], problem: undefined });
    const [byMsmtp, byMutt] = [randomBytes(8).toString("hex"), randomBytes(8).toString("hex")];
    const sent = await run("msmtp", [ALICE.email], `To: ${ALICE.email}\nSubject: ${byMsmtp}\n\nhello\n`);
    expect(sent.exitCode, sent.stderr).toBe(0);
    expect((await seen()).arrived).toEqual(["smtp"]);
    const draft = join(home, "draft");
    await writeFile(draft, `To: ${ALICE.email}\nSubject: ${byMutt}\n\nhello\n`);
    const muttSent = await run("mutt", ["-e", "set copy=no", "-H", draft]);
    expect(muttSent.exitCode, muttSent.stdout + muttSent.stderr).toBe(0);

    expect((await pulledSubjects(2)).sort()).toEqual([byMsmtp, byMutt].sort());
    expect((await seen()).arrived).toEqual(["imap", "smtp"]);
    const keys = `push '<tag-pattern>~A<enter><tag-prefix><copy-message><kill-line>${home}/copies<enter><quit>'`;
    const settings = `-e "set mbox_type=Maildir confirmcreate=no confirmappend=no move=no quit=yes sleep_time=0"`;
    await run("script", [
      "--quiet",
      "--return",
      "--command",
      `exec mutt -z ${settings} -e "${keys}"`,
      "/dev/null",
    ]);
    expect(await readdir(join(home, "copies", "new"))).toHaveLength(2);
  });

  /** As a person does it: download, then the line that stands beside it. */
  async function saveFiles(password: string): Promise<void> {
    const { accounts, listeners } = await snapshot();
    const account = accounts.find(({ email }) => email === ALICE.email);
    if (account === undefined) throw new Error("the account is not there");
    const downloads = join(home, "Downloads");
    await mkdir(downloads);
    await writeFile(join(home, ".muttrc"), "# my own\n", { mode: 0o644 });
    for (const file of filesOf("mutt", localAccess(account, listeners, "mutt"), password)) {
      await writeFile(join(downloads, file.name), file.text);
      const saved = await run("sh", ["-c", `cd "$HOME/Downloads" && ${file.command}`]);
      expect(saved, file.name).toMatchObject({ exitCode: 0, stderr: "" });
    }
  }

  function run(program: string, words: readonly string[], input?: string): Promise<ProgramResult> {
    return runProgram(program, words, {
      environment: { HOME: home, TERM: "xterm", SHELL: "/bin/sh", USER: "nobody" },
      ...(input === undefined ? {} : { input }),
    });
  }

  function snapshot(): Promise<Snapshot> {
    return postern.json("status");
  }

  /** What the window's live line goes by. */
  async function seen(): Promise<FirstLogins> {
    const { accounts, activity, connections } = await snapshot();
    const made = accounts[0]?.passwords.find(({ name }) => name === "mutt");
    return firstLogins(
      { activity, connections },
      {
        email: ALICE.email,
        passwordName: "mutt",
        since: made?.createdAt ?? Number.POSITIVE_INFINITY,
        protocols: protocolsOf("mutt"),
      },
    );
  }

  /** Runs mbsync until so many messages are there: Postfix delivers in its own time. */
  async function pulledSubjects(count: number): Promise<string[]> {
    const inbox = join(home, "Mail", ALICE.email, "INBOX", "new");
    for (let attempt = 0; ; attempt++) {
      const pulled = await run("mbsync", ["--all"]);
      expect(pulled.exitCode, pulled.stderr).toBe(0);
      const files = await readdir(inbox);
      if (files.length >= count || attempt > 100) {
        const texts = await Promise.all(files.map((name) => readFile(join(inbox, name), "utf8")));
        return texts.map((text) => /^Subject: (.*)$/m.exec(text)?.[1] ?? "");
      }
      await delay(100);
    }
  }
});
