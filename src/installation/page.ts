// Where the built window lies, for the fronts that serve it.
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Beside the built program, or in the clone that the source runs from. */
export function locatePage(from: string = import.meta.dirname): string {
  const beside = join(from, "..", "page");
  return existsSync(join(beside, "index.html")) ? beside : join(from, "..", "..", "dist", "page");
}
