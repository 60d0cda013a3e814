// What comes of logging in at the provider's submission server: a limit or a refusal (protocol.md §7), told at MAIL; or at
// AUTH, by the book, for who wants it so.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FailingUpstreams, startFailingUpstreams } from "../support/failing-upstreams.ts";
import { AUTHENTICATED, attemptMail } from "../support/mail-attempt.ts";
import { connectRaw, logInToSmtp, plain, sendSmtp } from "../support/raw-client.ts";
import { closedPort } from "../support/scripted-server.ts";
import { smtpUpstream, type UpstreamLogin, type UpstreamOptions } from "../support/scripted-upstream.ts";
import { startTown } from "../support/town.ts";
import { REFUSED, smtpReply, throttled } from "../support/upstream-failure.ts";

let rig: FailingUpstreams;

beforeAll(async () => {
  rig = await startFailingUpstreams("smtp");
});

afterAll(async () => {
  await rig.close();
});

describe("a server that limits the account is left alone for a while", () => {
  const limits: [string, UpstreamOptions | string, string][] = [
    [
      "421 at the greeting",
      "421 4.3.2 Too many connections, try later\r\n",
      "Too many connections, try later",
    ],
    [
      "454 at AUTH",
      { challenge: "", refusal: "454 4.7.0 Temporary authentication failure" },
      "Temporary authentication failure",
    ],
    ["432 at AUTH", { challenge: "", refusal: "432 4.7.12 Transition needed" }, "Transition needed"],
  ];
  for (const [name, behaviour, text] of limits) {
    test(name, async () => {
      const before = rig.town.authorizationServer.tokenRequests("refresh_token");
      const server = await rig.upstream(
        typeof behaviour === "string"
          ? async (connection) => connection.write(behaviour)
          : smtpUpstream({ accept: () => false, ...behaviour }),
      );
      const login = await rig.expectFailure({ port: server.port }, throttled(text));
      expect(server.connections).toHaveLength(1);
      expect(await attemptMail(rig.town.postern.smtpPort, login)).toBe(`450 4.7.0 ${text}`);
      expect(server.connections).toHaveLength(1);
      expect(rig.town.authorizationServer.tokenRequests("refresh_token")).toBe(before);
    });
  }
});

describe("a server that refuses tokens", () => {
  test("is asked twice, the second time with a new token, and then left alone", async () => {
    const before = rig.town.authorizationServer.tokenRequests("refresh_token");
    const logins: UpstreamLogin[] = [];
    const server = await rig.upstream(smtpUpstream({ logins, accept: () => false }));
    const login = await rig.expectFailure(
      { port: server.port },
      { ...REFUSED, detail: /status invalid_token/ },
    );
    expect(logins.map(({ user }) => user)).toEqual([login.email, login.email]);
    expect(logins[0]?.accessToken).not.toBe(logins[1]?.accessToken);
    expect(await attemptMail(rig.town.postern.smtpPort, login)).toBe(smtpReply(REFUSED));
    expect(server.connections).toHaveLength(2);
    expect(rig.town.authorizationServer.tokenRequests("refresh_token")).toBe(before + 1);
  });

  test("only the first time, as after a revocation: mail flows and nobody notices", async () => {
    const logins: UpstreamLogin[] = [];
    const server = await rig.upstream(smtpUpstream({ logins, accept: ({ attempt }) => attempt > 1 }));
    const login = await rig.town.resident({ smtp: { port: server.port } });
    expect(await attemptMail(rig.town.postern.smtpPort, login)).toBe("250 2.0.0 MAIL done");
    expect(logins.map(({ accepted }) => accepted)).toEqual([false, true]);
    expect((await rig.town.statusOf(login.email)).kind).toBe("working");
  });

  test("without a challenge, as Microsoft's", async () => {
    const refusal = "535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.example]";
    const server = await rig.upstream(smtpUpstream({ accept: () => false, challenge: "", refusal }));
    await rig.expectFailure(
      { port: server.port },
      { ...REFUSED, detail: /^5\.7\.3 is about this user name and token/ },
    );
    expect(server.connections).toHaveLength(2);
  });

  test("because sending is switched off for the mailbox: a permanent reply, and no new token", async () => {
    const before = rig.town.authorizationServer.tokenRequests("refresh_token");
    const refusal =
      "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.";
    const server = await rig.upstream(smtpUpstream({ accept: () => false, challenge: "", refusal }));
    await rig.expectFailure(
      { port: server.port },
      {
        sentence: "SMTP AUTH is disabled for this mailbox; ask your administrator",
        smtpStatus: "550 5.7.0",
        kind: "blocked",
        code: "upstream-smtp-auth-disabled",
        detail: /5\.7\.139/,
      },
    );
    expect(server.connections).toHaveLength(1);
    expect(rig.town.authorizationServer.tokenRequests("refresh_token")).toBe(before);
  });
});

describe("with failure-style strict", () => {
  test("the failure is told at AUTH, by the book", async () => {
    const alone = await startTown({ people: 2 });
    try {
      const broken = await alone.resident({ smtp: { port: await closedPort() } });
      const working = await alone.resident();
      await alone.postern.json("settings", "set", "failure-style", "strict");
      const strict = await alone.postern.restart();
      const client = await connectRaw(strict.smtpPort);
      expect(await logInToSmtp(client, broken)).toBe(
        "454 4.7.0 The mail server cannot be reached; try again later",
      );
      expect(await sendSmtp(client, `AUTH PLAIN ${plain(working)}`)).toBe(AUTHENTICATED);
      expect(await sendSmtp(client, "NOOP")).toBe("250 2.0.0 NOOP done");
      client.socket.destroy();
      await strict.stop();
    } finally {
      await alone.close();
    }
  });
});
