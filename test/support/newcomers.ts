// People who come to a town by the command line: `postern account add`, and signing in with a browser at hand.
// Invariant: a newcomer is nobody whom the town's `resident` has taken, since they are taken from the other end.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PUBLIC_CLIENT_ID } from "./authorization-server.ts";
import type { Person } from "./person.ts";
import { PROGRAM } from "./postern.ts";
import { collect, firstLine } from "./process.ts";
import type { ProgramResult } from "./run-program.ts";
import type { Town } from "./town.ts";

/** How many people the town must have been started with. */
export const PEOPLE = 40;

/** Options of `account add`; one that is undefined is left out. */
export type AccountChanges = Readonly<Record<string, string | undefined>>;

/** The words after `account add EMAIL`, each option's replaced by what is given. */
export function accountWords(town: Town, changes: AccountChanges = {}): string[] {
  const words: Record<string, string | undefined> = {
    "--issuer": town.authorizationServer.issuer,
    "--client-id": PUBLIC_CLIENT_ID,
    "--imap": `localhost:${town.imap.port}`,
    "--imap-tls": "implicit",
    "--smtp": `localhost:${town.smtp.port}`,
    "--smtp-tls": "implicit",
    ...changes,
  };
  return Object.entries(words).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}

let newcomers = 0;

/** Somebody whom the authorization server knows, with an account here that nobody has signed in to. */
export async function newcomer(town: Town, changes: AccountChanges = {}): Promise<Person> {
  newcomers += 1;
  const number = PEOPLE + 1 - newcomers;
  const person = { email: `resident${number}@example.test`, password: `secret of resident ${number}` };
  await town.postern.json("account", "add", person.email, ...accountWords(town, changes));
  return person;
}

export interface Login {
  readonly authorizationUrl: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly finished: Promise<ProgramResult>;
  interrupt(): void;
}

/** `postern login EMAIL --no-open` with more words, up to its first line. */
export async function startLogin(town: Town, person: Person, ...more: string[]): Promise<Login> {
  const child = spawn(process.execPath, [PROGRAM, "login", person.email, "--no-open", ...more], {
    env: town.postern.env,
  });
  child.stdin.end();
  const output = collect(child);
  const finished = once(child, "close").then(([exitCode]) => ({
    exitCode,
    stdout: output.stdout(),
    stderr: output.stderr(),
  }));
  const authorizationUrl = await firstLine(child, output);
  const parameters = new URL(authorizationUrl).searchParams;
  return {
    authorizationUrl,
    redirectUri: parameters.get("redirect_uri") ?? "",
    state: parameters.get("state") ?? "",
    finished,
    interrupt: () => void child.kill("SIGINT"),
  };
}
