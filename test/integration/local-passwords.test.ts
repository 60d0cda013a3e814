// Local passwords, from when they are made to when they open nothing any more.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountWords, newcomer, PEOPLE } from "../support/newcomers.ts";
import { connectRaw, logInToImap, sendImap } from "../support/raw-client.ts";
import type { ProgramResult } from "../support/run-program.ts";
import { startTown, type Town } from "../support/town.ts";

let town: Town;

beforeAll(async () => {
  town = await startTown({ people: PEOPLE });
});

afterAll(async () => {
  await town.close();
});

const cli = (...words: string[]): Promise<ProgramResult> => town.postern.cli(...words);

describe("local passwords", () => {
  const FORMAT = /^[abcdefghjkmnpqrstuvwxyz2-9]{26}$/;

  test("are shown once, 26 characters that can be told apart, never the same", async () => {
    const { email } = await newcomer(town);
    const made = await Promise.all(
      ["thunderbird", "scanner", "phone"].map((name) => town.postern.createPassword(email, name)),
    );
    for (const password of made) expect(password).toMatch(FORMAT);
    expect(new Set(made).size).toBe(3);
    const forPeople = await cli("password", "create", email, "--name", "another");
    expect(forPeople.stdout.split("\n")[0]).toMatch(FORMAT);
    expect(forPeople.stdout).toContain(`127.0.0.1 port ${town.postern.imapPort}`);

    const listed = await cli("password", "list", email, "--json");
    const names = JSON.parse(listed.stdout).passwords.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual(["another", "phone", "scanner", "thunderbird"]);
    for (const password of made) expect(listed.stdout).not.toContain(password);
  });

  test("come with what a mail program asks for, and its files", async () => {
    const { email } = await newcomer(town);
    const shown = await cli("account", "connect", email, "--program", "thunderbird");
    expect(shown.exitCode, shown.stderr).toBe(0);
    expect(shown.stdout).toMatch(/Connection security {2,}None/);
    expect(shown.stdout).toContain(String(town.postern.imapPort));

    const folder = await mkdtemp(join(tmpdir(), "connect-"));
    const words = ["account", "connect", email, "--program", "mutt", "--files", folder];
    const { password, files } = JSON.parse((await cli(...words, "--json")).stdout);
    expect(files).toEqual(["muttrc", "msmtprc", "mbsyncrc"].map((name) => join(folder, name)));
    expect(await readFile(join(folder, "msmtprc"), "utf8")).toContain(`password ${password}`);
    const client = await connectRaw(town.postern.imapPort);
    // The password is the right one: what is missing is the sign-in.
    expect(await logInToImap(client, { email, password })).toBe("NO [UNAVAILABLE] Sign in in Postern first");
    client.end();

    const again = await cli(...words, "--json");
    expect(JSON.parse(again.stdout).error.detail).toContain("is there already");
    const { passwords } = await town.postern.json("password", "list", email);
    expect(passwords.map(({ name }: { name: string }) => name)).toEqual(["thunderbird", "mutt"]);
    await rm(folder, { recursive: true });
  });

  test("have names that are unique and can be printed", async () => {
    const { email } = await newcomer(town);
    await town.postern.createPassword(email, "scanner");
    expect((await cli("password", "create", email, "--name", "scanner")).exitCode).toBe(4);
    for (const name of ["", "  ", "a\x1bb", "x".repeat(101)]) {
      expect((await cli("password", "create", email, "--name", name)).exitCode, JSON.stringify(name)).toBe(2);
    }
    expect((await cli("password", "revoke", email, "--name", "nobody")).exitCode).toBe(4);
  });

  test("that are revoked open nothing from then on; the others do", async () => {
    const { email, password } = await town.resident();
    const other = await town.postern.createPassword(email, "other");
    await town.postern.json("password", "revoke", email, "--name", "test");
    const [refused, served] = [
      await connectRaw(town.postern.imapPort),
      await connectRaw(town.postern.imapPort),
    ];
    expect(await logInToImap(refused, { email, password })).toMatch(/^NO \[AUTHENTICATIONFAILED\] /);
    expect(await logInToImap(served, { email, password: other })).toMatch(/^OK /);
    expect(await sendImap(served, "LOGOUT")).toMatch(/^OK /);
    refused.socket.destroy();
  });

  test("of an account that was removed open nothing, and nothing of it is left in the keychain", async () => {
    const { email, password } = await town.resident();
    await town.postern.json("account", "remove", email);
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, { email, password })).toMatch(/^NO \[AUTHENTICATIONFAILED\] /);
    client.socket.destroy();
    expect((await cli("account", "show", email)).exitCode).toBe(4);
    await town.postern.json("account", "add", email, ...accountWords(town));
    expect((await town.statusOf(email)).kind).toBe("signed-out");
    expect((await town.postern.json("password", "list", email)).passwords).toEqual([]);
  });
});
