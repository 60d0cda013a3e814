// What a person or the machine does while mail flows: pausing, other ports, sleep.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { settle } from "../../support/fake-clock.ts";
import { connectRaw, type RawClient, sendImap, sendSmtp } from "../../support/raw-client.ts";
import { smtpUpstream } from "../../support/scripted-upstream.ts";
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

async function isOpen({ socket }: RawClient): Promise<boolean> {
  await settle();
  return !socket.readableEnded && !socket.destroyed;
}

async function pass({ clock }: ProxyRig, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 100) await clock.advance(100);
}

describe("pausing", () => {
  test("tells whoever connects to come back later, and never that the password is wrong", async () => {
    const rig = await start();
    rig.proxy.pause();
    const [imap, smtp] = [await rig.connect("imap"), await rig.connect("smtp")];
    expect(await imap.readLine()).toBe("* BYE [UNAVAILABLE] Postern is paused; try again later");
    expect(await smtp.readLine()).toBe("421 4.3.2 Postern is paused; try again later");
    expect([await imap.closed(), await smtp.closed()]).toEqual(["fin", "fin"]);
  });

  test("ends sessions when nothing is under way in them, and tells those who have not logged in", async () => {
    const rig = await start();
    const session = await rig.loggedIn("imap");
    const waiting = await rig.connect("imap");
    await waiting.readLine();
    rig.proxy.pause();
    expect(await waiting.readLine()).toBe("* BYE [UNAVAILABLE] Postern is paused; try again later");
    await pass(rig, 900);
    expect(await isOpen(session)).toBe(true);
    await pass(rig, 300);
    expect(await session.closed()).toBe("fin");
    expect(rig.proxy.isPaused()).toBe(true);
  });

  test("is over with resuming, and the listeners were open all the time", async () => {
    const rig = await start();
    rig.proxy.pause();
    rig.proxy.resume();
    expect(await rig.attempt()).toMatch(/^OK /);
  });
});

describe("other ports", () => {
  test("take effect at once; sessions and the other protocol's listeners stay", async () => {
    const rig = await start();
    const session = await rig.loggedIn("imap");
    const [before, smtp] = [rig.proxy.port("imap") ?? 0, rig.proxy.port("smtp")];
    await rig.proxy.move({ imap: 0 });
    const after = rig.proxy.port("imap") ?? 0;
    expect([after === before, rig.proxy.port("smtp")]).toEqual([false, smtp]);
    const client = await connectRaw(after);
    expect(await client.readLine()).toMatch(/^\* OK /);
    client.end();
    await expect(connectRaw(before)).rejects.toThrow("ECONNREFUSED");
    expect(await sendImap(session, "NOOP")).toBe("OK NOOP done");
    expect(rig.proxy.listeners().map(({ protocol }) => protocol)).toEqual(["imap", "imap", "smtp", "smtp"]);
  });

  test("keep nobody waiting: a session on the old port has its grace at the end too", async () => {
    const rig = await start();
    const session = await rig.loggedIn("imap");
    await rig.proxy.move({ imap: 0 });
    let isClosed = false;
    const closed = rig.proxy.close().then(() => {
      isClosed = true;
    });
    await pass(rig, 900);
    expect([isClosed, await isOpen(session)]).toEqual([false, true]);
    await pass(rig, 300);
    expect(await session.closed()).toBe("fin");
    session.end();
    await closed;
  });

  test("that are taken are said to be, and left alone; the way back works", async () => {
    const rig = await start();
    const squatter = createServer();
    squatter.listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const before = rig.proxy.port("smtp") ?? 0;
    await rig.proxy.move({ smtp: (squatter.address() as AddressInfo).port });
    const states = rig.proxy.listeners().filter(({ protocol }) => protocol === "smtp");
    expect(states[0]?.state()).toMatchObject({ kind: "taken" });
    expect(await rig.attempt()).toMatch(/^OK /);
    await rig.proxy.move({ smtp: before });
    expect(rig.proxy.port("smtp")).toBe(before);
    squatter.close();
  });

  test("changed twice at once leave one listener of each address", async () => {
    const rig = await start();
    await Promise.all([rig.proxy.move({ imap: 0, smtp: 0 }), rig.proxy.move({ imap: 0 })]);
    expect(rig.proxy.listeners()).toHaveLength(4);
    expect(await connectRaw(rig.proxy.port("imap") ?? 0)).toBeDefined();
  });
});

describe("letting sessions go", () => {
  test("ends them at once where nothing is under way, and a program that connects again is served", async () => {
    const rig = await start();
    const [imap, smtp] = [await rig.loggedIn("imap"), await rig.loggedIn("smtp")];
    expect(await sendSmtp(smtp, "NOOP")).toBe("250 2.0.0 NOOP done");
    rig.proxy.letSessionsGo();
    expect([await imap.closed(), await smtp.closed()]).toEqual(["fin", "fin"]);
    expect(await rig.attempt()).toMatch(/^OK /);
  });

  test("gives a message that is on its way ten seconds, and then no end that looks like success", async () => {
    const rig = await start({
      smtp: smtpUpstream({
        async afterLogin(connection) {
          await connection.readLine();
          await connection.write("354 go on\r\n");
          await connection.closed;
        },
      }),
    });
    const client = await rig.loggedIn("smtp");
    expect(await sendSmtp(client, "DATA")).toBe("354 go on");
    client.write("Subject: x\r\n");
    await settle();
    rig.proxy.letSessionsGo();
    await pass(rig, 9500);
    expect(await isOpen(client)).toBe(true);
    await pass(rig, 800);
    expect(await client.closed()).toBe("reset");
  });
});
