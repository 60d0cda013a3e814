// What every packaged form of Postern must do: sign in somebody with a real browser's steps, send their mail and read it,
// keep the sign-in through a restart, and test the account. The servers are real; the program is whatever is handed in.
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type GnomeKeyring, startGnomeKeyring } from "./gnome-keyring.ts";
import type { Command } from "./postern.ts";
import { startRealTown } from "./real-town.ts";

/** The environment of the program: no Node on PATH, and nothing of the tests' own. */
const BARE = { PATH: "/usr/bin:/bin", NODE_OPTIONS: "", NODE_PATH: "" };

export interface Packaged {
  readonly command: Command;
  readonly keychain: "gnome-keyring" | "encrypted file";
}

/** Gives the memory that was the daemon's alone when it had nothing to do, in MB; undefined where that cannot be known. */
export async function serveMail({ command, keychain }: Packaged): Promise<number | undefined> {
  const keyring: GnomeKeyring | undefined =
    keychain === "gnome-keyring" ? await startGnomeKeyring() : undefined;
  const env = keyring === undefined ? BARE : { ...BARE, ...keyring.env, POSTERN_KEYCHAIN: "" };
  const town = await startRealTown({ people: 1, postern: { command, env } });
  try {
    const person = await town.newcomer();
    const signedIn = await town.postern.signIn(person);
    expect(signedIn, signedIn.stderr).toMatchObject({ exitCode: 0 });
    await town.exchangeMail(person);
    const { keychain: used } = await town.postern.json("status");
    expect(used).toMatchObject({ kind: keyring === undefined ? "file" : "os", ready: true });

    await town.restart();
    await town.exchangeMail(person);
    expect((await town.statusOf(person)).kind).toBe("working");
    // It loads imapflow and nodemailer.
    expect(await town.postern.json("account", "test", person.email)).toMatchObject({ works: true });
    return privateMemory(town.postern.ready.processId);
  } finally {
    await town.stop();
    await keyring?.stop();
  }
}

/** In MB. The pages of the program's own file are the system's to keep or to drop, and are not counted. */
function privateMemory(processId: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  const status = readFileSync(`/proc/${processId}/status`, "utf8");
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
