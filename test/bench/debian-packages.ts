// Installs the Debian packages of the contenders where that can be done.
// Invariant: nothing is started, nothing is removed; never throws for what a machine cannot do, but says why.
import { existsSync } from "node:fs";
import { installPackages } from "../support/debian.ts";

/** undefined when the program is there; otherwise why it is not. */
export type Absence = string | undefined;

/** Installs a package unless its program is there, saying on stderr what is installed. */
export function provide(packageName: string, program: string): Absence {
  if (existsSync(program)) return undefined;
  const failure = installPackages([packageName], "the benchmark");
  return existsSync(program) ? undefined : (failure ?? `${packageName} has no ${program}`);
}
