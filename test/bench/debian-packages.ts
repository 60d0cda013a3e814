/**
 * Installs the Debian packages of the contenders where that can be done.
 * Invariant: nothing is started, nothing is removed; never throws for what a machine cannot do, but says why.
 */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

/** undefined when the program is there; otherwise why it is not. */
export type Absence = string | undefined;

const POLICY_FILE = "/usr/sbin/policy-rc.d";
const POLICY =
  "#!/bin/sh\n# Put here by Postern's benchmark while it installs packages: no service may start.\nexit 101\n";

/** Installs a package unless its program is there, saying on stderr what is installed. */
export function provide(packageName: string, program: string): Absence {
  if (existsSync(program)) return undefined;
  if (!existsSync("/usr/bin/apt-get")) return "this is not Debian or Ubuntu";
  if (process.getuid?.() !== 0) return `installing ${packageName} needs root`;
  process.stderr.write(`Installing Debian package for the benchmark: ${packageName}\n`);
  const words = ["install", "--yes", "--no-install-recommends", "--no-remove", packageName];
  // Fresh lists first only where the ones that are here do not suffice.
  let failure = installWithoutServices(words);
  if (failure !== undefined) {
    aptGet(["update"]);
    failure = installWithoutServices(words);
  }
  return existsSync(program) ? undefined : (failure ?? `${packageName} has no ${program}`);
}

/** A machine's own policy is left as it is. */
function installWithoutServices(words: readonly string[]): Absence {
  const own = !existsSync(POLICY_FILE);
  if (own) writeFileSync(POLICY_FILE, POLICY, { mode: 0o755 });
  try {
    return aptGet(words);
  } finally {
    if (own) rmSync(POLICY_FILE, { force: true });
  }
}

function aptGet(words: readonly string[]): Absence {
  const ran = spawnSync("apt-get", ["-o", "DPkg::Lock::Timeout=60", ...words], {
    timeout: 120_000,
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1", LC_ALL: "C.UTF-8" },
  });
  if (ran.status === 0) return undefined;
  return `apt-get: ${ran.error?.message ?? (ran.stderr ?? "").trim().split("\n").at(-1)}`;
}
