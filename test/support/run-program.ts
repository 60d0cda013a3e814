// Runs a foreign program to its end and collects what it wrote.
// Invariant: it has a deadline, sees only the environment it is given, and is gone with its children when the promise settles.
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunProgramOptions {
  /** Written to stdin, which is then closed. */
  readonly input?: string | Buffer;
  /** Added to PATH and a UTF-8 locale; nothing of this process's own environment is passed on. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds; 30 s unless told otherwise. */
  readonly timeout?: number;
}

const TIMEOUT = 30_000;

/** Every exit code is a result. Rejects when the program cannot be started, is ended by a signal, or passes its deadline. */
export async function runProgram(
  program: string,
  programArguments: readonly string[],
  options: RunProgramOptions = {},
): Promise<ProgramResult> {
  const timeout = options.timeout ?? TIMEOUT;
  const child = spawn(program, programArguments, {
    detached: true,
    env: {
      PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
      LANG: "C.UTF-8",
      ...options.environment,
    },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (octets: Buffer) => stdout.push(octets));
  child.stderr.on("data", (octets: Buffer) => stderr.push(octets));
  // A program that ends before it has read everything breaks the pipe; its exit code and stderr say why.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");

  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    // Not child.kill(): what the program itself started would keep the pipes open.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, timeout);
  try {
    const [exitCode, signal]: (number | string | null)[] = await once(child, "close");
    const result = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
    if (typeof exitCode === "number") return { exitCode, ...result };
    const reason = expired ? `did not end within ${timeout} ms` : `was ended by ${signal}`;
    throw new Error(`${program} ${reason}\nstdout: ${result.stdout}\nstderr: ${result.stderr}`);
  } finally {
    clearTimeout(timer);
  }
}
