// The tray app with a real daemon behind it and real pages in its windows; only Electron itself is a stand-in.
import { rm } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeWithChromium } from "../support/chromium.ts";
import { signInAs } from "../support/person.ts";
import { preparePostern } from "../support/postern.ts";
import { connectRaw, logInToImap, sendImap } from "../support/raw-client.ts";
import { eventually, startTown, type Town } from "../support/town.ts";
import { startTrayRig, type TrayRig, type TrayRigOptions } from "../support/tray-rig.ts";

let town: Town;
const rigs: TrayRig[] = [];
const folders: string[] = [];

beforeAll(async () => {
  town = await startTown({ people: 6 });
});
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.close()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});
afterAll(async () => {
  await town.close();
});

/** Beside the town's daemon, which runs already. */
async function attach(options: Partial<TrayRigOptions> = {}): Promise<TrayRig> {
  const rig = await startTrayRig({ env: town.postern.env, ...options });
  rigs.push(rig);
  await eventually(() => rig.labels().includes("Pause"));
  return rig;
}

/** Where no daemon runs. */
async function startAlone(options: Partial<TrayRigOptions> = {}): Promise<TrayRig> {
  const { folder, env } = await preparePostern({ authority: town.authority });
  folders.push(folder);
  const rig = await startTrayRig({ env, ...options });
  rigs.push(rig);
  await eventually(() => rig.labels().includes("Pause"));
  return rig;
}

const passwordOf = (email: string): string => `secret of ${email.replace(/(\d+)@.*/, " $1")}`;

describeWithChromium("the tray", () => {
  test("follows the daemon's state: accounts, pausing, resuming", async () => {
    const { email } = await town.resident();
    const rig = await attach({ argv: ["--hidden"] });
    expect(rig.tray).toMatchObject({ image: "working", tooltip: "Postern: All is well" });
    expect(rig.labels()).toContain(`● ${email}`);

    rig.click("Pause");
    await eventually(() => rig.labels().includes("Resume"));
    expect(rig.tray).toMatchObject({
      image: "offline",
      tooltip: "Postern: Paused: mail programs are told to come back later",
    });
    expect((await town.postern.json("status")).paused).toBe(true);

    rig.click("Resume");
    await eventually(() => rig.tray?.image === "working");
    expect((await town.postern.json("status")).paused).toBe(false);
    expect(rig.windows()).toEqual([]);
  });

  test("a click signs in: the browser opens at the provider, and the menu says when it is done", async () => {
    const { email } = await town.resident();
    const rig = await attach({ argv: ["--hidden"] });
    await town.postern.json("logout", email);
    await eventually(() => rig.labels().includes(`· ${email}: sign in`));

    rig.click(`${email}: sign in`);
    await eventually(() => rig.opened.length === 1);
    const [address = ""] = rig.opened;
    expect(new URL(address).origin).toBe(town.authorizationServer.issuer);
    // A second click shows the same page again: there is one attempt.
    rig.click(`${email}: sign in`);
    await eventually(() => rig.opened.length === 2);
    expect(rig.opened[1]).toBe(address);

    const answer = await signInAs(address, { email, password: passwordOf(email) }, town.authority);
    expect(answer.status).toBe(200);
    await eventually(() => rig.labels().includes(`● ${email}`));
    expect(rig.notifications).toEqual([]);
  });

  test("a mail program that comes while nobody has signed in is told of once; the notification signs in", async () => {
    const login = await town.resident();
    const rig = await attach({ argv: ["--hidden"] });
    await town.postern.json("logout", login.email);
    await eventually(() => rig.labels().includes(`· ${login.email}: sign in`));
    for (let time = 0; time < 2; time++) {
      const client = await connectRaw(town.postern.imapPort);
      expect(await logInToImap(client, login)).toMatch(/^NO \[UNAVAILABLE\] Sign in/);
      client.socket.destroy();
    }
    await eventually(() => rig.notifications.length === 1);
    const [notification] = rig.notifications;
    expect(notification?.title).toBe(`Sign in to ${login.email}`);

    notification?.click();
    await eventually(() => rig.opened.length === 1);
    await signInAs(
      rig.opened[0] ?? "",
      { email: login.email, password: passwordOf(login.email) },
      town.authority,
    );
    await eventually(() => notification?.isClosed === true);
    expect(rig.notifications).toHaveLength(1);
  });

  test("the machine's sleep and network reach the daemon", async () => {
    const rig = await attach({ argv: ["--hidden"] });
    const { email, password } = await town.resident();
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, { email, password })).toMatch(/^OK /);
    // What lived before the sleep is let go at once: the mail program comes again by itself.
    rig.power("suspend");
    rig.power("resume");
    await client.closed();
  });
});

describeWithChromium("the window of the tray app", () => {
  test("is destroyed when it is closed; the app lives on, and a second start shows it again", async () => {
    const rig = await attach();
    const [window] = rig.windows();
    const page = await window?.page();
    await eventually(async () => (await window?.url()) === "app://postern/#/");
    rig.secondInstance();
    expect(rig.windows()).toHaveLength(1);
    const focused = window?.focused ?? 0;
    rig.secondInstance();
    expect(window?.focused).toBe(focused + 1);

    window?.destroy();
    await eventually(() => page?.isClosed() === true);
    expect(rig.windows()).toEqual([]);
    expect(rig.hasQuit).toBe(false);
    expect(rig.notifications).toEqual([]);
    rig.click("Open Postern");
    expect(rig.windows()).toHaveLength(1);
    // The login item of somebody who has started it by hand already.
    rig.windows()[0]?.destroy();
    rig.secondInstance("--hidden");
    expect(rig.windows()).toEqual([]);
  });

  test("where another instance runs, nothing is shown and nothing started", async () => {
    const rig = await startTrayRig({ env: town.postern.env, isSecond: true });
    rigs.push(rig);
    expect(rig.hasQuit).toBe(true);
    expect(rig.windows()).toEqual([]);
    expect(rig.tray).toBeUndefined();
  });

  test("without a tray it opens, and closing it says that mail goes on and how to come back", async () => {
    const rig = await startTrayRig({ env: town.postern.env, withoutTray: true, hasTray: false });
    rigs.push(rig);
    expect(rig.windows()).toHaveLength(1);
    rig.windows()[0]?.destroy();
    await eventually(() => rig.notifications.length === 1);
    expect(rig.notifications[0]).toMatchObject({
      title: "Postern goes on in the background",
      body: "Your mail programs keep working. Start Postern again to see it.",
    });
    rig.notifications[0]?.click();
    expect(rig.windows()).toHaveLength(1);
    // It is said once.
    rig.windows()[0]?.destroy();
    expect((await town.postern.cli("status")).exitCode).toBe(0);
    expect(rig.notifications).toHaveLength(1);
  });

  test("mail keeps flowing while its page crashes; it comes back once", async () => {
    const login = await town.resident();
    const rig = await attach();
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, login)).toMatch(/^OK /);
    const [first] = rig.windows();
    await eventually(async () => (await first?.url()) === "app://postern/#/");
    await first?.crash();
    await eventually(() => rig.windows()[0] !== undefined && rig.windows()[0] !== first);
    expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
    const [second] = rig.windows();
    await eventually(async () => (await second?.url()) === "app://postern/#/");

    await second?.crash();
    await eventually(() => rig.windows().length === 0);
    expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
    rig.secondInstance();
    expect(rig.windows()).toHaveLength(1);
    client.socket.destroy();
  });
});

describeWithChromium("the daemon behind the tray", () => {
  test("that runs already is used, and left running at the end", async () => {
    const rig = await attach({ argv: ["--hidden"] });
    expect(rig.starts).toBe(0);
    rig.click("Quit");
    await rig.quitted;
    expect((await town.postern.cli("status")).exitCode).toBe(0);
  });

  test("is started where none runs, and ended with the tray", async () => {
    const rig = await startAlone({ argv: ["--hidden"] });
    expect(rig.starts).toBe(1);
    expect(rig.tray?.tooltip).toBe("Postern: No account yet");
    const { processId } = await rig.connect();
    rig.click("Quit");
    await rig.quitted;
    expect(isAlive(processId)).toBe(false);
    await expect(rig.connect()).rejects.toThrow();
  });

  test("that is killed is back within three seconds, and there is one", async () => {
    const rig = await startAlone({ argv: ["--hidden"] });
    const { processId } = await rig.connect();
    process.kill(processId, "SIGKILL");
    await eventually(() => rig.labels()[0] === "Postern is being started again…", 3000);
    await eventually(() => rig.labels()[0] === "No account yet", 3000);
    const next = await rig.connect();
    expect(next.processId).not.toBe(processId);
    expect(rig.starts).toBe(2);
  });

  test("that somebody else started and that ends is replaced by one of its own", async () => {
    const own = await startTown({ people: 1 });
    try {
      const rig = await startTrayRig({ env: own.postern.env, argv: ["--hidden"] });
      rigs.push(rig);
      await eventually(() => rig.labels()[0] === "No account yet");
      await own.postern.kill();
      await eventually(async () => {
        const client = await rig.connect().catch(() => undefined);
        return client !== undefined && client.processId !== own.postern.ready.processId;
      }, 3000);
      expect(rig.starts).toBe(1);
      await Promise.all(rigs.splice(0).map((one) => one.close()));
    } finally {
      await own.close();
    }
  });
});

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
