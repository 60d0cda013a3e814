// Mail over some time: while tokens rotate every few seconds, and while the authorization server never answers.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attemptLogin } from "../support/mail-attempt.ts";
import { connectRaw, logInToSmtp, sendSmtp } from "../support/raw-client.ts";
import { type ScriptedServer, startScriptedServer } from "../support/scripted-server.ts";
import { imapUpstream, smtpUpstream } from "../support/scripted-upstream.ts";
import { accessTokenExpired, eventually, startTown, type Town } from "../support/town.ts";

describe("over some time", () => {
  let busy: Town;
  let stuck: Town;
  const servers: ScriptedServer[] = [];

  beforeAll(async () => {
    [busy, stuck] = await Promise.all([
      startTown({ people: 1, accessTokenSeconds: 5 }),
      startTown({ people: 1, accessTokenSeconds: 1 }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([busy.close(), stuck.close()]);
    await Promise.all(servers.map((server) => server.close()));
  });

  test.concurrent("with tokens that rotate and live five seconds, no login of fifteen seconds full of them fails", async () => {
    const accept = async ({ user, accessToken }: { user: string; accessToken: string }) =>
      (await busy.authorizationServer.checkToken(accessToken)) === user;
    const imap = await startScriptedServer({ tls: busy.certificate, script: imapUpstream({ accept }) });
    const smtp = await startScriptedServer({ tls: busy.certificate, script: smtpUpstream({ accept }) });
    servers.push(imap, smtp);
    const login = await busy.resident({ imap: { port: imap.port }, smtp: { port: smtp.port } });
    const end = Date.now() + 15_000;
    const failures: string[] = [];
    let tries = 0;

    const readMail = async (): Promise<void> => {
      while (Date.now() < end) {
        tries += 1;
        const reply = await attemptLogin(busy.postern.imapPort, login, 25_000);
        if (!reply.startsWith("OK ")) failures.push(reply);
      }
    };
    const sendMail = async (): Promise<void> => {
      while (Date.now() < end) {
        tries += 1;
        const client = await connectRaw(busy.postern.smtpPort);
        const replies = [
          await logInToSmtp(client, login),
          await sendSmtp(client, `MAIL FROM:<${login.email}>`),
          await sendSmtp(client, "QUIT"),
        ];
        if (replies.map((reply) => reply.slice(0, 3)).join() !== "235,250,221")
          failures.push(replies.join("\n"));
      }
    };
    await Promise.all([readMail(), readMail(), sendMail()]);

    expect(failures).toEqual([]);
    expect(tries).toBeGreaterThan(30);
    // One every 4.5 s; or a little earlier, since the server counts whole seconds and may refuse a token at its end.
    const requests = busy.authorizationServer.tokenRequests("refresh_token");
    expect(requests).toBeGreaterThanOrEqual(3);
    expect(requests).toBeLessThanOrEqual(5);
    expect(imap.connections.length + smtp.connections.length).toBeLessThan(tries + 5 * requests);
  });

  test.concurrent("an authorization server that never answers holds a login for twenty seconds at most, and is who is blamed", async () => {
    const login = await stuck.resident();
    stuck.authorizationServer.setTokenFault({ kind: "hang" });
    await accessTokenExpired(stuck, login);
    const asked = performance.now();
    expect(await attemptLogin(stuck.postern.imapPort, login, 25_000)).toMatch(
      /^NO \[UNAVAILABLE\] Your provider's sign-in server /,
    );
    expect(performance.now() - asked).toBeLessThan(23_000);
    // Status knows of it when the token request itself has timed out, after thirty seconds.
    await eventually(
      async () => /^authorization-server-/.test((await stuck.statusOf(login.email)).code ?? ""),
      20_000,
    );
  });
});
