// Listens to a child that goes on running. Invariant: what it printed is in the error when it does not do as expected.
import type { ChildProcessWithoutNullStreams } from "node:child_process";

export interface Collected {
  stdout(): string;
  stderr(): string;
}

/** Keeps what a child prints. */
export function collect(child: ChildProcessWithoutNullStreams): Collected {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return {
    stdout: () => Buffer.concat(stdout).toString("utf8"),
    stderr: () => Buffer.concat(stderr).toString("utf8"),
  };
}

/** The first line that a child prints on standard output. */
export function firstLine(
  child: ChildProcessWithoutNullStreams,
  output: Collected,
  deadline = 30_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}\n${output.stdout()}\n${output.stderr()}`));
    const timer = setTimeout(() => fail("no line within the deadline"), deadline);
    const look = (): void => {
      const end = output.stdout().indexOf("\n");
      if (end < 0) return;
      clearTimeout(timer);
      child.stdout.off("data", look);
      resolve(output.stdout().slice(0, end));
    };
    child.stdout.on("data", look);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      fail(`ended with ${code} before its first line`);
    });
    look();
  });
}
