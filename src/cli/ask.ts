// Questions to a person at a terminal. Invariant: where nobody sits at one, the answer is no, or what stands on
// standard input; a secret is not echoed.
import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** Whether a person can be asked. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** "y" and "yes" are yes; everything else, and nobody there, is no. */
export async function confirm(question: string): Promise<boolean> {
  if (!isInteractive()) return false;
  for await (const line of readLines({ prompt: `${question} [y/N] ` })) return /^y(es)?$/i.test(line.trim());
  return false;
}

/** The first line of standard input, not echoed; undefined when there is none. */
export async function readSecretLine(prompt: string): Promise<string | undefined> {
  for await (const line of readLines({ prompt, hidden: true })) {
    if (line.trim() !== "") return line.trim();
  }
  return undefined;
}

/** As `readSecretLine`, for a secret that may begin and end with spaces: the first line as it is, unless it is empty. */
export async function readPassword(prompt: string): Promise<string | undefined> {
  for await (const line of readLines({ prompt, hidden: true })) return line === "" ? undefined : line;
  return undefined;
}

/**
 * The lines that a person types or pastes, until `signal` or the end. Not in the terminal's line mode, which cuts at
 * 4,096 characters: redirect URLs can be longer.
 */
export async function* readLines(options: {
  prompt: string;
  hidden?: boolean;
  signal?: AbortSignal;
}): AsyncGenerator<string> {
  const terminal = isInteractive();
  const output = options.hidden === true || !terminal ? silent() : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal });
  // Ctrl-C ends the command, as everywhere.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const close = (): void => lines.close();
  options.signal?.addEventListener("abort", close, { once: true });
  if (terminal && options.hidden === true) process.stderr.write(options.prompt);
  lines.setPrompt(options.hidden === true ? "" : options.prompt);
  if (terminal) lines.prompt();
  try {
    for await (const line of lines) {
      if (terminal && options.hidden === true) process.stderr.write("\n");
      yield line;
      if (terminal) lines.prompt();
    }
  } finally {
    options.signal?.removeEventListener("abort", close);
    lines.close();
    process.stdin.pause();
  }
}

/** Milliseconds between two lines that a person pasted together. */
const ONE_PASTE = 100;

/** What a person pastes, each time as a whole: a terminal or a mail program may have broken an address into lines. */
export async function* readPastes(signal: AbortSignal): AsyncGenerator<string> {
  const lines = readLines({ prompt: "", signal });
  let next = lines.next();
  for (;;) {
    const first = await next;
    if (first.done === true) return;
    let text = first.value;
    next = lines.next();
    for (;;) {
      const more = await Promise.race([next, pause()]);
      if (more === undefined || more.done === true) break;
      text += `\n${more.value}`;
      next = lines.next();
    }
    yield text;
  }
}

function pause(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ONE_PASTE));
}

function silent(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
