// A conversation in memory: the near side is for the code under test, the far side is the test's own.
import { type Duplex, duplexPair } from "node:stream";
import type { Released } from "../../src/mail/wire/wire.ts";
import { settle } from "./fake-clock.ts";

export interface Conversation {
  /** For the code under test. */
  readonly near: Duplex;
  /** The test's own end, for whoever wants to half-close or tear it. */
  readonly far: Duplex;
  send(data: string | Buffer): void;
  /** Sends `data` in two pieces, with the event loop at rest in between. */
  sendSplit(data: Buffer, offset: number): Promise<void>;
  /** The next line from the near side, without its CRLF; undefined when it has ended before. */
  line(): Promise<string | undefined>;
  /** All that has arrived and was not taken by `line`, as Latin-1, once the event loop is at rest. */
  heard(): Promise<string>;
  /** Whether the near side has ended its half. */
  hasEnded(): boolean;
}

export function createConversation(): Conversation {
  const [near, far] = duplexPair();
  let heard = "";
  let ended = false;
  let notice = Promise.withResolvers<void>();
  const news = (): void => {
    notice.resolve();
    notice = Promise.withResolvers();
  };
  far.on("data", (octets: Buffer) => {
    heard += octets.toString("latin1");
    news();
  });
  far.on("end", () => {
    ended = true;
    news();
  });
  far.on("error", () => {});
  // A destroyed side tells the other one nothing in a pair; a socket would.
  near.on("close", () => {
    ended = true;
    news();
  });

  return {
    near,
    far,
    send: (data) => void far.write(data),
    async sendSplit(data, offset) {
      far.write(data.subarray(0, offset));
      await settle();
      far.write(data.subarray(offset));
      await settle();
    },
    async line() {
      for (;;) {
        const end = heard.indexOf("\r\n");
        if (end >= 0) {
          const line = heard.slice(0, end);
          heard = heard.slice(end + 2);
          return line;
        }
        if (ended) return undefined;
        await notice.promise;
      }
    },
    async heard() {
      await settle();
      const all = heard;
      heard = "";
      return all;
    },
    hasEnded: () => ended,
  };
}

/** All that a released wire left unread and all that arrives behind it, until the event loop is at rest. */
export async function drain({ stream, unread }: Released): Promise<Buffer> {
  const chunks: Buffer[] = [unread];
  const take = (chunk: Buffer): void => void chunks.push(chunk);
  stream.on("data", take);
  await settle();
  stream.off("data", take);
  return Buffer.concat(chunks);
}
