// Lines and counted octets out of a stream of chunks, in whatever pieces it arrives.
// Invariant: every octet is copied at most once, so a literal costs time in proportion to its length.

export class LineTooLong extends Error {}

export interface ByteReader {
  /**
   * The next line without its CRLF (a bare LF ends a line too), or undefined at the end of the stream.
   * Throws LineTooLong when `limit` octets came without a line end.
   */
  readLine(limit: number): Promise<Buffer | undefined>;
  /** Exactly `length` octets, or undefined when the stream ends before. */
  readExactly(length: number): Promise<Buffer | undefined>;
}

const LF = 0x0a;
const CR = 0x0d;

export function createByteReader(source: AsyncIterable<Buffer>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let pending: Buffer = Buffer.alloc(0);

  /** Makes `pending` non-empty; false at the end of the stream. */
  async function fill(): Promise<boolean> {
    while (pending.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return false;
      pending = next.value;
    }
    return true;
  }

  function take(length: number): Buffer {
    const taken = pending.subarray(0, length);
    pending = pending.subarray(length);
    return taken;
  }

  async function readLine(limit: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    let length = 0;
    while (await fill()) {
      const end = pending.indexOf(LF);
      const piece = take(end === -1 ? pending.length : end + 1);
      pieces.push(piece);
      length += piece.length;
      if (length > limit) throw new LineTooLong(`line longer than ${limit} octets`);
      if (end !== -1) return withoutLineEnd(Buffer.concat(pieces, length));
    }
    return undefined;
  }

  async function readExactly(length: number): Promise<Buffer | undefined> {
    const octets = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      if (!(await fill())) return undefined;
      filled += take(length - filled).copy(octets, filled);
    }
    return octets;
  }

  return { readLine, readExactly };
}

function withoutLineEnd(line: Buffer): Buffer {
  const hasCarriageReturn = line[line.length - 2] === CR;
  return line.subarray(0, line.length - (hasCarriageReturn ? 2 : 1));
}
