// A real sshd with a host key, an authorized key and a configuration of its own, and what an ssh needs to come in.
// Invariant: no key, configuration or known host of this machine is used, and none is changed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { installPackages, prepareDebianPackages } from "./debian.ts";
import { objectionToFarMachine } from "./far-machine.ts";
import { startForegroundDaemon, startOnFreePorts } from "./foreground-daemon.ts";
import { runProgram } from "./run-program.ts";
import { eventually } from "./town.ts";

export interface SshServer {
  readonly address: string;
  readonly port: number;
  /** Which key to show and which host to believe, and nothing from this machine's own files. */
  readonly clientOptions: readonly string[];
  log(): Promise<string>;
  stop(): Promise<void>;
}

const SSHD = "/usr/sbin/sshd";
/** sshd insists on it; elsewhere its service makes it at each start, and it does no harm when it stays. */
const PRIVILEGE_SEPARATION = "/run/sshd";

/** A describe block that needs sshd and another machine to come from; elsewhere one test tells that it was left out. */
export function describeWithSsh(name: string, block: () => void): void {
  const reason = findObjection();
  if (reason === undefined) {
    describe(name, block);
    return;
  }
  describe(name, () => {
    test("is left out on this machine, and the reason is said", () => {
      process.stderr.write(`LEFT OUT: ${name}: ${reason}\n`);
      expect(reason).not.toBe("");
    });
  });
}

function findObjection(): string | undefined {
  if (process.getuid?.() !== 0) return "sshd and network namespaces need root";
  if (!existsSync(SSHD)) prepareDebianPackages();
  if (!existsSync(SSHD)) return `not installed: ${SSHD}`;
  if (spawnSync("ip", ["-V"]).error !== undefined) installPackages(["iproute2"], "the tests");
  return objectionToFarMachine();
}

/** At an address of this machine; whoever has the key of `clientOptions` may come in as root and forward local ports. */
export async function startSshServer(address: string): Promise<SshServer> {
  const directory = await mkdtemp(join(tmpdir(), "sshd-"));
  await mkdir(PRIVILEGE_SEPARATION, { recursive: true, mode: 0o755 });
  const [hostKey, clientKey] = [join(directory, "host-key"), join(directory, "client-key")];
  for (const file of [hostKey, clientKey]) {
    await runProgram("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a test", "-f", file]);
  }
  const outputFile = join(directory, "output");
  const log = () => readFile(outputFile, "utf8");

  return startOnFreePorts(1, async ([port = 0]) => {
    const configuration = join(directory, "sshd_config");
    await writeFile(configuration, formatConfiguration(address, port, hostKey, `${clientKey}.pub`));
    const knownHosts = join(directory, "known_hosts");
    await writeFile(knownHosts, `[${address}]:${port} ${await readFile(`${hostKey}.pub`, "utf8")}`);
    const daemon = await startForegroundDaemon({
      program: SSHD,
      arguments: ["-D", "-e", "-f", configuration],
      outputFile,
      // Its greeting is none of mail's.
      greetingPorts: [],
      log,
    });
    try {
      await eventually(async () => (await log()).includes(`Server listening on ${address} port ${port}.`));
    } catch (cause) {
      await daemon.stop();
      throw new Error(`${SSHD} did not get ready:\n${await log()}`, { cause });
    }
    return {
      address,
      port,
      clientOptions: [
        ...["-F", "none", "-i", clientKey],
        ...["-o", `UserKnownHostsFile=${knownHosts}`, "-o", "StrictHostKeyChecking=yes"],
      ],
      log,
      async stop() {
        await daemon.stop();
        await rm(directory, { recursive: true, force: true });
      },
    };
  });
}

function formatConfiguration(address: string, port: number, hostKey: string, authorizedKeys: string): string {
  return `ListenAddress ${address}:${port}
HostKey ${hostKey}
AuthorizedKeysFile ${authorizedKeys}
PidFile none
UsePAM no
# The temporary folder is everybody's.
StrictModes no
AuthenticationMethods publickey
PermitRootLogin prohibit-password
AllowTcpForwarding local
`;
}
