// Runs Keycloak's Java: which options it gets, what it printed, how it is ended. The same on Linux, macOS and Windows.
// Invariant: when stop() has resolved the process is gone; it also goes when this process dies. It writes below its home only.
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collect } from "./process.ts";

export interface KeycloakProcess {
  /** Everything it printed so far. */
  log(): string;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
  /** Resolves when it has printed what `pattern` matches. Rejects with the log when it ends before, or takes too long. */
  printed(pattern: RegExp, milliseconds: number): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

export interface KeycloakProcessOptions {
  /** The java program. */
  readonly java: string;
  /** Keycloak's home: an existing directory that has its lib folder in it. */
  readonly home: string;
  /** Keycloak's command and its options; a secret belongs into a file. */
  readonly arguments: readonly string[];
}

const KEEPER = fileURLToPath(new URL("./keycloak-keeper.ts", import.meta.url));
const POLL_INTERVAL = 20;

/** What kc.sh would tell Java, but for quick starts and a small memory instead of throughput. */
const JAVA_OPTIONS = [
  "-Xms64m",
  "-Xmx320m",
  "-XX:MaxMetaspaceSize=256m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-XX:-UsePerfData",
  "-XX:+ExitOnOutOfMemoryError",
  "-Dfile.encoding=UTF-8",
  "-Duser.language=en",
  "-Duser.country=US",
  "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
  "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
  "-Dpicocli.disable.closures=true",
  "--add-opens=java.base/java.util=ALL-UNNAMED",
  "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
  "--add-opens=java.base/java.security=ALL-UNNAMED",
  "--add-opens=java.base/java.lang=ALL-UNNAMED",
  "--enable-native-access=ALL-UNNAMED",
];

/** Starts Keycloak and returns at once; `printed` and `ended` tell how it goes on. */
export async function startKeycloakProcess(options: KeycloakProcessOptions): Promise<KeycloakProcess> {
  const { java, home } = options;
  const temporary = join(home, "tmp");
  await mkdir(temporary, { recursive: true });
  const child = spawn(
    process.execPath,
    [
      KEEPER,
      java,
      ...JAVA_OPTIONS,
      `-Dkc.home.dir=${home}`,
      `-Djava.io.tmpdir=${temporary}`,
      ...["-cp", join(home, "lib", "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint"],
      ...options.arguments,
    ],
    { env: environment() },
  );
  const output = collect(child);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stdin.on("error", () => {});
  let isRunning = true;
  void ended.then(() => {
    isRunning = false;
  });
  const log = (): string => output.stdout() + output.stderr();

  return {
    log,
    ended,
    async printed(pattern, milliseconds) {
      const deadline = Date.now() + milliseconds;
      for (;;) {
        const wasRunning = isRunning;
        const match = pattern.exec(log());
        if (match !== null) return match;
        if (!wasRunning) throw new Error(`Keycloak ended before it was ready:\n${log()}`);
        if (Date.now() > deadline) throw new Error(`Keycloak was not ready in time:\n${log()}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
      }
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** This process's own, without what would configure Keycloak or Quarkus. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:KC_|QUARKUS_|JAVA_TOOL_OPTIONS$|JDK_JAVA_OPTIONS$)/i.test(name),
    ),
  );
}
