// The real `postern` program, as a person runs it: built, spawned, spoken to by its command line.
// Invariant: its home is a folder of its own; `stop` leaves no process behind.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Snapshot } from "../../src/control/contract.ts";
import type { TestAuthority } from "./authority.ts";
import { type Person, signInAs } from "./person.ts";
import { collect, firstLine } from "./process.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";

/** Built, as it is shipped. */
export const PROGRAM = resolve(import.meta.dirname, "../../dist/cli/main.js");

/** What comes before the words of a command: a program, or Node and a script. */
export type Command = readonly [string, ...string[]];
const BUILT: Command = [process.execPath, PROGRAM];

export interface AccountAt {
  readonly issuer: string;
  readonly clientId: string;
  readonly imap: { readonly port: number; readonly tls: "implicit" | "starttls"; readonly host?: string };
  readonly smtp: { readonly port: number; readonly tls: "implicit" | "starttls"; readonly host?: string };
  readonly mechanism?: "auto" | "xoauth2" | "oauthbearer";
  readonly scope?: string;
}

export interface Postern {
  /** Its private folder: home, key file, authority file. */
  readonly folder: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly imapPort: number;
  readonly smtpPort: number;
  /** What the ready line said. */
  readonly ready: { readonly listeners: Snapshot["listeners"]; readonly processId: number };
  /** Runs a command of the CLI against this daemon. */
  cli(...words: string[]): Promise<ProgramResult>;
  /** As `cli` with --json, parsed; throws when the command failed. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
  json(...words: string[]): Promise<any>;
  addAccount(email: string, at: AccountAt): Promise<void>;
  /** `postern login EMAIL --no-open`, with a person at a scripted browser. */
  signIn(person: Person): Promise<ProgramResult>;
  createPassword(email: string, name?: string): Promise<string>;
  log(): string;
  /** Ends the process in an orderly way and waits for it. */
  stop(): Promise<number | null>;
  /** Ends it with SIGKILL and waits for it. */
  kill(): Promise<void>;
  /** Starts it again on the same home, with any free ports. */
  restart(env?: NodeJS.ProcessEnv): Promise<Postern>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

export interface PosternOptions {
  readonly authority: TestAuthority;
  readonly env?: NodeJS.ProcessEnv;
  readonly serve?: readonly string[];
  readonly folder?: string;
  /** The one in `dist`, under the Node that runs the tests, unless told otherwise. */
  readonly command?: Command;
}

/** Runs the program without a daemon. */
export function runPostern(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  [program, ...before]: Command = BUILT,
): Promise<ProgramResult> {
  return runProgram(program, [...before, ...words], { environment: definedOnly(env) });
}

/** A folder with a key file and the authority's certificate, and the environment that points there. */
export async function preparePostern(
  options: PosternOptions,
): Promise<{ folder: string; env: NodeJS.ProcessEnv }> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "postern-")));
  await mkdir(join(folder, "home"), { recursive: true, mode: 0o700 });
  const keyFile = join(folder, "key");
  if (!existsSync(keyFile)) await writeFile(keyFile, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    POSTERN_HOME: join(folder, "home"),
    POSTERN_KEYCHAIN: "file",
    POSTERN_KEYCHAIN_KEY_FILE: keyFile,
    NODE_EXTRA_CA_CERTS: await options.authority.writeTo(folder),
    ...options.env,
  };
  return { folder, env };
}

export async function startPostern(options: PosternOptions): Promise<Postern> {
  const { folder, env } = await preparePostern(options);
  const words = options.serve ?? ["--imap-port", "0", "--smtp-port", "0"];
  const command = options.command ?? BUILT;
  const [program, ...before] = command;
  const child = spawn(program, [...before, "serve", ...words], { env });
  child.stdin.end();
  const output = collect(child);
  const ready = JSON.parse(await firstLine(child, output));
  const portOf = (protocol: string): number =>
    ready.listeners.find(
      (listener: Snapshot["listeners"][number]) =>
        listener.protocol === protocol && listener.state === "listening",
    )?.port ?? 0;

  const cli = (...arguments_: string[]): Promise<ProgramResult> => runPostern(arguments_, env, command);
  const json = async (...arguments_: string[]) => {
    const finished = await cli(...arguments_, "--json");
    if (finished.exitCode !== 0) {
      throw new Error(
        `postern ${arguments_.join(" ")}: ${finished.exitCode} ${finished.stdout} ${finished.stderr}`,
      );
    }
    return JSON.parse(finished.stdout);
  };
  const stop = async (): Promise<number | null> => {
    child.kill("SIGTERM");
    return ended(child);
  };

  return {
    folder,
    home: join(folder, "home"),
    env,
    imapPort: portOf("imap"),
    smtpPort: portOf("smtp"),
    ready,
    cli,
    json,
    async addAccount(email, { issuer, clientId, imap, smtp, mechanism = "auto", scope }) {
      const words_ = ["--issuer", issuer, "--client-id", clientId, "--mechanism", mechanism];
      words_.push("--imap", `${imap.host ?? "localhost"}:${imap.port}`, "--imap-tls", imap.tls);
      words_.push("--smtp", `${smtp.host ?? "localhost"}:${smtp.port}`, "--smtp-tls", smtp.tls);
      if (scope !== undefined) words_.push("--scope", scope);
      await json("account", "add", email, ...words_);
    },
    async signIn(person) {
      const login = spawn(program, [...before, "login", person.email, "--no-open"], { env });
      login.stdin.end();
      const loginOutput = collect(login);
      await signInAs(await firstLine(login, loginOutput), person, options.authority);
      const exitCode = await ended(login);
      return { exitCode: exitCode ?? -1, stdout: loginOutput.stdout(), stderr: loginOutput.stderr() };
    },
    createPassword: async (email, name = "test") =>
      (await json("password", "create", email, "--name", name)).password,
    log: output.stderr,
    stop,
    async kill() {
      child.kill("SIGKILL");
      await ended(child);
    },
    async restart(more = {}) {
      await stop();
      return startPostern({ ...options, folder, env: { ...options.env, ...more } });
    },
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  return child.exitCode;
}
