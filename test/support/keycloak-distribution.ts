// Keycloak's own distribution, from Maven Central, made ready for quick starts once and kept in the user's cache folder.
// Invariant: only the pinned octets are ever unpacked, and a folder with the final name is complete.
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { startKeycloakProcess } from "./keycloak-process.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";

/** It runs on Java 17, 21 and 25 (keycloak.org/server/supported-configurations). */
export const KEYCLOAK_VERSION = "26.7.3";
const OLDEST_JAVA = 17;
/** Of keycloak-quarkus-dist-26.7.3.tar.gz, 176,448,763 octets. */
const SHA256 = "77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47";
const ARTIFACT = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK_VERSION}:tar.gz`;
const ARCHIVE = `keycloak-quarkus-dist-${KEYCLOAK_VERSION}.tar.gz`;
const COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
/** Whatever is fixed here need not be worked out again at every start. */
const BUILD = ["build", "--db=dev-file"];
/** A tables-and-master-realm database comes out of any command that opens one; this one ends by itself. */
const CREATE_DATABASE = ["export", "--optimized", "--cache=local", "--realm=master"];
const MINUTE = 60_000;

export interface KeycloakDistribution {
  /** The java program. */
  readonly java: string;
  readonly directory: string;
}

export type KeycloakSupport =
  | { readonly kind: "available"; readonly distribution: KeycloakDistribution }
  | { readonly kind: "left-out"; readonly reason: string };

let prepared: Promise<KeycloakSupport> | undefined;

/**
 * The first time on a machine it fetches 176 MB and builds for about a minute, saying so on stderr; afterwards it only looks.
 * Never rejects for what a machine cannot do: the reason is in the answer.
 */
export function prepareKeycloak(): Promise<KeycloakSupport> {
  prepared ??= prepare();
  return prepared;
}

/** Lays out a home for one server: the shared programs, and a database of its own without any realm but Keycloak's. */
export async function createKeycloakHome({ directory }: KeycloakDistribution, home: string): Promise<void> {
  await mkdir(join(home, "data"), { recursive: true });
  // A junction needs no privilege on Windows; elsewhere the word means nothing.
  await symlink(join(directory, "lib"), join(home, "lib"), "junction");
  await cp(join(directory, "data", "h2"), join(home, "data", "h2"), { recursive: true });
}

async function prepare(): Promise<KeycloakSupport> {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin", "java") : "java";
  const objection = await objectionToJava(java);
  if (objection !== undefined) return leftOut(objection);

  const cache = join(cacheFolder(), "postern-tests");
  // What was made otherwise is another folder.
  const recipe = createHash("sha256")
    .update(JSON.stringify([SHA256, BUILD, CREATE_DATABASE]))
    .digest("hex");
  const directory = join(cache, `keycloak-${KEYCLOAK_VERSION}-${recipe.slice(0, 8)}`);
  if (!existsSync(directory)) {
    try {
      await mkdir(cache, { recursive: true });
      const failure = await install(java, cache, directory);
      if (failure !== undefined) return leftOut(failure);
    } catch (error) {
      return leftOut(`Keycloak could not be made ready: ${firstLine(String(error))}`);
    }
  }
  return { kind: "available", distribution: { java, directory } };
}

/** Gives why it could not be installed. Of two at the same time, one wins and the other uses what the first made. */
async function install(java: string, cache: string, directory: string): Promise<string | undefined> {
  const maven = await run(["mvn", "--version"], MINUTE);
  if (maven === undefined) return "Maven (mvn) is not there to fetch Keycloak with";
  process.stderr.write(`Fetching Keycloak ${KEYCLOAK_VERSION} for the tests (176 MB, once)\n`);

  const work = await mkdtemp(join(cache, "unfinished-"));
  try {
    const copy = [
      "mvn",
      "-B",
      "-ntp",
      "-q",
      COPY_GOAL,
      `-Dartifact=${ARTIFACT}`,
      `-DoutputDirectory=${work}`,
    ];
    const fetched = await run(copy, 15 * MINUTE);
    if (fetched?.exitCode !== 0) return `Maven cannot fetch Keycloak: ${mavenError(fetched)}`;
    const archive = join(work, ARCHIVE);
    const sum = await sha256Of(archive);
    if (sum !== SHA256) return `what Maven fetched is not the pinned Keycloak (SHA-256 ${sum})`;
    const unpacked = await run(["tar", "--no-same-owner", "-xzf", archive, "-C", work], 5 * MINUTE);
    if (unpacked?.exitCode !== 0)
      return `tar cannot unpack Keycloak: ${firstLine(unpacked?.stderr ?? "no tar")}`;
    await rm(archive);

    const home = join(work, `keycloak-${KEYCLOAK_VERSION}`);
    await runKeycloak(java, home, BUILD);
    await runKeycloak(java, home, [...CREATE_DATABASE, "--dir", join(home, "tmp", "export")]);
    await rm(join(home, "tmp"), { recursive: true, force: true });
    await rename(home, directory).catch((error: unknown) => {
      if (!existsSync(directory)) throw error;
    });
    return undefined;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function runKeycloak(java: string, home: string, command: readonly string[]): Promise<void> {
  const keycloak = await startKeycloakProcess({ java, home, arguments: command });
  const timer = setTimeout(() => void keycloak.stop(), 10 * MINUTE);
  const exitCode = await keycloak.ended;
  clearTimeout(timer);
  if (exitCode !== 0) throw new Error(`"${command[0]}" failed: ${keycloak.log().trim().split("\n").at(-1)}`);
}

async function objectionToJava(java: string): Promise<string | undefined> {
  const answer = await run([java, "-version"], MINUTE);
  if (answer === undefined) return `Keycloak needs Java, and there is no ${java}`;
  // openjdk version "17.0.15" 2025-04-15
  const major = Number(/version "(\d+)/.exec(answer.stderr)?.[1] ?? 0);
  if (major >= OLDEST_JAVA) return undefined;
  return `Keycloak ${KEYCLOAK_VERSION} needs Java ${OLDEST_JAVA} or newer, and here is ${firstLine(answer.stderr)}`;
}

/** Undefined when there is no such program. */
async function run(
  [program = "", ...rest]: readonly string[],
  timeout: number,
): Promise<ProgramResult | undefined> {
  // On Windows mvn is a batch file.
  const batch = process.platform === "win32" && program === "mvn";
  const command = batch ? ["cmd.exe", "/d", "/c", "mvn.cmd", ...rest] : [program, ...rest];
  const [file = "", ...fileArguments] = command;
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  try {
    return await runProgram(file, fileArguments, { environment: Object.fromEntries(own), timeout });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function mavenError(result: ProgramResult | undefined): string {
  // It resets a colour first, even when told to use none.
  return /\[ERROR\] (.+)/.exec(result?.stdout ?? "")?.[1] ?? firstLine(result?.stderr ?? "");
}

function cacheFolder(): string {
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  if (process.platform === "win32") return process.env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local");
  return process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
}

function leftOut(reason: string): KeycloakSupport {
  return { kind: "left-out", reason };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
