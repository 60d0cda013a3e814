// Another machine, with a loopback of its own: a Linux network namespace and a cable to it. Needs root.
// Invariant: it has no name, and ends with this process, however that ends; the cable goes with it.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type ProgramResult, type RunProgramOptions, runProgram } from "./run-program.ts";

export interface FarMachine {
  /** This machine's address as the other one sees it. */
  readonly addressHere: string;
  readonly addressThere: string;
  /** The words that run a program there: it has this machine's files, and another network. */
  words(program: string, ...programArguments: readonly string[]): readonly [string, ...string[]];
  /** Runs a program there to its end. */
  run(words: readonly string[], options?: RunProgramOptions): Promise<ProgramResult>;
  stop(): Promise<void>;
}

/** Why this machine cannot have another one, or undefined. */
export function objectionToFarMachine(): string | undefined {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  for (const words of [
    ["ip", "-V"],
    ["nsenter", "-V"],
    ["unshare", "--net", "true"],
  ]) {
    const [program = "", ...programArguments] = words;
    const { status, stderr, error } = spawnSync(program, programArguments, { encoding: "utf8" });
    if (status !== 0) return `${words.join(" ")}: ${error?.message ?? stderr.trim()}`;
  }
  return undefined;
}

export async function startFarMachine(): Promise<FarMachine> {
  // cat ends with its standard input, and the namespace with the last process in it.
  const keeper = spawn("unshare", ["--net", "sh", "-c", "echo ready; exec cat"]);
  const { pid } = keeper;
  const [ready] = await Promise.race([once(keeper.stdout, "data"), once(keeper, "close")]);
  if (pid === undefined || !Buffer.isBuffer(ready)) throw new Error(`unshare ended with ${String(ready)}`);
  const inside = ["nsenter", "--target", String(pid), "--net"] as const;

  // RFC 2544 keeps 198.18.0.0/15 for tests of networks. Two machines at a time do not have one process id.
  const network = (pid % 0x4000) * 4;
  const address = (host: number) => `198.18.${(network + host) >> 8}.${(network + host) & 0xff}`;
  const [addressHere, addressThere] = [address(1), address(2)];
  const cable = `far${pid}`;
  try {
    await succeed("ip", "link", "add", cable, "type", "veth", "peer", "name", "cable", "netns", String(pid));
    await succeed("ip", "address", "add", `${addressHere}/30`, "dev", cable);
    await succeed("ip", "link", "set", cable, "up");
    await succeed(...inside, "ip", "address", "add", `${addressThere}/30`, "dev", "cable");
    await succeed(...inside, "ip", "link", "set", "cable", "up");
    await succeed(...inside, "ip", "link", "set", "lo", "up");
  } catch (thrown) {
    await end(keeper);
    throw thrown;
  }

  const words: FarMachine["words"] = (program, ...programArguments) => [
    ...inside,
    // A program that outlived this process would keep the namespace.
    ...["setpriv", "--pdeathsig", "TERM"],
    program,
    ...programArguments,
  ];
  return {
    addressHere,
    addressThere,
    words,
    run: ([program = "", ...programArguments], options) => {
      const [first, ...others] = words(program, ...programArguments);
      return runProgram(first, others, options);
    },
    stop: () => end(keeper),
  };
}

async function succeed(program: string, ...programArguments: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runProgram(program, programArguments);
  if (exitCode !== 0) throw new Error(`${program} ${programArguments.join(" ")}: ${stderr}`);
}

async function end(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return;
  const closed = once(keeper, "close");
  keeper.stdin?.end();
  await closed;
}
