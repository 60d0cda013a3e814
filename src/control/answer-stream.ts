// Reads an answer of the daemon that goes on: octets, lines, events.
// Invariant: the daemon's end is the end of the stream, not a failure, however abrupt; half a line is never an event.
import type { IncomingMessage } from "node:http";
import { PosternError } from "../errors/postern-error.ts";
import type { ControlEvent } from "./contract.ts";
import { eventSchema } from "./snapshot-shapes.ts";

/** @throws PosternError `internal` on a line that is not an event */
export async function* readEvents(answer: IncomingMessage): AsyncGenerator<ControlEvent> {
  for await (const line of lines(answer)) {
    if (line !== "") yield parseEvent(line);
  }
}

/** Whole lines without their ends. Not node:readline, which also breaks at U+2028, and that may stand in JSON. */
async function* lines(answer: IncomingMessage): AsyncGenerator<string> {
  let begun = "";
  for await (const text of texts(answer)) {
    const [first = "", ...others] = text.split("\n");
    begun += first;
    for (const next of others) {
      yield begun;
      begun = next;
    }
  }
}

async function* texts(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding("utf8");
  try {
    for await (const text of answer) yield text as string;
  } catch {
    // The connection broke: the daemon has ended, has given up a reader that was too slow, or the reader hung up.
  }
}

function parseEvent(line: string): ControlEvent {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch (thrown) {
    throw new PosternError("internal", {
      detail: "the daemon sent an event that is not understood; it may be of another version",
      cause: thrown,
    });
  }
}
