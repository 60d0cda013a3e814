// Tells a person what the demo is doing, one numbered step at a time.
import type { Writable } from "node:stream";

export interface Narrator {
  step(title: string): void;
  tell(line: string): void;
  /** The last words, with the time it took. */
  done(line: string): void;
}

export function createNarrator(output: Writable): Narrator {
  const started = performance.now();
  let steps = 0;
  return {
    step(title) {
      steps += 1;
      output.write(`\n${steps}. ${title}\n`);
    },
    tell(line) {
      output.write(`   ${line}\n`);
    },
    done(line) {
      output.write(`\n${line} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
    },
  };
}
