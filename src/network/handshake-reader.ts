// Reads what a proxy says before the tunnel begins.
// Invariant: not one octet more than was asked for is taken from the socket; the rest belongs to the tunnel.
import type { Readable } from "node:stream";
import { PosternError } from "../errors/postern-error.ts";

export interface HandshakeReader {
  /** @throws PosternError `proxy-unreachable` when the proxy closes first */
  readOctets(count: number): Promise<Buffer>;
  /**
   * The next line as Latin-1, without its CRLF or LF.
   * @throws PosternError `proxy-unreachable`; `proxy-invalid` when all lines together pass `maximum` octets
   */
  readLine(): Promise<string>;
}

const LF = 0x0a;

/** @param maximum octets of all lines together */
export function createHandshakeReader(stream: Readable, maximum: number): HandshakeReader {
  let left = maximum;

  async function readOctets(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      // Asking for more than has come would give nothing, and "readable" again at once.
      const part: Buffer | null = stream.read(Math.min(missing, Math.max(1, stream.readableLength)));
      if (part !== null) {
        parts.push(part);
        missing -= part.length;
      } else if (stream.readableEnded || stream.destroyed) {
        throw new PosternError("proxy-unreachable", {
          detail: "the proxy closed the connection before it answered",
        });
      } else await nextSign(stream);
    }
    return Buffer.concat(parts);
  }

  return {
    readOctets,
    async readLine() {
      const line: number[] = [];
      for (;;) {
        // One at a time: a header block is short, and nothing has to be put back.
        const [octet = LF] = await readOctets(1);
        if (octet === LF) return Buffer.from(line).toString("latin1").replace(/\r$/, "");
        line.push(octet);
        left -= 1;
        if (left < 0) throw new PosternError("proxy-invalid", { detail: "the proxy says too much" });
      }
    },
  };
}

/** Resolves at the stream's next sign of life. */
function nextSign(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    const signs = ["readable", "end", "close", "error"] as const;
    const done = (): void => {
      for (const sign of signs) stream.off(sign, done);
      resolve();
    };
    for (const sign of signs) stream.on(sign, done);
  });
}
