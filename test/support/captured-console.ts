// What a library prints behind a test's back.
import { vi } from "vitest";

/** From now on, until vi.restoreAllMocks(), what is printed by console is kept here instead. */
export function captureConsole(): readonly unknown[] {
  const printed: unknown[] = [];
  for (const method of ["log", "info", "warn", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((...line: unknown[]) => void printed.push(line));
  }
  return printed;
}
