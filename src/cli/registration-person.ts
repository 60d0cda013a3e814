// Somebody at a terminal, asked one line at a time.
import { readLines } from "./ask.ts";
import type { Person } from "./registration-walk.ts";

export function personAtTerminal(): Person {
  return {
    line: (question) => firstLine({ prompt: question }),
    secret: (question) => firstLine({ prompt: question, hidden: true }),
  };
}

/** Also an empty one: that is an answer. */
async function firstLine(options: { prompt: string; hidden?: boolean }): Promise<string | undefined> {
  for await (const line of readLines(options)) return line;
  return undefined;
}
