// Reads lines and counted octets from a stream, and hands over what it has read too much where reading stops.
// Invariant: not one octet behind what was asked for is lost or looked at, even when the stream has ended meanwhile.
import type { Readable } from "node:stream";

export type Line =
  | { readonly kind: "line"; readonly octets: Buffer }
  /** Longer than the maximum: skipped as a whole, reading can go on. `tail`: its last octets, at most 32. */
  | { readonly kind: "too-long"; readonly tail: Buffer }
  /** Longer than anything worth skipping: the connection should be closed. */
  | { readonly kind: "flood" }
  | { readonly kind: "end" };

export interface LineReader {
  /** The next line without its CRLF (a bare LF ends a line too: old mail programs send it). */
  readLine(maximum: number, skipped: number): Promise<Line>;
  /** Exactly `count` octets, or undefined when the stream ends before. */
  readOctets(count: number): Promise<Buffer | undefined>;
  /** Discards exactly `count` octets; false when the stream ends before. */
  skipOctets(count: number): Promise<boolean>;
  /** What has arrived and nobody has asked for, once there is some; nothing at the end. It stays where it is. */
  peek(): Promise<Buffer>;
  /** Whether octets have arrived that nobody asked for yet. */
  hasPending(): boolean;
  /** Gives what was read and not used; the rest is still in the stream. The reader must not be used afterwards. */
  release(): Buffer;
  /** Ends all reading: who waits for a line, and who asks for one later, gets the end. */
  close(): void;
}

const NOTHING = Buffer.alloc(0);
/** Enough to see whether a literal is announced. */
const TAIL = 32;
const LF = 0x0a;
const CR = 0x0d;

export function createLineReader(stream: Readable): LineReader {
  let held: Buffer = NOTHING;
  let closed = false;
  let wake: () => void = () => {};

  /** Adds what has arrived to `held`, waiting if nothing has; false at the end of the stream. */
  async function fill(): Promise<boolean> {
    for (;;) {
      if (closed) return false;
      const chunk: Buffer | null = stream.read();
      if (chunk !== null) {
        held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
        return true;
      }
      if (stream.readableEnded || stream.destroyed) return false;
      await new Promise<void>((resolve) => {
        wake = resolve;
        onNextSign(stream, resolve);
      });
    }
  }

  function take(count: number): Buffer {
    const taken = held.subarray(0, count);
    held = held.subarray(count);
    return taken;
  }

  async function skipToLineEnd(skipped: number): Promise<Line> {
    let seen = 0;
    for (;;) {
      const end = held.indexOf(LF);
      if (end >= 0) return tooLong(withoutEnd(take(end + 1)));
      seen += held.length;
      if (seen > skipped) {
        held = NOTHING;
        return { kind: "flood" };
      }
      // What the line ends with may decide what comes behind it, so its last octets are kept while it is skipped.
      held = held.subarray(-TAIL);
      seen -= held.length;
      if (!(await fill())) return { kind: "end" };
    }
  }

  return {
    async readLine(maximum, skipped) {
      let searched = 0;
      for (;;) {
        const end = held.indexOf(LF, searched);
        if (end >= 0) {
          const line = withoutEnd(take(end + 1));
          return line.length > maximum ? tooLong(line) : { kind: "line", octets: line };
        }
        if (held.length > maximum + 1) return skipToLineEnd(skipped);
        searched = held.length;
        if (!(await fill())) return { kind: "end" };
      }
    },

    async readOctets(count) {
      while (held.length < count) if (!(await fill())) return undefined;
      return take(count);
    },

    async skipOctets(count) {
      let left = count;
      for (;;) {
        left -= take(Math.min(left, held.length)).length;
        if (left === 0) return true;
        if (!(await fill())) return false;
      }
    },

    async peek() {
      if (held.length === 0) await fill();
      return held;
    },

    hasPending: () => held.length > 0 || stream.readableLength > 0,

    release() {
      const rest = held;
      held = NOTHING;
      return rest;
    },

    close() {
      closed = true;
      held = NOTHING;
      wake();
    },
  };
}

/** A line's octets without its CRLF or LF. */
function withoutEnd(octets: Buffer): Buffer {
  return octets.subarray(0, octets.at(-2) === CR ? -2 : -1);
}

function tooLong(line: Buffer): Line {
  return { kind: "too-long", tail: line.subarray(-TAIL) };
}

/** Calls `onSign` once, at the stream's next sign of life: octets, its end, an error, its being closed. */
function onNextSign(stream: Readable, onSign: () => void): void {
  const signs = ["readable", "end", "close", "error"] as const;
  const done = (): void => {
    for (const sign of signs) stream.off(sign, done);
    onSign();
  };
  for (const sign of signs) stream.on(sign, done);
}
