// Proves the rig the other integration tests stand on: real Dovecot and Postfix that accept access tokens and nothing else.
// The client here is curl, or bare sockets: nothing of Postern takes part.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDovecot } from "../support/dovecot.ts";
import {
  ALICE,
  createDirectory,
  DOMAIN,
  issueAccessToken,
  type Servers,
  type Shared,
  startServers,
  startShared,
} from "../support/introspected-servers.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import { type ProgramResult, runProgram } from "../support/run-program.ts";
import { connectSession, type Session } from "../support/tls-session.ts";

const PARALLEL_LOGINS = 100;
/** curl's exit codes. */
const CURL_SEND_ERROR = 55;
const CURL_LOGIN_DENIED = 67;

describeWithRealServers("real Dovecot and Postfix", () => {
  let shared: Shared;
  beforeAll(async () => {
    shared = await startShared();
  });
  afterAll(async () => {
    await shared.stop();
  });

  // One mechanism at a time, since curl takes OAUTHBEARER wherever it is offered.
  describe.each(["xoauth2", "oauthbearer"] as const)("with %s", (mechanism) => {
    let servers: Servers;
    beforeAll(async () => {
      servers = await startServers(shared, [mechanism]);
    });
    afterAll(async () => {
      await servers.stop();
    });

    test.each(["imap", "imaps", "pop3", "pop3s"] as const)("log in by %s", async (scheme) => {
      const { stdout, stderr, exitCode } = await curl(
        shared,
        `${servers.origins[scheme]}/`,
        issueAccessToken(shared),
      );
      expect(exitCode, stderr).toBe(0);
      expect(stderr).toContain("SSL certificate verify ok");
      expect(stderr).toMatch(new RegExp(`^> .*AUTH(ENTICATE)? ${mechanism.toUpperCase()}`, "m"));
      if (scheme.startsWith("imap")) expect(stdout).toMatch(/^\* LIST .* INBOX\r$/m);
    });

    test.each(["smtp", "smtps"] as const)(
      "send by %s what arrives in the mailbox unchanged",
      async (scheme) => {
        const subject = `${mechanism}-${scheme}`;
        const body = "first line\r\n.a dot\r\n\r\nlast line\r\n";
        const { exitCode, stderr } = await send(
          shared,
          servers.origins[scheme],
          formatMessage(subject, body),
        );
        expect(exitCode, stderr).toBe(0);
        expect(stderr).toContain("SSL certificate verify ok");
        expect(stderr).toMatch(new RegExp(`^> AUTH ${mechanism.toUpperCase()}`, "m"));
        expect(await waitForBody(shared, servers, subject)).toBe(hash(body));
      },
    );

    test("refuse a token the authorization server does not know, soon, also many times", async () => {
      const refuse = async (port: number, command: string, refusal: RegExp): Promise<void> => {
        const session = await connectSession(port, shared.authority);
        session.write(
          `${command} ${mechanism.toUpperCase()} ${formatInitialResponse(mechanism, "unknown")}\r\n`,
        );
        // The challenge says why (RFC 7628 §3.2.2), a lone %x01 ends the exchange (§3.2.3).
        await session.readUntil(/^(?:\+|334) \S+\r\n/m);
        session.write("AQ==\r\n");
        await session.readUntil(refusal);
        session.end();
      };
      for (let attempt = 0; attempt < 4; attempt += 1) {
        const started = performance.now();
        await Promise.all([
          refuse(servers.dovecot.imapsPort, "a AUTHENTICATE", /^a NO \[AUTHENTICATIONFAILED\] .*\r\n/m),
          refuse(servers.postfix.submissionsPort, "EHLO localhost\r\nAUTH", /^535 5\.7\.8 .*\r\n/m),
        ]);
        expect(performance.now() - started).toBeLessThan(2_000);
      }
    });

    test("refuse a token that was issued to somebody else", async () => {
      const accessToken = issueAccessToken(shared, `bob@${DOMAIN}`);
      const { exitCode, stderr } = await curl(shared, `${servers.origins.imaps}/`, accessToken);
      expect(exitCode, stderr).toBe(CURL_LOGIN_DENIED);
    });
  });

  describe("with both mechanisms", () => {
    let servers: Servers;
    beforeAll(async () => {
      servers = await startServers(shared);
    });
    afterAll(async () => {
      await servers.stop();
    });

    test("offer these and no other", async () => {
      const session = await connectSession(servers.dovecot.imapsPort, shared.authority);
      const [, capabilities = ""] = await session.readUntil(/^\* OK \[CAPABILITY ([^\]]*)\]/);
      session.end();
      expect(capabilities.split(" ").filter((name) => name.startsWith("AUTH="))).toEqual([
        "AUTH=XOAUTH2",
        "AUTH=OAUTHBEARER",
      ]);
    });

    test("say in the challenge where the authorization server is (RFC 7628 §3.2.2)", async () => {
      const session = await connectSession(servers.dovecot.imapsPort, shared.authority);
      session.write(`a AUTHENTICATE XOAUTH2 ${formatInitialResponse("xoauth2", "unknown")}\r\n`);
      const [, challenge = ""] = await session.readUntil(/^\+ (.*)\r\n/m);
      session.end();
      expect(JSON.parse(Buffer.from(challenge, "base64").toString())).toEqual({
        status: "401",
        schemes: "bearer",
        scope: "mail",
        "openid-configuration": shared.openidConfigurationUrl,
      });
    });

    test("take mail for no other domain", async () => {
      const message = formatMessage("foreign", "x\r\n");
      const { exitCode, stderr } = await send(shared, servers.origins.smtps, message, "bob@elsewhere.test");
      expect(stderr).toContain("554 5.7.1 <bob@elsewhere.test>: Relay access denied");
      expect(exitCode).toBe(CURL_SEND_ERROR);
    });

    test("carry a message of 60 MB unchanged", async () => {
      const line = `${randomBytes(36).toString("base64")}\r\n`;
      const body = line.repeat(Math.ceil(60_000_000 / line.length));
      const { exitCode, stderr } = await send(shared, servers.origins.smtps, formatMessage("large", body));
      expect(exitCode, stderr).toBe(0);
      expect(await waitForBody(shared, servers, "large")).toBe(hash(body));
    });

    test(`keep ${PARALLEL_LOGINS} IMAP and ${PARALLEL_LOGINS} SMTP sessions logged in at the same time`, async () => {
      const logIn = async (port: number, commands: string, success: RegExp): Promise<Session> => {
        const session = await connectSession(port, shared.authority);
        session.write(commands);
        await session.readUntil(success);
        return session;
      };
      const each = Array.from({ length: PARALLEL_LOGINS }, () =>
        formatInitialResponse("xoauth2", issueAccessToken(shared)),
      );
      const [imap, smtp] = await Promise.all([
        Promise.all(
          each.map((initialResponse) =>
            logIn(
              servers.dovecot.imapsPort,
              `a AUTHENTICATE XOAUTH2 ${initialResponse}\r\n`,
              /^a OK .*\r\n/m,
            ),
          ),
        ),
        Promise.all(
          each.map((initialResponse) =>
            logIn(
              servers.postfix.submissionsPort,
              `EHLO localhost\r\nAUTH XOAUTH2 ${initialResponse}\r\n`,
              /^235 .*\r\n/m,
            ),
          ),
        ),
      ]);
      // All are open now, and each still answers.
      for (const session of imap) session.write("b NOOP\r\n");
      for (const session of smtp) session.write("NOOP\r\n");
      await Promise.all(imap.map((session) => session.readUntil(/^b OK .*\r\n/m)));
      await Promise.all(smtp.map((session) => session.readUntil(/^250 2\.0\.0 .*\r\n/m)));
      for (const session of [...imap, ...smtp]) session.end();
    });

    test("leave no process behind", async () => {
      expect((await listProcessesIn(servers.dovecotDirectory)).length).toBeGreaterThan(1);
      expect((await listProcessesIn(servers.postfixDirectory)).length).toBeGreaterThan(1);

      await servers.stop();

      expect(await listProcessesIn(servers.dovecotDirectory)).toEqual([]);
      expect(await listProcessesIn(servers.postfixDirectory)).toEqual([]);
      const { dovecot, postfix } = servers;
      for (const port of [
        dovecot.imapPort,
        dovecot.imapsPort,
        postfix.submissionPort,
        postfix.submissionsPort,
      ]) {
        const [error] = await once(connectTcp({ host: "127.0.0.1", port }), "error");
        expect(error).toMatchObject({ code: "ECONNREFUSED" });
      }
    });
  });

  test("say why they do not start, and leave no process behind", async () => {
    const directory = await createDirectory(shared);
    const start = startDovecot({
      directory,
      authority: shared.authority,
      introspectionUrl: "https://localhost/\nnonsense = yes",
      openidConfigurationUrl: shared.openidConfigurationUrl,
    });
    await expect(start).rejects.toThrow(/Unknown setting: nonsense/);
    expect(await listProcessesIn(directory)).toEqual([]);
  });
});

/** One transfer by curl, with the token on stdin. Where the scheme does not begin with TLS, STARTTLS is required. */
async function curl(
  shared: Shared,
  url: string,
  accessToken: string,
  settings: readonly string[] = [],
): Promise<ProgramResult> {
  const lines = [
    `url = "${url}"`,
    `user = "${ALICE}:"`,
    `oauth2-bearer = "${accessToken}"`,
    `cacert = "${shared.authorityFile}"`,
    "ssl-reqd",
    ...settings,
  ];
  const input = `${lines.join("\n")}\n`;
  return await runProgram("curl", ["--disable", "--silent", "--show-error", "--verbose", "--config", "-"], {
    input,
  });
}

async function send(
  shared: Shared,
  origin: string,
  message: Buffer,
  recipient = ALICE,
): Promise<ProgramResult> {
  const file = join(await createDirectory(shared), "message");
  await writeFile(file, message);
  return await curl(shared, `${origin}/localhost`, issueAccessToken(shared), [
    `mail-from = "${ALICE}"`,
    `mail-rcpt = "${recipient}"`,
    `upload-file = "${file}"`,
  ]);
}

/** The SHA-256 of a message's body. Delivery tells nobody when it is done, so this asks until the message is there. */
async function waitForBody(shared: Shared, servers: Servers, subject: string): Promise<string> {
  const inbox = `${servers.origins.imaps}/INBOX`;
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const found = await curl(shared, `${inbox}?SUBJECT%20${subject}`, issueAccessToken(shared));
    const index = /^\* SEARCH (\d+)\r$/m.exec(found.stdout)?.[1];
    if (index !== undefined) {
      const file = join(await createDirectory(shared), "body");
      const url = `${inbox};MAILINDEX=${index};SECTION=TEXT`;
      const { exitCode, stderr } = await curl(shared, url, issueAccessToken(shared), [`output = "${file}"`]);
      expect(exitCode, stderr).toBe(0);
      return hash(await readFile(file));
    }
    await delay(50);
  }
  throw new Error(
    `${subject} did not arrive\n${await servers.postfix.log()}\n${await servers.dovecot.log()}`,
  );
}

function formatMessage(subject: string, body: string): Buffer {
  return Buffer.from(`From: ${ALICE}\r\nTo: ${ALICE}\r\nSubject: ${subject}\r\n\r\n${body}`);
}

/** For ALICE, in base64. */
function formatInitialResponse(mechanism: "xoauth2" | "oauthbearer", accessToken: string): string {
  const message =
    mechanism === "xoauth2"
      ? `user=${ALICE}\x01auth=Bearer ${accessToken}\x01\x01`
      : `n,a=${ALICE},\x01auth=Bearer ${accessToken}\x01\x01`;
  return Buffer.from(message).toString("base64");
}

function hash(octets: string | Buffer): string {
  return createHash("sha256").update(octets).digest("hex");
}

/** Living processes whose working directory is `directory` or below it: both servers' are. */
async function listProcessesIn(directory: string): Promise<readonly string[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const workingDirectories = await Promise.all(
    names.map((name) => readlink(`/proc/${name}/cwd`).catch(() => "")),
  );
  return names.filter((_, index) => workingDirectories[index]?.startsWith(directory));
}
