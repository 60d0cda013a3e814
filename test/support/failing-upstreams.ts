// A town for mail servers that fail, and what must come of each failure: the mail program is told, on a connection that
// stays usable; status tells the same; and a neighbour, whose server works, is served.
import { expect } from "vitest";
import type { IssuedCertificate } from "./authority.ts";
import { AUTHENTICATED } from "./mail-attempt.ts";
import {
  connectRaw,
  type LocalLogin,
  logInToImap,
  logInToSmtp,
  plain,
  sendImap,
  sendSmtp,
} from "./raw-client.ts";
import { type Script, type ScriptedServer, startScriptedServer } from "./scripted-server.ts";
import { type MailEndpoint, startTown, type Town } from "./town.ts";
import { imapReply, smtpReply, type UpstreamFailure } from "./upstream-failure.ts";

/** How long a mail program may have to wait for 235, in milliseconds: at 2 s Thunderbird begins to hang. */
const AT_ONCE = 1500;

export interface ExpectedFailure extends UpstreamFailure {
  /** What status gives as the detail. */
  readonly detail?: RegExp;
  /** Milliseconds. */
  readonly within?: number;
}

export interface FailingUpstreams {
  readonly town: Town;
  /** A scripted server that is closed at the end; inside TLS, with the town's certificate unless told otherwise. */
  upstream(script: Script, certificate?: IssuedCertificate): Promise<ScriptedServer>;
  /** The same, in clear. */
  plainUpstream(script: Script): Promise<ScriptedServer>;
  /** One login of somebody new at this server, which must fail as expected. */
  expectFailure(at: MailEndpoint, expected: ExpectedFailure): Promise<LocalLogin>;
  close(): Promise<void>;
}

export async function startFailingUpstreams(protocol: "imap" | "smtp"): Promise<FailingUpstreams> {
  const town = await startTown({ people: 60 });
  const neighbour = await town.resident();
  const servers: ScriptedServer[] = [];
  const { expectTold, expectServed } = protocol === "imap" ? IMAP : SMTP;

  async function start(options: Parameters<typeof startScriptedServer>[0]): Promise<ScriptedServer> {
    const server = await startScriptedServer(options);
    servers.push(server);
    return server;
  }

  return {
    town,
    upstream: (script, certificate = town.certificate) => start({ script, tls: certificate }),
    plainUpstream: (script) => start({ script }),
    async expectFailure(at, expected) {
      const login = await town.resident({ [protocol]: at });
      await expectTold(town, login, expected);
      const status = await town.statusOf(login.email);
      expect(status).toMatchObject({ kind: expected.kind, code: expected.code });
      if (expected.detail !== undefined) expect(status.detail).toMatch(expected.detail);
      await expectServed(town, neighbour);
      return login;
    },
    async close() {
      await town.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

const IMAP = {
  /** The failure at LOGIN, on a connection that goes on. */
  async expectTold({ postern }: Town, login: LocalLogin, expected: ExpectedFailure): Promise<void> {
    const client = await connectRaw(postern.imapPort);
    expect(await logInToImap(client, login, expected.within)).toBe(imapReply(expected));
    expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
    client.socket.destroy();
  },
  async expectServed({ postern }: Town, neighbour: LocalLogin): Promise<void> {
    const client = await connectRaw(postern.imapPort);
    expect(await logInToImap(client, neighbour)).toMatch(/^OK /);
    expect(await sendImap(client, "LOGOUT")).toMatch(/^OK /);
  },
};

const SMTP = {
  /** 235 at once, the failure at MAIL, on a connection that goes on. */
  async expectTold({ postern }: Town, login: LocalLogin, expected: ExpectedFailure): Promise<void> {
    const client = await connectRaw(postern.smtpPort);
    await client.readUntil(/^220 .*\r\n/);
    await sendSmtp(client, "EHLO [127.0.0.1]");
    const asked = performance.now();
    expect(await sendSmtp(client, `AUTH PLAIN ${plain(login)}`)).toBe(AUTHENTICATED);
    expect(performance.now() - asked).toBeLessThan(AT_ONCE);

    const from = `MAIL FROM:<${login.email}>`;
    expect(await sendSmtp(client, from, expected.within)).toBe(smtpReply(expected));
    expect(await sendSmtp(client, "RCPT TO:<a@example.test>")).toMatch(/^503 5\.5\.1 /);
    expect(await sendSmtp(client, "RSET")).toMatch(/^250 /);
    expect(await sendSmtp(client, "NOOP")).toMatch(/^250 /);
    expect(await sendSmtp(client, `AUTH PLAIN ${plain(login)}`)).toMatch(/^503 5\.5\.1 /);
    expect(await sendSmtp(client, from)).toBe(smtpReply(expected));
    expect(await sendSmtp(client, "QUIT")).toMatch(/^221 /);
    expect(await client.closed()).toBe("fin");
  },
  async expectServed({ postern }: Town, neighbour: LocalLogin): Promise<void> {
    const client = await connectRaw(postern.smtpPort);
    expect(await logInToSmtp(client, neighbour)).toBe(AUTHENTICATED);
    expect(await sendSmtp(client, `MAIL FROM:<${neighbour.email}>`)).toBe("250 2.0.0 MAIL done");
    expect(await sendSmtp(client, "QUIT")).toBe("221 2.0.0 bye");
  },
};
