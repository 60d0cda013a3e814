// The daemon's side of the event stream: one event a line of JSON, written as fast as the reader reads.
// Invariant: a reader that does not read costs a bounded amount of memory, and is hung up on in the end.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Cancel, Clock } from "../clock/clock.ts";
import type { ControlEvent } from "./contract.ts";

export interface EventSource {
  /**
   * The state, and then what changes, until `signal` is aborted.
   * @param onTooSlow called when the reader is given up because it does not read; the events end then
   */
  subscribe(signal: AbortSignal, onTooSlow: () => void): AsyncIterable<ControlEvent>;
}

const HEADERS = {
  "content-type": "application/x-ndjson",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
} as const;

/** An empty line this often, in milliseconds: writing is how one notices a reader that has died. */
const HEARTBEAT = 30_000;

/** Answers with events until the reader goes, is too slow, or the source ends. @throws what the source throws */
export async function streamEvents(
  response: ServerResponse,
  source: EventSource,
  clock: Clock,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  let cancelBeat: Cancel = () => {};
  const scheduleBeat = (): void => {
    cancelBeat = clock.schedule(HEARTBEAT, () => {
      if (!response.writableNeedDrain) response.write("\n");
      scheduleBeat();
    });
  };
  try {
    for await (const event of source.subscribe(gone.signal, () => response.destroy())) {
      if (!response.headersSent) {
        // Not before the first event: until then a failure still has a status of its own.
        response.writeHead(200, HEADERS);
        scheduleBeat();
      }
      if (!response.write(`${JSON.stringify(event)}\n`)) await drained(response, gone.signal);
    }
    response.end();
  } finally {
    cancelBeat();
  }
}

/** Waits until the reader has read on, or has gone. */
function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return once(response, "drain", { signal: gone }).then(
    () => {},
    () => {},
  );
}
