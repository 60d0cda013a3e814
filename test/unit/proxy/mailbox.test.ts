// Whether there is a mailbox behind a login: seen in a session without touching it, and asked for after a sign-in.
import { createHash, randomBytes } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { DIRECT } from "../../../src/network/route.ts";
import { probeMailbox } from "../../../src/proxy/mailbox-probe.ts";
import { accessToken } from "../../../src/secret/secret.ts";
import { createAccount } from "../../support/account.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { type RawClient, sendImap } from "../../support/raw-client.ts";
import {
  closedPort,
  type ScriptedConnection,
  type ScriptedServer,
  startScriptedServer,
} from "../../support/scripted-server.ts";
import { imapUpstream, type UpstreamLogin, type UpstreamOptions } from "../../support/scripted-upstream.ts";
import { currentFailure, type ProxyRig, startProxyRig, trustedCertificate } from "./proxy-rig.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const SENTENCE = "BAD User is authenticated but not connected.";

/** As Exchange behaves: CAPABILITY as ever, everything else with the sentence, and goodbye at the second time. */
async function withoutMailbox(connection: ScriptedConnection): Promise<void> {
  for (let refusals = 0; refusals < 2; ) {
    const [tag, verb] = (await connection.readLine()).split(" ");
    if (verb === "CAPABILITY") await connection.write(`* CAPABILITY IMAP4rev1 IDLE\r\n${tag} OK done\r\n`);
    else {
      await connection.write(`${tag} ${SENTENCE}\r\n`);
      refusals += 1;
    }
  }
  connection.end("* BYE Connection closed. 14\r\n");
}

async function start(
  afterLogin: (connection: ScriptedConnection) => Promise<void>,
  options: UpstreamOptions & { alternative?: string } = {},
): Promise<ProxyRig> {
  const { alternative, ...upstream } = options;
  const rig = await startProxyRig({
    imap: imapUpstream({ ...upstream, afterLogin }),
    ...(alternative === undefined ? {} : { alternative }),
  });
  open.push(rig);
  return rig;
}

describe("a session without a mailbox", () => {
  test("passes unchanged, is told of, and the account says so until a session has a mailbox", async () => {
    let broken = true;
    const rig = await start(async (connection) => {
      if (broken) return withoutMailbox(connection);
      for (;;) {
        const [tag] = (await connection.readLine()).split(" ");
        await connection.write(`* 4 EXISTS\r\n${tag} OK done\r\n`);
      }
    });
    const client = await rig.loggedIn("imap");
    expect(await sendImap(client, "CAPABILITY")).toBe("OK done");
    expect(currentFailure(rig)).toBeUndefined();
    expect(await sendImap(client, "SELECT INBOX")).toBe(SENTENCE);
    expect(await sendImap(client, "LIST a b")).toBe(SENTENCE);
    expect(await client.readLine()).toBe("* BYE Connection closed. 14");
    expect((await rig.event("mailbox-not-connected")).account).toBe(rig.account);
    expect(
      rig.events.map(({ kind }) => kind).filter((kind) => kind === "mailbox-not-connected"),
    ).toHaveLength(1);
    expect(currentFailure(rig)).toMatchObject({
      code: "mailbox-not-connected",
      detail: expect.stringContaining("alice@example.com"),
    });

    expect(await rig.attempt()).toMatch(/^NO \[UNAVAILABLE\] The mail server does not open this mailbox/);
    expect(rig.imap.connections).toHaveLength(1);

    await rig.clock.advance(30_000);
    broken = false;
    const again = await rig.loggedIn("imap");
    expect(currentFailure(rig)?.code).toBe("mailbox-not-connected");
    expect(await sendImap(again, "SELECT INBOX")).toBe("OK done");
    expect(currentFailure(rig)).toBeUndefined();
  });

  test("is met less and less often, since every login succeeds", async () => {
    const rig = await start(withoutMailbox);
    for (const pause of [30_000, 60_000, 120_000]) {
      await sendImap(await rig.loggedIn("imap"), "SELECT INBOX");
      await rig.clock.advance(pause - 1);
      expect(await rig.attempt()).toMatch(/^NO /);
      await rig.clock.advance(1);
    }
    await rig.loggedIn("imap");
  });

  test("is one failure, though a mail program has several of them at once", async () => {
    const rig = await start(withoutMailbox);
    const clients = await Promise.all([1, 2, 3, 4].map(() => rig.loggedIn("imap")));
    await Promise.all(clients.map((client) => sendImap(client, "SELECT INBOX")));
    await rig.clock.advance(30_000);
    await rig.loggedIn("imap");
  });

  test("makes the next login try the name that the provider knows its person by, which stays if it is right", async () => {
    const logins: UpstreamLogin[] = [];
    const rig = await start(
      async (connection) =>
        logins.at(-1)?.user === "alice@live.example"
          ? connection.write("* 1 EXISTS\r\n").then(() => new Promise(() => {}))
          : withoutMailbox(connection),
      { logins, alternative: "alice@live.example" },
    );
    await sendImap(await rig.loggedIn("imap"), "SELECT INBOX");
    await rig.clock.advance(30_000);
    await (await rig.loggedIn("imap")).readUntil(/EXISTS\r\n/);
    await rig.loggedIn("imap");
    expect(logins.map(({ user }) => user)).toEqual([
      "alice@example.com",
      "alice@live.example",
      "alice@live.example",
    ]);
    expect(currentFailure(rig)).toBeUndefined();
  });
});

describe("the look at a session", () => {
  /** What the server sends behind the login in pieces of this size, as the mail program receives it. */
  async function receive(rig: ProxyRig, octets: number): Promise<Buffer> {
    const client = await rig.loggedIn("imap");
    const start = client.transcript().length;
    client.write("a GO\r\n");
    const all: Buffer = await received(client, start + octets);
    return all.subarray(start);
  }

  async function received(client: RawClient, length: number): Promise<Buffer> {
    await client.readUntil(/END-OF-IT$/, 30_000);
    const text = Buffer.from(client.transcript(), "latin1");
    expect(text).toHaveLength(length);
    return text;
  }

  test.each([1, 7, 4096, 1_048_576])("changes no octet, in pieces of %i", async (size) => {
    const noise = size < 100 ? randomBytes(3000) : randomBytes(3 * 1_048_576);
    const said = Buffer.concat([
      Buffer.from("* OK hi {7}\r\n* 1 FETCH (X {3}\r\n"),
      noise,
      Buffer.from(`\r\na1 ${SENTENCE}\r\nEND-OF-IT`),
    ]);
    const rig = await start(async (connection) => {
      await connection.readLine();
      for (let from = 0; from < said.length; from += size)
        await connection.write(said.subarray(from, from + size));
    });
    const got = await receive(rig, said.length);
    expect(createHash("sha256").update(got).digest("hex")).toBe(
      createHash("sha256").update(said).digest("hex"),
    );
  });

  test("sees the sentence in whatever two segments it comes", async () => {
    const said = `t1 ${SENTENCE}\r\n`;
    for (let split = 0; split <= said.length; split += 1) {
      const rig = await start(async (connection) => {
        await connection.readLine();
        await connection.write(said.slice(0, split));
        await connection.readLine();
        await connection.write(said.slice(split));
        await connection.readLine();
      });
      const client = await rig.loggedIn("imap");
      client.write("t1 SELECT INBOX\r\n");
      if (split > 0) await client.readUntil(new RegExp(`^${said.slice(0, split).replace(/\./g, "\\.")}`));
      client.write("more\r\n");
      if (split < said.length) await client.readUntil(/\n$/);
      expect(client.transcript().endsWith(`Logged in\r\n${said}`)).toBe(true);
      expect((await rig.event("mailbox-not-connected")).kind).toBe("mailbox-not-connected");
      await rig.close();
      open.splice(open.indexOf(rig), 1);
    }
  });

  test("sees what came in one segment with the answer to the login", async () => {
    const rig = await start(
      async (connection) => {
        await connection.readLine();
      },
      { capabilitiesAfter: `IMAP4rev1] in\r\nt1 ${SENTENCE}\r\n* OK [X` },
    );
    const client = await rig.loggedIn("imap");
    expect(await client.readLine()).toBe(`t1 ${SENTENCE}`);
    expect((await rig.event("mailbox-not-connected")).account).toBe(rig.account);
  });
});

describe("asking a mailbox whether a sign-in opens it", () => {
  const account = createAccount({ email: "info@example.com", owner: "alice@example.com" });
  const TOKEN = accessToken("fresh-token");

  async function probe(script: Parameters<typeof startScriptedServer>[0]["script"]) {
    const server: ScriptedServer = await startScriptedServer({ tls: await trustedCertificate(), script });
    open.push(server);
    const imap = { host: "localhost", port: server.port, tls: "implicit" } as const;
    const means = { clock: createFakeClock(), route: async () => DIRECT };
    const result = await probeMailbox(means, { ...account, imap }, { kind: "bearer", accessToken: TOKEN });
    return { result, server };
  }

  test("logs in under the mailbox's name with that token, asks something harmless, and leaves", async () => {
    const logins: UpstreamLogin[] = [];
    const said: string[] = [];
    const left = Promise.withResolvers<void>();
    const { result } = await probe(
      imapUpstream({
        logins,
        async afterLogin(connection) {
          for (;;) {
            const [tag, ...words] = (await connection.readLine()).split(" ");
            said.push(words.join(" "));
            if (words[0] === "LOGOUT") return left.resolve();
            await connection.write(`${tag} OK done\r\n`);
          }
        },
      }),
    );
    expect(result).toBe("accepted");
    await left.promise;
    expect(said).toEqual(["NOOP", 'LIST "" INBOX', "LOGOUT"]);
    expect(logins).toMatchObject([{ user: "info@example.com", accessToken: "fresh-token" }]);
  });

  test("is told where the server refuses it, with one login", async () => {
    const { result, server } = await probe(imapUpstream({ accept: () => false }));
    expect(result).toMatchObject({
      code: "mailbox-refused-sign-in",
      detail: expect.stringContaining("info@example.com"),
    });
    expect(server.connections).toHaveLength(1);
  });

  test.each([
    ["at once", withoutMailbox],
    [
      "though it answers NOOP",
      async (connection: ScriptedConnection) => {
        await connection.write(`${(await connection.readLine()).split(" ")[0]} OK done\r\n`);
        await withoutMailbox(connection);
      },
    ],
  ])("is told where there is no mailbox, %s", async (_when, afterLogin) => {
    const { result } = await probe(imapUpstream({ afterLogin }));
    expect(result).toMatchObject({ code: "mailbox-not-connected", detail: expect.stringContaining("info@") });
  });

  test.each<[string, UpstreamOptions, string]>([
    [
      "IMAP is off",
      { refusal: "NO [ALERT] You are yet to enable IMAP for your account." },
      "upstream-imap-disabled",
    ],
    ["the server limits the account", { refusal: "NO [LIMIT] too many" }, "upstream-throttled"],
  ])("is told what is in the way: %s", async (_what, options, code) => {
    const { result } = await probe(imapUpstream({ accept: () => false, ...options }));
    expect(result).toMatchObject({ code });
  });

  test("cannot be told where nobody listens", async () => {
    const imap = { host: "localhost", port: await closedPort(), tls: "implicit" } as const;
    const means = { clock: createFakeClock(), route: async () => DIRECT };
    expect(
      await probeMailbox(means, { ...account, imap }, { kind: "bearer", accessToken: TOKEN }),
    ).toMatchObject({
      code: "upstream-unreachable",
    });
  });

  test("is given up after twenty seconds", async () => {
    const tls = await trustedCertificate();
    const server = await startScriptedServer({ tls, script: () => new Promise(() => {}) });
    open.push(server);
    const clock = createFakeClock();
    const imap = { host: "localhost", port: server.port, tls: "implicit" } as const;
    const probing = probeMailbox(
      { clock, route: async () => DIRECT },
      { ...account, imap },
      { kind: "bearer", accessToken: TOKEN },
    );
    await server.connected(1);
    await clock.advance(20_000);
    expect(await probing).toMatchObject({ code: "upstream-timeout" });
  });
});
