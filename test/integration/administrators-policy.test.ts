// An administrator registers once; everybody else types an address. What they decide is locked, and holds at once.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Snapshot } from "../../src/control/contract.ts";
import { createTestAuthority } from "../support/authority.ts";
import { findFreePorts, readGreeting } from "../support/loopback-port.ts";
import { attemptLogin } from "../support/mail-attempt.ts";
import { type Postern, startPostern } from "../support/postern.ts";
import { connectRaw, type LocalLogin, logInToImap } from "../support/raw-client.ts";
import { type ScriptedTown, startScriptedTown } from "../support/scripted-town.ts";
import { startWatcher } from "../support/watcher.ts";

let postern: Postern;
let policy: string;

beforeAll(async () => {
  const authority = await createTestAuthority();
  // Of the folder that Postern is given, so that it is gone with it.
  postern = await startPostern({ authority });
  policy = join(postern.folder, "policy.json");
  const { stdout } = await postern.cli("admin", "register", "microsoft", "--tenant", "contoso.com", "--json");
  // As it is printed; only the client id comes from the directory.
  const printed = JSON.parse(JSON.parse(stdout).policy);
  printed.providers["microsoft-365"].clientId = "0a1b2c3d";
  await writeFile(policy, JSON.stringify(printed));
  await postern.stop();
  postern = await startPostern({ authority, folder: postern.folder, env: { POSTERN_POLICY: policy } });
});

afterAll(async () => {
  await postern.remove();
});

test("an address is enough, with the organisation's client id and tenant", async () => {
  const account = await postern.json("account", "add", "alice@contoso.onmicrosoft.com", "--yes");
  expect(account).toMatchObject({
    provider: "microsoft-365",
    clientId: "0a1b2c3d",
    issuer: "https://login.microsoftonline.com/contoso.com/v2.0",
    imap: { host: "outlook.office365.com", port: 993 },
    smtp: { host: "smtp.office365.com", port: 587, tls: "starttls" },
  });
  expect(account.endpoints.token).toContain("/contoso.com/");
});

test("a policy that cannot be read is said, and nothing is added", async () => {
  await writeFile(policy, "{");
  const finished = await postern.cli("account", "add", "bob@contoso.onmicrosoft.com", "--yes");
  expect(finished.exitCode).toBe(78);
  expect(finished.stderr).toContain("policy file");
  expect((await postern.json("account", "list")).accounts).toHaveLength(1);
});

describe("a policy that changes while Postern runs", () => {
  let town: ScriptedTown;
  let file: string;
  let login: LocalLogin;
  const email = "alice@example.test";

  beforeAll(async () => {
    town = await startScriptedTown({ idToken: { email } });
    file = join(town.postern.folder, "policy.json");
    town.postern = await town.postern.restart({ POSTERN_POLICY: file });
    await town.add(email);
    expect(await town.logIn(email)).toMatchObject({ exitCode: 0 });
    login = await town.createPassword(email);
  });
  afterEach(() => rm(file, { force: true }));
  afterAll(() => town.close());

  /** An administrator's file arrives, and somebody looks. */
  async function ship(content: unknown): Promise<Snapshot> {
    await writeFile(
      file,
      typeof content === "string" ? content : JSON.stringify({ version: 1, ...Object(content) }),
    );
    return town.postern.json("status");
  }
  const portOf = ({ listeners }: Snapshot, protocol: string) =>
    listeners.find((one) => one.protocol === protocol && one.address === "127.0.0.1")?.port;

  test("moves the listeners, shows what it has locked, and gives back a person's own when it goes", async () => {
    const before: Snapshot = await town.postern.json("status");
    expect(before.policy).toBeUndefined();
    const [imapPort = 0, otherPort = 0] = await findFreePorts(2);
    const managed = await ship({
      organisation: "Contoso",
      settings: { imapPort, signInProxy: "http://proxy.contoso.example:3128", notifications: false },
      updates: false,
    });
    expect(managed.settings).toMatchObject({ imapPort, notifications: false, smtpPort: 2587 });
    expect(managed.policy).toEqual({
      path: file,
      organisation: "Contoso",
      locked: ["imapPort", "signInProxy", "notifications"],
      updates: false,
    });
    expect(portOf(managed, "imap")).toBe(imapPort);
    expect(await readGreeting(imapPort)).toContain("* OK");
    expect(await readGreeting(town.postern.imapPort)).toBe("");
    // What the policy does not name stays where it was.
    expect(portOf(managed, "smtp")).toBe(town.postern.smtpPort);

    const { stdout } = await town.postern.cli("settings", "show");
    expect(stdout).toContain(`imap-port           ${imapPort}  (set by Contoso)`);
    expect(stdout).toMatch(/^smtp-port +2587$/m);
    const refused = await town.postern.cli("settings", "set", "imap-port", `${otherPort}`);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining("Your organisation has set this"),
    ]);
    expect(refused.stderr).toContain("Contoso");
    // Wanting what is decided already is no fight, and is not kept for later.
    await town.postern.json("settings", "set", "imap-port", `${imapPort}`);
    await town.postern.json("settings", "set", "language", "ja");

    await rm(file);
    const after: Snapshot = await town.postern.json("status");
    expect(after.policy).toBeUndefined();
    expect(after.settings).toEqual({ ...before.settings, language: "ja" });
    expect(await readGreeting(imapPort)).toBe("");
    expect(await readGreeting(portOf(after, "imap") ?? 0)).toContain("* OK");
  });

  test("tells whoever watches within seconds, without being asked", async () => {
    const watcher = startWatcher(["--json"], town.postern.env);
    const start = await watcher.saw((event) => event.kind === "snapshot");
    await writeFile(
      file,
      JSON.stringify({ version: 1, settings: { language: "ja" }, organisation: "Contoso" }),
    );
    await watcher.saw(
      (event) => event.kind === "machine" && event.machine.policy?.organisation === "Contoso",
      start,
    );
  }, 30_000);

  test("sends the mail through its proxy from the next login on", async () => {
    const port = portOf(await town.postern.json("status"), "imap") ?? 0;
    expect(await attemptLogin(port, login)).toMatch(/^OK/);
    const [closed = 0] = await findFreePorts(1);
    await ship({ settings: { mailProxy: `http://127.0.0.1:${closed}` } });
    expect(await attemptLogin(port, login)).toMatch(/^NO \[UNAVAILABLE\]/);
    await rm(file);
    await town.postern.json("status");
    expect(await attemptLogin(port, login)).toMatch(/^OK/);
  });

  test("closes accounts of a domain that it does not allow any more, sends nothing of theirs, and opens them again", async () => {
    const port = portOf(await town.postern.json("status"), "imap") ?? 0;
    const session = await connectRaw(port);
    expect(await logInToImap(session, login)).toMatch(/^OK/);
    const logins = town.imap.logins.length;
    const { accounts } = await ship({ allowedDomains: ["contoso.com"] });
    expect(accounts[0]?.status).toMatchObject({ kind: "blocked", code: "policy-forbids" });
    await session.closed();
    const answer = await attemptLogin(port, login);
    expect(answer).toMatch(/^NO/);
    expect(answer).not.toContain("AUTHENTICATIONFAILED");
    const signIn = await town.postern.cli("login", email, "--no-open");
    expect(signIn.stderr).toContain("Your administrator does not allow accounts of this domain");
    expect(town.imap.logins).toHaveLength(logins);
    await rm(file);
    expect((await town.postern.json("status")).accounts[0].status.kind).toBe("working");
    expect(await attemptLogin(port, login)).toMatch(/^OK/);
  });

  test("into nonsense is told, lets the mail go on as it was, and lets nothing be added", async () => {
    const [imapPort = 0] = await findFreePorts(1);
    await ship({ settings: { imapPort } });
    const { policy, settings } = await ship({ settings: { imapPort: "2143" } });
    expect(policy?.problem).toContain("settings.imapPort");
    expect([settings.imapPort, policy?.locked]).toEqual([imapPort, ["imapPort"]]);
    expect(await attemptLogin(imapPort, login)).toMatch(/^OK/);
    await expect(town.add("bob@example.test")).rejects.toThrow("policy-unusable");
    const { stdout, exitCode } = await town.postern.cli("status", "--check");
    expect([stdout, exitCode]).toEqual([expect.stringContaining("■ The policy file"), 6]);
  });

  test("says what it does not understand, and obeys the rest", async () => {
    const { notices, policy, settings } = await ship({
      organisation: "Contoso",
      settings: { langauge: "ja", notifications: false },
      retention: { days: 30 },
    });
    expect(notices).toEqual([expect.stringContaining("retention, settings.langauge")]);
    expect(policy?.problem).toBeUndefined();
    expect(settings.notifications).toBe(false);
  });

  test("is obeyed from the start, also against the command line's ports", async () => {
    const [imapPort = 0] = await findFreePorts(1);
    await ship({ settings: { imapPort } });
    town.postern = await town.postern.restart();
    expect(town.postern.imapPort).toBe(imapPort);
    expect(town.postern.smtpPort).not.toBe(2587);
  });
});
