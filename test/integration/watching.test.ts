// `postern watch --json`: the state first, then what happens, for a person's own script; and never a secret in it.
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Activity, ControlEvent } from "../../src/control/contract.ts";
import { attemptLogin, attemptMail } from "../support/mail-attempt.ts";
import { connectRaw, logInToImap, sendImap } from "../support/raw-client.ts";
import { type ScriptedTown, startScriptedTown } from "../support/scripted-town.ts";
import { startWatcher, type Watcher } from "../support/watcher.ts";

const CLIENT_SECRET = "the client secret of this registration";

let town: ScriptedTown;
let accounts = 0;

beforeAll(async () => {
  town = await startScriptedTown();
});
afterAll(() => town.close());
beforeEach(() => {
  town.server.script = {};
  town.imap.known = undefined;
});

function address(): string {
  accounts += 1;
  return `alice${accounts}@example.test`;
}

const activity =
  (what: Activity["what"], account?: string) =>
  (event: ControlEvent): boolean =>
    event.kind === "activity" && event.activity.what === what && event.activity.account === account;
const account =
  (email: string, kind: string) =>
  (event: ControlEvent): boolean =>
    event.kind === "account" && event.account.email === email && event.account.status.kind === kind;
const isSnapshot = (event: ControlEvent): boolean => event.kind === "snapshot";

describe("watching", () => {
  test("tells the state first, then everything that happens to an account, and no secret", async () => {
    const email = address();
    const secretFile = join(town.postern.folder, "client-secret");
    await writeFile(secretFile, CLIENT_SECRET);
    const watcher = startWatcher(["--json"], town.postern.env);
    const reader = startWatcher([], town.postern.env);
    expect(await watcher.saw(isSnapshot)).toBe(1);
    /** Does something, and waits for each of these events, which come in any order. Gives the first. */
    const told = async (
      work: () => Promise<unknown>,
      ...expected: ((event: ControlEvent) => boolean)[]
    ): Promise<ControlEvent | undefined> => {
      const start = watcher.lines.length;
      await work();
      const places = await Promise.all(expected.map((fits) => watcher.saw(fits, start)));
      return watcher.events()[(places[0] ?? 0) - 1];
    };

    const words = { "--client-secret-file": secretFile };
    await told(() => town.add(email, words), account(email, "signed-out"));

    town.server.script = { refuseAuthorization: { error: "access_denied" } };
    expect(await told(() => town.logIn(email), activity("sign-in-failed", email))).toMatchObject({
      activity: { failure: { code: "sign-in-denied", temporary: false } },
    });

    town.server.script = { idToken: { email } };
    await told(() => town.logIn(email), activity("signed-in", email), account(email, "working"));

    const login = await town.createPassword(email);
    const mail = await connectRaw(town.postern.imapPort);
    const loggedIn = await told(
      () => logInToImap(mail, login),
      activity("logged-in", email),
      (event) => event.kind === "account" && event.account.sessions === 1,
    );
    expect(loggedIn).toMatchObject({
      activity: { protocol: "imap", passwordName: "test", at: expect.any(Number) },
    });
    expect(await told(() => sendImap(mail, "LOGOUT"), activity("session-ended", email))).toMatchObject({
      activity: { protocol: "imap" },
    });
    const sent = await told(
      () => attemptMail(town.postern.smtpPort, login),
      activity("logged-in", email),
      activity("session-ended", email),
    );
    expect(sent).toMatchObject({ activity: { protocol: "smtp" } });

    const wrong = { email, password: "a-wrong-local-password" };
    const refused = await told(
      () => attemptLogin(town.postern.imapPort, wrong),
      activity("login-refused", email),
    );
    expect(refused).toMatchObject({
      activity: { protocol: "imap", failure: { code: "wrong-local-password" } },
    });

    town.imap.known = [];
    const failed = await told(
      () => attemptLogin(town.postern.imapPort, login),
      activity("login-failed", email),
      account(email, "blocked"),
    );
    expect(failed).toMatchObject({ activity: { failure: { code: "upstream-refused" } } });

    await town.postern.json("account", "set", email, "token-access", "on");
    await told(
      async () =>
        expect(town.server.issued).toContain((await town.postern.cli("token", email)).stdout.trim()),
      activity("token-handed-out", email),
    );
    await told(
      () => town.postern.cli("logout", email),
      activity("signed-out", email),
      account(email, "signed-out"),
    );
    await told(
      () => town.postern.cli("account", "remove", email),
      (event) => event.kind === "account-removed" && event.email === email,
    );

    await watcher.stop();
    await reader.stop();
    await expectNoSecretIn([watcher, reader], [login.password, wrong.password]);
    expect(reader.lines.join("\n")).toContain(`▲ ${email}  Signed out.`);
  });

  /** Not a code, token, local password, client secret or control secret, and nothing that one could be read from. */
  async function expectNoSecretIn(watchers: readonly Watcher[], passwords: readonly string[]): Promise<void> {
    const { secret } = JSON.parse(await readFile(join(town.postern.home, "control.json"), "utf8"));
    const key = (await readFile(join(town.postern.folder, "key"), "utf8")).trim();
    const sent = town.server.requests.flatMap(({ form }) => [
      form.get("code_verifier") ?? "",
      form.get("client_secret") ?? "",
    ]);
    expect(sent).toContain(CLIENT_SECRET);
    const secrets = [...town.server.issued, ...sent, ...passwords, secret, key].filter((text) => text !== "");
    expect(secrets.length).toBeGreaterThan(8);
    for (const { lines } of watchers) {
      expect(lines.length).toBeGreaterThan(10);
      const printed = lines.join("\n");
      for (const text of secrets) {
        expect(printed).not.toContain(text);
        expect(printed).not.toContain(Buffer.from(text).toString("base64").replace(/=+$/, ""));
      }
    }
  }

  test("goes on after a restart of Postern: with a new snapshot, and what happens then", async () => {
    const email = address();
    const watcher = startWatcher(["--json"], town.postern.env);
    let place = await watcher.saw(isSnapshot);
    await town.restart();
    place = await watcher.saw(isSnapshot, place);
    const [before, after] = watcher.events().filter((event) => event.kind === "snapshot");
    expect(after?.snapshot.processId).toBe(town.postern.ready.processId);
    expect(after?.snapshot.processId).not.toBe(before?.snapshot.processId);
    await town.add(email);
    await watcher.saw(account(email, "signed-out"), place);
    await watcher.stop();
  });

  test("waits where Postern is stopped for longer, and is told apart from a Postern that never ran", async () => {
    const watcher = startWatcher(["--json"], town.postern.env);
    const place = await watcher.saw(isSnapshot);
    await town.restart(async () => {
      const late = startWatcher(["--json"], town.postern.env);
      const [exitCode] = await once(late.process, "close");
      expect(exitCode).toBe(3);
      expect(late.lines.join("\n")).toContain("daemon-not-running");
    });
    await watcher.saw(isSnapshot, place);
    await watcher.stop();
  });

  test("of one account tells nothing of others", async () => {
    const [mine, other] = [address(), address()];
    await town.add(mine);
    const watcher = startWatcher(["--json", "--account", mine.toUpperCase()], town.postern.env);
    await watcher.saw(isSnapshot);
    await town.add(other);
    town.server.script = { idToken: { email: other } };
    await town.logIn(other);
    town.server.script = { idToken: { email: mine } };
    await town.logIn(mine);
    await watcher.saw(activity("signed-in", mine));
    await watcher.saw(account(mine, "working"));
    expect(watcher.lines.join("\n")).not.toContain(other);
    await watcher.stop();
  });

  test("ends by itself, and well, when its reader has gone", async () => {
    const watcher = startWatcher(["--json"], town.postern.env);
    await watcher.saw(isSnapshot);
    const ended = once(watcher.process, "exit");
    watcher.process.stdout?.destroy();
    await town.add(address());
    expect(await ended).toEqual([0, null]);
  });

  test("sees the same as everybody else who watches", async () => {
    const email = address();
    await town.add(email);
    const watchers = [1, 2, 3].map(() => startWatcher(["--json"], town.postern.env));
    for (const watcher of watchers) await watcher.saw(isSnapshot);
    town.server.script = { idToken: { email } };
    await town.logIn(email);
    await (await town.control()).call("account.remove", { email });
    for (const watcher of watchers) {
      await watcher.saw((event) => event.kind === "account-removed" && event.email === email);
      expect(watcher.events().some(activity("signed-in", email))).toBe(true);
      await watcher.stop();
    }
  });
});
