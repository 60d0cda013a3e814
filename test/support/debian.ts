// Decides whether this machine can run the real mail servers and mail programs, and installs Debian packages that are missing.
// Invariant: nothing is started, nothing is removed, and nothing that is already installed is upgraded on purpose.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

/** What the integration tests need: mail servers and programs, the keychain, and what stands between networks. */
export const DEBIAN_PACKAGES: readonly string[] = [
  "dovecot-core",
  "dovecot-imapd",
  "dovecot-lmtpd",
  "dovecot-pop3d",
  "postfix",
  "openssl",
  "curl",
  "swaks",
  "libnet-ssleay-perl", // swaks only recommends it, and has no TLS without it
  "msmtp",
  "isync",
  "libsasl2-modules", // isync finds its SASL mechanism PLAIN there
  "mutt",
  "python3",
  "gnome-keyring",
  "dbus",
  "libsecret-1-0",
  "libsecret-tools",
  "libglib2.0-bin", // gdbus, to lock the keyring
  "python3-dbus", // to unlock it
  "tinyproxy",
  "microsocks",
  "openssh-server",
];

export type DebianSupport = { kind: "available" } | { kind: "left-out"; reason: string };

/** dovecot.ts writes the configuration language of 2.3; 2.4 (Debian 13) has another one. */
const DOVECOT_VERSION = /^(?:\d+:)?2\.3\./;
const POLICY_FILE = "/usr/sbin/policy-rc.d";
const POLICY =
  "#!/bin/sh\n# Put here by Postern's tests while they install packages: no service may start.\nexit 101\n";
const NOT_DEBIAN = "this is not Debian or Ubuntu";
/** Postfix is started by a test only, with a configuration of its own. */
const POSTFIX_ANSWER = "postfix postfix/main_mailer_type select No configuration\n";
const LOCK_TIMEOUT = ["-o", "DPkg::Lock::Timeout=300"];
const MINUTE = 60_000;

/**
 * Installs missing packages, saying on stderr what it installs. Needs root on Debian or Ubuntu. One dpkg-query when nothing
 * is missing. Never throws for what a machine cannot do: the reason is in the answer.
 */
export function prepareDebianPackages(): DebianSupport {
  if (!isDebianLike()) return leftOut(NOT_DEBIAN);
  if (process.getuid?.() !== 0) return leftOut("Dovecot and Postfix need root to become their own users");

  const installed = readInstalledVersions(DEBIAN_PACKAGES);
  const missing = DEBIAN_PACKAGES.filter((name) => !installed.has(name));
  if (missing.length === 0) return judgeDovecot(installed.get("dovecot-core"));

  const failure = installPackages(missing, "the tests", (planned) =>
    reasonOf(judgeDovecot(planned.get("dovecot-core") ?? installed.get("dovecot-core"))),
  );
  return failure === undefined
    ? judgeDovecot(readInstalledVersions(DEBIAN_PACKAGES).get("dovecot-core"))
    : leftOut(failure);
}

/**
 * Installs packages that are missing, saying on stderr for whom, after a simulation has shown that nothing would be removed.
 * `objection` may have something against what would be installed (name → version). Never throws for what a machine cannot
 * do: gives why they are not there, or undefined when all of them are.
 */
export function installPackages(
  names: readonly string[],
  user: string,
  objection: (planned: ReadonlyMap<string, string>) => string | undefined = () => undefined,
): string | undefined {
  if (!isDebianLike()) return NOT_DEBIAN;
  if (process.getuid?.() !== 0) return `installing ${names.join(" ")} needs root`;
  process.stderr.write(`Installing Debian packages for ${user}: ${names.join(" ")}\n`);
  // Without fresh lists the simulation may still succeed, so a failure here decides nothing.
  run("apt-get", [...LOCK_TIMEOUT, "update"], 5 * MINUTE);

  const simulation = run("apt-get", [...LOCK_TIMEOUT, "-s", ...installArguments(names)], 5 * MINUTE);
  if (!simulation.succeeded) return `apt-get cannot install the packages: ${lastLines(simulation.output)}`;
  const removed = [...simulation.output.matchAll(/^Remv (\S+)/gm)].map((match) => match[1]);
  if (removed.length > 0) return `installing the packages would remove ${removed.join(", ")}`;
  const planned = new Map<string, string>();
  for (const [, name = "", version = ""] of simulation.output.matchAll(/^Inst (\S+) .*?\((\S+)/gm)) {
    planned.set(name, version);
  }
  const objected = objection(planned);
  if (objected !== undefined) return objected;

  const installation = withoutServices(() => {
    if (names.includes("postfix")) run("debconf-set-selections", [], MINUTE, POSTFIX_ANSWER);
    return run("apt-get", [...LOCK_TIMEOUT, "--no-remove", ...installArguments(names)], 15 * MINUTE);
  });
  if (!installation.succeeded) return `apt-get install failed: ${lastLines(installation.output)}`;

  const installed = readInstalledVersions(names);
  const missing = names.filter((name) => !installed.has(name));
  return missing.length === 0 ? undefined : `apt-get did not install ${missing.join(", ")}`;
}

function leftOut(reason: string): DebianSupport {
  return { kind: "left-out", reason };
}

function reasonOf(support: DebianSupport): string | undefined {
  return support.kind === "left-out" ? support.reason : undefined;
}

function isDebianLike(): boolean {
  if (process.platform !== "linux" || !existsSync("/etc/os-release")) return false;
  const release = readFileSync("/etc/os-release", "utf8");
  return /^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/m.test(release) && existsSync("/usr/bin/apt-get");
}

/** Name → version of those of the packages that are completely installed. */
function readInstalledVersions(names: readonly string[]): ReadonlyMap<string, string> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own syntax
  const format = "${db:Status-Status} ${Package} ${Version}\\n";
  const { output } = run("dpkg-query", ["--show", `--showformat=${format}`, ...names], MINUTE);
  const versions = new Map<string, string>();
  for (const [, name, version] of output.matchAll(/^installed (\S+) (\S+)$/gm)) {
    if (name !== undefined && version !== undefined) versions.set(name, version);
  }
  return versions;
}

function judgeDovecot(version: string | undefined): DebianSupport {
  if (version !== undefined && DOVECOT_VERSION.test(version)) return { kind: "available" };
  return leftOut(`the tests are written for Dovecot 2.3, and here it is ${version ?? "unknown"}`);
}

function installArguments(names: readonly string[]): readonly string[] {
  return ["install", "--yes", "--no-install-recommends", ...names];
}

/** Runs `act` while no package script may start a service. A machine's own policy is left as it is. */
function withoutServices<T>(act: () => T): T {
  const own = !existsSync(POLICY_FILE) || readFileSync(POLICY_FILE, "utf8") === POLICY;
  if (own) writeFileSync(POLICY_FILE, POLICY, { mode: 0o755 });
  try {
    return act();
  } finally {
    if (own) rmSync(POLICY_FILE, { force: true });
  }
}

interface RunResult {
  readonly succeeded: boolean;
  /** stdout, then stderr. */
  readonly output: string;
}

function run(program: string, programArguments: readonly string[], timeout: number, input = ""): RunResult {
  const result = spawnSync(program, programArguments, {
    input,
    timeout,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    // Remv, Inst and the rest are not translated, but dpkg's own messages are.
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1", LC_ALL: "C.UTF-8" },
  });
  const failure = result.error === undefined ? "" : `\n${result.error.message}`;
  return { succeeded: result.status === 0, output: `${result.stdout ?? ""}${result.stderr ?? ""}${failure}` };
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-4).join(" / ");
}
