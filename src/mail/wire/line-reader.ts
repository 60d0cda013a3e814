// Reads lines and counted octets from a stream, and hands over what it has read too much where reading stops.
// Invariant: not one octet behind what was asked for is lost or looked at, even when the stream has ended meanwhile.
import type { Readable } from "node:stream";

export type Line =
  | { readonly kind: "line"; readonly octets: Buffer }
  /** Longer than the maximum: skipped as a whole, reading can go on. */
  | { readonly kind: "too-long" }
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
  /** Whether octets have arrived that nobody asked for yet. */
  hasPending(): boolean;
  /** Gives what was read and not used; the rest is still in the stream. The reader must not be used afterwards. */
  release(): Buffer;
  /** Ends all reading: who waits for a line, and who asks for one later, gets the end. */
  close(): void;
}

const NOTHING = Buffer.alloc(0);
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

  async function skipToLineEnd(already: number, skipped: number): Promise<Line> {
    let seen = already;
    for (;;) {
      const end = held.indexOf(LF);
      if (end >= 0) {
        take(end + 1);
        return { kind: "too-long" };
      }
      seen += held.length;
      held = NOTHING;
      if (seen > skipped) return { kind: "flood" };
      if (!(await fill())) return { kind: "end" };
    }
  }

  return {
    async readLine(maximum, skipped) {
      let searched = 0;
      for (;;) {
        const end = held.indexOf(LF, searched);
        if (end >= 0) {
          const octets = take(end + 1).subarray(0, end);
          const line = octets.at(-1) === CR ? octets.subarray(0, -1) : octets;
          return line.length > maximum ? { kind: "too-long" } : { kind: "line", octets: line };
        }
        if (held.length > maximum + 1) return skipToLineEnd(0, skipped);
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

/** Calls `onSign` once, at the stream's next sign of life: octets, its end, an error, its being closed. */
function onNextSign(stream: Readable, onSign: () => void): void {
  const signs = ["readable", "end", "close", "error"] as const;
  const done = (): void => {
    for (const sign of signs) stream.off(sign, done);
    onSign();
  };
  for (const sign of signs) stream.on(sign, done);
}
