// What a person changes takes effect at once, and everybody who watches is told: settings, pausing, passwords, connections;
// and the text for somebody else has nothing secret in it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { ControlClient } from "../../src/control/client.ts";
import type { ControlEvent } from "../../src/control/contract.ts";
import { attemptLogin } from "../support/mail-attempt.ts";
import { connectRaw, logInToImap, logInToSmtp, sendImap } from "../support/raw-client.ts";
import { type ScriptedTown, startScriptedTown } from "../support/scripted-town.ts";

const email = "alice@example.test";
let town: ScriptedTown;
let control: ControlClient;

beforeAll(async () => {
  town = await startScriptedTown({ idToken: { email } });
  await town.add(email);
  await town.logIn(email);
  control = await town.control();
});
afterAll(() => town.close());

/** Everything that is told from now on. */
async function watch(): Promise<ControlEvent[]> {
  const events: ControlEvent[] = [];
  const over = new AbortController();
  onTestFinished(() => over.abort());
  void (async () => {
    for await (const event of control.events(over.signal)) events.push(event);
  })().catch(() => {});
  await expect.poll(() => events.length).toBeGreaterThan(0);
  return events;
}

const portOf = async (protocol: "imap" | "smtp"): Promise<number> =>
  (await control.call("status", {})).listeners.find((one) => one.protocol === protocol)?.port ?? 0;

test("another port is open when the setting is, and a session on the old one goes on", async () => {
  const login = await town.createPassword(email);
  const events = await watch();
  const before = await portOf("imap");
  const session = await connectRaw(before);
  expect(await logInToImap(session, login)).toMatch(/^OK /);

  const { settings } = await town.postern.json("settings", "set", "imap-port", "0");
  expect(settings.imapPort).toBe(0);
  const after = await portOf("imap");
  expect(after).not.toBe(before);
  expect(await attemptLogin(after, login)).toMatch(/^OK /);
  await expect(connectRaw(before)).rejects.toThrow("ECONNREFUSED");
  expect(await sendImap(session, "NOOP")).toMatch(/^OK /);
  session.socket.destroy();
  const ports = () =>
    events.flatMap((event) => (event.kind === "machine" ? [event.machine.settings.imapPort] : []));
  await expect.poll(() => ports().at(-1)).toBe(0);
});

test("the failure style is that of the next connection", async () => {
  const login = {
    email,
    password: (await control.call("password.create", { email, name: "style" })).password,
  };
  town.smtp.known = [];
  const attempt = async (): Promise<string> => {
    const client = await connectRaw(await portOf("smtp"));
    try {
      return await logInToSmtp(client, login);
    } finally {
      client.socket.destroy();
    }
  };
  expect(await attempt()).toMatch(/^235 /);
  await control.call("settings.change", { failureStyle: "strict" });
  expect(await attempt()).toMatch(/^454 /);
  town.smtp.known = undefined;
});

test("pausing tells mail programs to come back later, and status and watchers say so", async () => {
  const events = await watch();
  await town.postern.json("pause");
  const client = await connectRaw(await portOf("imap"));
  expect(await client.readLine()).toBe("* BYE [UNAVAILABLE] Postern is paused; try again later");
  client.end();
  const shown = await town.postern.cli("status", "--check");
  expect([shown.exitCode, shown.stdout]).toEqual([6, expect.stringContaining("Paused:")]);
  await town.postern.json("resume");
  expect((await connectRaw(await portOf("imap"))).socket.destroyed).toBe(false);
  await expect
    .poll(() => events.flatMap((event) => (event.kind === "machine" ? [event.machine.paused] : [])))
    .toEqual([true, false]);
});

test("a local password is shown with its account from its making to its end, and when it was used", async () => {
  const events = await watch();
  const told = () =>
    events.flatMap((event) =>
      event.kind === "account" ? [event.account.passwords.find(({ name }) => name === "scanner")] : [],
    );
  const { password } = await control.call("password.create", { email, name: "scanner" });
  await expect.poll(() => told().at(-1)).toEqual({ name: "scanner", createdAt: expect.any(Number) });
  await attemptLogin(await portOf("imap"), { email, password });
  await expect.poll(() => told().at(-1)?.lastUsedAt).toBeGreaterThan(0);
  await control.call("password.revoke", { email, name: "scanner" });
  await expect.poll(() => told().at(-1)).toBeUndefined();
  expect(JSON.stringify(events)).not.toContain(password);
});

test("a connection is told from its first octet to its end, in the snapshot as in the events", async () => {
  const login = {
    email,
    password: (await control.call("password.create", { email, name: "laptop" })).password,
  };
  const events = await watch();
  const client = await connectRaw(await portOf("imap"));
  await client.readLine();
  client.write('a ID ("name" "Thunderbird" "version" "128.0")\r\n');
  await client.readUntil(/a OK .*\r\n/);
  client.write(`b LOGIN ${login.email} ${login.password}\r\n`);
  await client.readUntil(/b OK .*\r\n/);
  client.socket.destroy();
  const told = () =>
    events.flatMap((event) =>
      event.kind === "connection" && event.connection.program === "Thunderbird 128.0"
        ? [event.connection]
        : [],
    );
  await expect.poll(() => told().at(-1)?.state).toBe("ended");
  expect(told().at(-1)).toMatchObject({ account: email, passwordName: "laptop", protocol: "imap" });
  expect(
    told()
      .at(-1)
      ?.timeline.map(({ what }) => what),
  ).toEqual(["connected", "named-itself", "password-accepted", "logged-in", "ended"]);
  const { connections, activity } = await control.call("status", {});
  const { id } = told().at(-1) ?? {};
  expect(connections.find((one) => one.id === id)).toEqual(told().at(-1));
  expect(activity.filter(({ connectionId }) => connectionId === id).map(({ what }) => what)).toEqual([
    "logged-in",
    "session-ended",
  ]);
});

test("after a sleep the sessions from before it end at once, and the next login works", async () => {
  const login = {
    email,
    password: (await control.call("password.create", { email, name: "sleeper" })).password,
  };
  const session = await connectRaw(await portOf("imap"));
  expect(await logInToImap(session, login)).toMatch(/^OK /);
  await control.call("machine.changed", { what: "suspending" });
  await control.call("machine.changed", { what: "resumed" });
  await session.closed();
  expect(await attemptLogin(await portOf("imap"), login)).toMatch(/^OK /);
});

test("what cannot be reached without a network is no outage of an account, neither then nor afterwards", async () => {
  const bob = "bob@example.test";
  // Nobody listens on the port that nobody can be given.
  await town.add(bob, { "--imap": "localhost:1" });
  town.server.script = { idToken: { email: bob } };
  await town.logIn(bob);
  const login = await town.createPassword(bob);
  const fail = async (): Promise<string> => {
    expect(await attemptLogin(await portOf("imap"), login)).toMatch(/^NO \[UNAVAILABLE\]/);
    return (await town.show(bob)).status.kind;
  };
  await control.call("machine.changed", { what: "offline" });
  expect(await fail()).toBe("working");
  await control.call("machine.changed", { what: "online" });
  expect((await town.show(bob)).status.kind).toBe("working");
  expect(await fail()).toBe("offline");
});

test("the diagnostics hold no address, no password, no token and nothing of the control secret", async () => {
  const { text } = await control.call("diagnostics.show", {});
  expect(text).toContain("a…@example.test");
  expect(text).toContain("named-itself");
  const { secret } = JSON.parse(await readFile(join(town.postern.home, "control.json"), "utf8"));
  for (const own of [email, secret, ...town.server.issued]) expect(text).not.toContain(own);
});

test("every provider is listed, and a guide is shown with what is known of it", async () => {
  const { providers } = await control.call("provider.list", {});
  expect(providers.find(({ id }) => id === "google")).toMatchObject({ kind: "oauth", registrable: true });
  await control.call("registration.save", {
    provider: "google",
    clientId: "123-abc.apps.googleusercontent.com",
  });
  const { guide, registration } = await control.call("registration.show", { provider: "google" });
  expect(registration.clientId).toBe("123-abc.apps.googleusercontent.com");
  expect(guide.steps.flatMap(({ inputs }) => inputs.map(({ input }) => input))).toContain("client-id");
  expect(guide.usable).toBe(false);
});
