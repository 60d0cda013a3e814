// A run of the `postern` program that is spoken to while it runs: what it has printed, and lines for its standard input.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { PROGRAM } from "./postern.ts";
import type { ProgramResult } from "./run-program.ts";

export interface InteractiveProgram {
  /** Waits until standard output and standard error together match; gives the match. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Types a line. */
  type(line: string): void;
  /** Ends its standard input. */
  hangUp(): void;
  readonly finished: Promise<ProgramResult>;
  interrupt(): void;
  signal(name: NodeJS.Signals): void;
}

export function runInteractively(words: readonly string[], env: NodeJS.ProcessEnv): InteractiveProgram {
  return converse(spawn(process.execPath, [PROGRAM, ...words], { env }));
}

/** util-linux's script(1) gives a program a terminal; elsewhere a program of that name takes other options. */
const SCRIPT = "/usr/bin/script";
export const hasTerminals = process.platform === "linux" && existsSync(SCRIPT);

/** The same at a terminal: what it prints comes as standard output, and what is typed is echoed there. */
export function runAtTerminal(words: readonly string[], env: NodeJS.ProcessEnv): InteractiveProgram {
  // In the place of the shell, which would make of an interrupt an exit code of its own.
  const command = `exec ${[process.execPath, PROGRAM, ...words].map(quote).join(" ")}`;
  const options = ["--quiet", "--return", "--command", command, "/dev/null"];
  return converse(spawn(SCRIPT, options, { env: { ...env, SHELL: "/bin/sh", TERM: "dumb" } }));
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

function converse(child: ChildProcessWithoutNullStreams): InteractiveProgram {
  let [stdout, stderr] = ["", ""];
  let onOutput: () => void = () => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    onOutput();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    onOutput();
  });
  const finished = once(child, "close").then(([exitCode]) => ({ exitCode, stdout, stderr }));
  return {
    said(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(`${stdout}\n${stderr}`);
          if (match !== null) resolve(match);
        };
        onOutput = look;
        look();
        void finished.then((result) =>
          reject(new Error(`it ended before it said ${pattern}: ${JSON.stringify(result)}`)),
        );
      });
    },
    type: (line) => void child.stdin.write(`${line}\n`),
    hangUp: () => void child.stdin.end(),
    finished,
    interrupt: () => void child.kill("SIGINT"),
    signal: (name) => void child.kill(name),
  };
}
