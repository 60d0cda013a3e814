// What the daemon does with files that were damaged, removed or written by a newer version; and who may read them.
import { readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectToDaemon } from "../../src/control/client.ts";
import type { Snapshot } from "../../src/control/contract.ts";
import { type Postern, runPostern, startPostern } from "../support/postern.ts";
import { connectRaw, type LocalLogin, logInToImap, sendImap } from "../support/raw-client.ts";
import { startTown, type Town } from "../support/town.ts";

const serveAgain = (postern: Postern) =>
  runPostern(["serve", "--imap-port", "0", "--smtp-port", "0"], postern.env);

describe("its files", () => {
  let town: Town;
  let carol: LocalLogin;

  beforeAll(async () => {
    town = await startTown({ people: 1 });
    carol = await town.resident();
    await town.postern.stop();
  });
  afterAll(async () => {
    await town.close();
  });

  /** Starts on the town's home, and stops at the end. */
  async function withTown(work: (postern: Postern) => Promise<void>): Promise<void> {
    const postern = await startPostern({ authority: town.authority, folder: town.postern.folder });
    try {
      await work(postern);
    } finally {
      await postern.stop();
    }
  }

  async function expectCarolServed(postern: Postern): Promise<void> {
    const client = await connectRaw(postern.imapPort);
    expect(await logInToImap(client, carol)).toMatch(/^OK /);
    expect(await sendImap(client, "LOGOUT")).toMatch(/^OK /);
  }

  const damages: [string, (path: string) => Promise<void>][] = [
    ["cut off in the middle", async (path) => truncate(path, Math.floor((await stat(path)).size / 2))],
    ["empty", (path) => truncate(path, 0)],
    ["garbage", (path) => writeFile(path, Buffer.from([0, 255, 27, 91, 10]))],
    ["JSON of something else", (path) => writeFile(path, '{"version":1,"surprise":true}')],
    [
      "JSON that would change every object",
      (path) => writeFile(path, '{"__proto__":{"version":1},"version":1}'),
    ],
    ["a megabyte long", (path) => writeFile(path, `{"version":1,"x":"${"x".repeat(1_000_000)}"}`)],
  ];
  const NAMES = ["config.json", "state.json"];

  /** A change to each of the files, which writes a good one again. */
  async function changeBoth(postern: Postern): Promise<void> {
    const control = await connectToDaemon(join(postern.home, "control.json"));
    await control.call("password.create", { email: carol.email, name: "another" });
    await control.call("password.revoke", { email: carol.email, name: "another" });
    await control.call("settings.change", { failureStyle: "strict" });
    await control.call("settings.change", { failureStyle: "gentle" });
  }

  for (const [how, damage] of damages) {
    test(`that are ${how} are kept aside, and the last good ones used`, async () => {
      const { home } = town.postern;
      const damaged = new Map<string, Buffer>();
      for (const name of NAMES) {
        await damage(join(home, name));
        damaged.set(name, await readFile(join(home, name)));
      }
      await withTown(async (postern) => {
        const { notices, accounts }: Snapshot = await postern.json("status");
        expect(notices).toHaveLength(NAMES.length);
        for (const name of NAMES) {
          const kept = (await readdir(home)).filter(
            (file) => file.startsWith(`${name}.damaged-`) && notices.join("\n").includes(file),
          );
          expect(kept).toEqual([expect.stringMatching(/\.damaged-[0-9a-f]{12}$/)]);
          expect(
            (await readFile(join(home, kept[0] ?? ""))).equals(damaged.get(name) ?? Buffer.alloc(0)),
          ).toBe(true);
        }
        expect(accounts.map(({ email }) => email)).toEqual([carol.email]);
        await expectCarolServed(postern);
        await changeBoth(postern);
      });
    });
  }

  test("that were damaged and have been changed since are good again", async () => {
    await withTown(async (postern) => {
      expect((await postern.json("status")).notices).toEqual([]);
      await expectCarolServed(postern);
    });
  });

  test("that are missing are taken from their last good copies", async () => {
    for (const name of NAMES) await rm(join(town.postern.home, name));
    await withTown(async (postern) => {
      const { notices }: Snapshot = await postern.json("status");
      expect(notices).toEqual(NAMES.map(() => expect.stringContaining("missing")));
      await expectCarolServed(postern);
      await changeBoth(postern);
    });
  });

  for (const name of NAMES) {
    test(`that are of a newer version are refused and left as they are: ${name}`, async () => {
      const path = join(town.postern.home, name);
      const good = await readFile(path);
      const newer = JSON.stringify({ ...JSON.parse(good.toString()), version: 999, more: [1, 2] });
      await writeFile(path, newer);
      const before = (await readdir(town.postern.home)).sort();
      const finished = await serveAgain(town.postern);
      expect(finished.exitCode).toBe(78);
      expect(finished.stderr).toContain("newer Postern");
      expect(finished.stderr).toContain(path);
      expect(await readFile(path, "utf8")).toBe(newer);
      expect((await readdir(town.postern.home)).sort()).toEqual(before);
      await writeFile(path, good);
    });
  }

  test("a keychain that does not open with this key is left as it is, and opens with the right one", async () => {
    const [path, key] = [join(town.postern.home, "keychain.encrypted"), join(town.postern.folder, "key")];
    const [keychain, rightKey] = [await readFile(path), await readFile(key)];
    await writeFile(key, "0123456789".repeat(4));
    await withTown(async (postern) => {
      const { keychain: view, accounts }: Snapshot = await postern.json("status");
      expect(view).toMatchObject({ ready: false, code: "keychain-wrong-key" });
      expect(accounts[0]?.status).toMatchObject({ kind: "needs-you", code: "keychain-wrong-key" });
      expect((await postern.cli("status", "--check")).exitCode).toBe(6);
      const client = await connectRaw(postern.imapPort);
      expect(await logInToImap(client, carol)).toBe(
        "NO [UNAVAILABLE] The keychain needs attention in Postern",
      );
      client.socket.destroy();
      expect((await readFile(path)).equals(keychain)).toBe(true);
      // The right key is enough; nobody has to start anything again.
      await writeFile(key, rightKey);
      await expectCarolServed(postern);
    });
  });

  test("everything in the home is for its owner alone (A6)", async () => {
    await withTown(async (postern) => {
      await expectCarolServed(postern);
      expect((await stat(postern.home)).mode & 0o777).toBe(0o700);
      const entries = await readdir(postern.home, { recursive: true, withFileTypes: true });
      const names = entries.map(({ name }) => name);
      for (const name of ["config.json", "state.json", "keychain.encrypted", "control.json", "control.sock"])
        expect(names).toContain(name);
      for (const entry of entries) {
        const { mode } = await stat(join(entry.parentPath, entry.name));
        expect(mode & 0o077, `${entry.name} has mode ${(mode & 0o777).toString(8)}`).toBe(0);
        if (/\.(?:json|encrypted|last-good)$/.test(entry.name)) expect(mode & 0o777, entry.name).toBe(0o600);
      }
    });
  });
});
