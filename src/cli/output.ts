// How commands speak: text for people, JSON for scripts, failures with what to do next.
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { printable } from "../errors/printable.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";

export interface OutputOptions {
  readonly json?: boolean;
}

/** Prints a result: `data` as one line of JSON, or the text. */
export function print(options: OutputOptions, data: unknown, text: string): void {
  process.stdout.write(options.json ? `${JSON.stringify(data)}\n` : `${text}\n`);
}

/** Behind a sentence that says what was forgotten. */
export const LEFT_IN_KEYCHAIN =
  " The keychain cannot be reached now: its entry is not used any more, and is removed there as soon as it can be.";

/** Something on the way that is not the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/**
 * Runs a command's work; a failure becomes a sentence (or JSON) and an exit code.
 * @param email the account that the command is about: stands in what to do next
 */
export async function run(
  options: OutputOptions,
  work: () => Promise<number | undefined>,
  email?: string,
): Promise<void> {
  try {
    process.exitCode = (await work()) ?? EXIT.done;
  } catch (thrown) {
    process.exitCode = printFailure(options, toPosternError(thrown), email);
  }
}

function printFailure(options: OutputOptions, error: PosternError, email: string | undefined): number {
  const action = fillIn(error.action, email);
  if (options.json) {
    const { code, temporary, sentence, detail, letter } = error;
    process.stdout.write(
      `${JSON.stringify({ error: { code, temporary, sentence, detail, action, letter } })}\n`,
    );
  } else {
    note(`postern: ${error.message}`);
    note(action);
    if (error.letter !== undefined) note(describeLetter(error.letter));
    if (error.code === "internal" && error.cause instanceof Error)
      note(error.cause.stack ?? error.cause.message);
  }
  return exitCodeOf(error);
}

/** What to do, with the address in place of EMAIL where it is known. */
export function fillIn(action: string, email: string | undefined): string {
  return email === undefined ? action : action.replaceAll("EMAIL", () => printable(email, 320));
}

/** A letter for an administrator, set apart and without margin: it is there to be copied. */
export function describeLetter(letter: string): string {
  const lines = letter.trim().split(/\r?\n/);
  return ["", "Send this to your administrator:", "", ...lines.map((line) => printable(line, 4096)), ""].join(
    "\n",
  );
}

/** A wrong argument, said before the daemon is asked. */
export function wrongUsage(detail: string): PosternError {
  return new PosternError("request-invalid", { detail });
}

/** "3 minutes ago", "in 2 hours": for people; JSON has the number. */
export function relativeTime(then: number, now: number): string {
  const seconds = Math.round((then - now) / 1000);
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
