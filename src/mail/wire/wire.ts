// One side of a conversation in lines: a duplex stream with its line reader.
// Invariant: once `release` was called the stream belongs to whoever asked for it, with every octet in place.
import type { Duplex } from "node:stream";
import type { Clock } from "../../clock/clock.ts";
import { createLineReader, type LineReader } from "./line-reader.ts";

export interface Wire {
  readonly reader: LineReader;
  /** Sends text as it is (Latin-1 would be wrong: UTF-8), or octets. Ignored once the stream is gone. */
  write(data: string | Buffer): void;
  /** Sends `last`, if given, and closes after it; who reads gets the end. The first call counts. */
  close(last?: string): void;
  /** Gives the stream back, with what was read from it and not used. */
  release(): Released;
}

/** A stream, and the octets that come before everything that is still in it. */
export interface Released {
  readonly stream: Duplex;
  readonly unread: Buffer;
}

/** How long the other side may take to close after our last words. */
const LINGER = 2000;

export function createWire(stream: Duplex, clock: Clock): Wire {
  const reader = createLineReader(stream);
  // An error ends the conversation; the reader notices by the stream being destroyed.
  const onError = (): void => {};
  stream.on("error", onError);
  let closed = false;

  return {
    reader,
    write(data) {
      if (stream.writable && !closed) stream.write(data);
    },
    close(last) {
      if (closed) return;
      closed = true;
      reader.close();
      if (stream.writable) stream.end(last);
      // Unread octets at the moment of closing would become a reset, which can overtake our last words.
      stream.resume();
      const cancel = clock.schedule(LINGER, () => stream.destroy());
      stream.once("close", cancel);
    },
    release: () => ({ stream, unread: reader.release() }),
  };
}
