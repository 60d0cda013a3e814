// What a command prints, when it is run in the test's own process.
import { onTestFinished, vi } from "vitest";

export interface CapturedOutput {
  stdout(): string;
  stderr(): string;
}

/** From now on, until the test has ended. */
export function captureOutput(): CapturedOutput {
  let [stdout, stderr] = ["", ""];
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  const err = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
  onTestFinished(() => {
    out.mockRestore();
    err.mockRestore();
    process.exitCode = undefined;
  });
  return { stdout: () => stdout, stderr: () => stderr };
}
