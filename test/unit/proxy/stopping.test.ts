// The end of the proxy, with sessions that are in the middle of something, and what a session was in numbers.
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { settle } from "../../support/fake-clock.ts";
import { everythingRead, type RawClient, sendImap, sendSmtp } from "../../support/raw-client.ts";
import type { ScriptedConnection } from "../../support/scripted-server.ts";
import { imapUpstream, smtpUpstream } from "../../support/scripted-upstream.ts";
import { type ProxyRig, type RigOptions, startProxyRig } from "./proxy-rig.ts";

const open: ProxyRig[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(options: RigOptions = {}): Promise<ProxyRig> {
  const rig = await startProxyRig(options);
  open.push(rig);
  return rig;
}

/** Whether the connection is still open for the mail program. */
async function isOpen({ socket }: RawClient): Promise<boolean> {
  await settle();
  return !socket.readableEnded && !socket.destroyed;
}

/** Lets time pass in small steps, with the sockets getting their turn in between. */
async function pass({ clock }: ProxyRig, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 100) await clock.advance(100);
}

describe("stopping", () => {
  test("ends a session in which nothing happens after a second, and without a word", async () => {
    const rig = await start();
    const imap = await rig.loggedIn("imap");
    const smtp = await rig.loggedIn("smtp");
    expect(await sendImap(imap, "NOOP")).toBe("OK NOOP done");
    expect(await sendSmtp(smtp, "NOOP")).toBe("250 2.0.0 NOOP done");
    const said = [imap.transcript(), smtp.transcript()];
    const closed = rig.proxy.close();
    await pass(rig, 900);
    expect([await isOpen(imap), await isOpen(smtp)]).toEqual([true, true]);
    await pass(rig, 200);
    expect([await imap.closed(), await smtp.closed()]).toEqual(["fin", "fin"]);
    await closed;
    expect([imap.transcript(), smtp.transcript()]).toEqual(said);
  });

  test("tells those who have not logged in, and lets nobody new in", async () => {
    const rig = await start();
    const [imap, smtp] = [await rig.connect("imap"), await rig.connect("smtp")];
    await Promise.all([imap.readLine(), smtp.readLine()]);
    const closed = rig.proxy.close();
    expect(await imap.readLine()).toBe("* BYE [UNAVAILABLE] Shutting down");
    expect(await smtp.readLine()).toBe("421 4.3.2 Shutting down");
    imap.end();
    smtp.end();
    await closed;
    await expect(rig.connect("imap")).rejects.toThrow("ECONNREFUSED");
  });

  test.each(["imap", "smtp"] as const)(
    "tells who is in the middle of a login upstream (%s), and passes nothing on for them",
    async (protocol) => {
      const asked = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      let isLoggingIn = protocol === "imap";
      const rig = await start({
        async checkHosts() {
          if (!isLoggingIn) return;
          asked.resolve();
          await gate.promise;
        },
      });
      const client = await rig.connect(protocol);
      await client.readLine();
      if (protocol === "imap") client.write("a LOGIN alice@example.com local-secret\r\n");
      else {
        await sendSmtp(client, "EHLO x");
        isLoggingIn = true;
        const message = Buffer.from("\0alice@example.com\0local-secret").toString("base64");
        expect(await sendSmtp(client, `AUTH PLAIN ${message}`)).toMatch(/^235 /);
      }
      await asked.promise;
      const closed = rig.proxy.close();
      expect(await client.readLine()).toMatch(/^(?:\* BYE|421) .*Shutting down$/);
      client.end();
      await closed;
      gate.resolve();
      // SMTP was asked for its keywords before.
      const server = rig[protocol];
      await server.connected(protocol === "imap" ? 1 : 2);
      await server.connections.at(-1)?.closed;
      expect(client.transcript()).toMatch(/Shutting down\r\n$/);
      await expect.poll(() => rig.events.at(-1)?.kind).toBe("ended");
      expect(rig.events.map(({ kind }) => kind)).not.toContain("logged-in");
    },
  );

  test("lets a message that is on its way be sent, up to the server's answer, however slowly it comes", async () => {
    const taken = Promise.withResolvers<string>();
    const answer = Promise.withResolvers<void>();
    const rig = await start({
      smtp: smtpUpstream({
        async afterLogin(connection) {
          const message: string[] = [];
          await connection.readLine();
          await connection.write("354 go on\r\n");
          for (let line = await connection.readLine(); line !== "."; line = await connection.readLine()) {
            message.push(line);
          }
          taken.resolve(message.join("\n"));
          await answer.promise;
          await connection.write("250 2.0.0 taken\r\n");
          await connection.closed;
        },
      }),
    });
    const client = await rig.loggedIn("smtp");
    expect(await sendSmtp(client, "DATA")).toBe("354 go on");
    client.write("Subject: x\r\n");
    await everythingRead(client);
    await settle();
    const closed = rig.proxy.close();
    // Nothing for eight seconds, and still in the middle of the message.
    await pass(rig, 8000);
    client.write("\r\nhello\r\n.\r\n");
    expect(await taken.promise).toBe("Subject: x\n\nhello");
    await pass(rig, 1500);
    expect(await isOpen(client)).toBe(true);
    answer.resolve();
    expect(await client.readLine()).toBe("250 2.0.0 taken");
    // The ten seconds are over before the second of rest, but nothing is torn by that.
    await pass(rig, 600);
    expect(await client.closed()).toBe("fin");
    await closed;
  });

  test("ends a session a second after the answer that it waited for", async () => {
    const answer = Promise.withResolvers<void>();
    const rig = await start({
      smtp: smtpUpstream({
        async afterLogin(connection) {
          await connection.readLine();
          await answer.promise;
          await connection.write("250 2.0.0 taken\r\n");
          await connection.closed;
        },
      }),
    });
    const client = await rig.loggedIn("smtp");
    await rig.event("logged-in");
    client.write(".\r\n");
    await everythingRead(client);
    await settle();
    const closed = rig.proxy.close();
    await pass(rig, 3000);
    expect(await isOpen(client)).toBe(true);
    answer.resolve();
    expect(await client.readLine()).toBe("250 2.0.0 taken");
    await pass(rig, 800);
    expect(await isOpen(client)).toBe(true);
    await pass(rig, 400);
    expect(await client.closed()).toBe("fin");
    await closed;
  });

  test("waits for an answer that is owed after a message was appended over IMAP", async () => {
    const answer = Promise.withResolvers<void>();
    const got = Promise.withResolvers<void>();
    const rig = await start({
      imap: imapUpstream({
        async afterLogin(connection) {
          const [tag] = (await connection.readLine()).split(" ");
          await connection.write("+ go on\r\n");
          await connection.readOctets(100_000);
          got.resolve();
          await answer.promise;
          await connection.write(`${tag} OK appended\r\n`);
          await connection.closed;
        },
      }),
    });
    const client = await rig.loggedIn("imap");
    client.write("a APPEND Sent {100000}\r\n");
    expect(await client.readLine()).toBe("+ go on");
    const closed = rig.proxy.close();
    client.write(Buffer.alloc(100_000, "x"));
    await got.promise;
    await pass(rig, 4000);
    expect(await isOpen(client)).toBe(true);
    answer.resolve();
    expect(await client.readLine()).toBe("a OK appended");
    await pass(rig, 1200);
    await client.closed();
    await closed;
  });

  test("tears what is still under way after ten seconds: with a reset, so that half a message does not look sent", async () => {
    const ended = Promise.withResolvers<void>();
    const rig = await start({
      smtp: smtpUpstream({
        async afterLogin(connection: ScriptedConnection) {
          for await (const _chunk of connection.chunks());
          ended.resolve();
        },
      }),
    });
    const client = await rig.loggedIn("smtp");
    client.write("DATA\r\nhalf a mess");
    await everythingRead(client);
    await rig.event("logged-in");
    await settle();
    const closed = rig.proxy.close();
    await pass(rig, 9900);
    expect(await isOpen(client)).toBe(true);
    await pass(rig, 200);
    expect(await client.closed()).toBe("reset");
    await ended.promise;
    await closed;
  });

  test("does not wait longer than that for a mail program that does not read", async () => {
    const rig = await start({
      imap: imapUpstream({
        async afterLogin(connection) {
          await connection.readLine();
          for (;;) await connection.write(Buffer.alloc(1_048_576));
        },
      }),
    });
    const client = await rig.loggedIn("imap");
    client.socket.pause();
    client.write("a FETCH 1:* BODY[]\r\n");
    await everythingRead(client);
    await settle();
    const closed = rig.proxy.close();
    // It may begin to read again, and what it was sent is on its way to it.
    await pass(rig, 9900);
    expect(rig.proxy.sessions()).toBe(1);
    await pass(rig, 200);
    await closed;
  });
});

describe("a session that is over", () => {
  test("is told of with what has passed since the login, in each direction, pipelined or not", async () => {
    const down = randomBytes(300_000);
    const rig = await start({
      imap: imapUpstream({
        async afterLogin(connection) {
          await connection.readLine();
          await connection.readOctets(200_000);
          connection.end(down);
        },
      }),
    });
    const client = await rig.connect("imap");
    await client.readLine();
    // Behind the login in the same segment: passed on, and counted.
    client.write("a LOGIN alice@example.com local-secret\r\nb UPLOAD\r\n");
    await client.readUntil(/a OK .*\r\n/);
    client.write(randomBytes(200_000));
    await client.closed();
    client.end();
    expect(await rig.event("session-ended")).toEqual({
      kind: "session-ended",
      account: rig.account,
      passwordName: "laptop",
      octetsToMua: 300_000,
      octetsFromMua: 200_000 + "b UPLOAD\r\n".length,
    });
  });

  test("is not told of where the mail server never let us in", async () => {
    const rig = await start({ imap: imapUpstream({ accept: () => false }) });
    await rig.attempt();
    const closed = rig.proxy.close();
    await pass(rig, 1000);
    await closed;
    expect(rig.events.map(({ kind }) => kind)).toEqual([
      "connected",
      "password-accepted",
      "login-failed",
      "ended",
    ]);
  });
});
