// A connection after its login, as two spliced streams: what has gone through it, and how it is ended without harm.
// Invariant: nothing listens on the way of the mail itself: the socket counts, and a submission server's replies are short.
import type { Socket } from "node:net";
import type { Clock } from "../clock/clock.ts";
import { type Observer, type Observers, splice } from "../mail/wire/splice.ts";
import type { Wire } from "../mail/wire/wire.ts";
import type { MailProtocol } from "./outages.ts";

/** Octets since the login. */
export interface PassedOctets {
  readonly octetsToMua: number;
  readonly octetsFromMua: number;
}

export interface SplicedSession {
  /** Resolves when both sides are closed. */
  readonly over: Promise<void>;
  passed(): PassedOctets;
  /** Ends the session as soon as nothing is under way in it, and in ten seconds at the latest (faults.md 33). */
  end(): void;
  /** Ends it at once where nothing is known to be under way, otherwise as `end` does: the other side is believed to be gone. */
  letGo(): void;
}

export interface SessionSides {
  readonly protocol: MailProtocol;
  readonly clock: Clock;
  /** The mail program's own socket, and the wire that was laid on it. */
  readonly socket: Socket;
  readonly mua: Wire;
  readonly upstream: Wire;
  /** Look at what each side says first. */
  readonly observers: Observers;
}

/** Without an octet for this long nothing is under way, in milliseconds. */
const REST = 1000;
const GRACE = 10_000;
const LOOK_AGAIN = 100;

/** Joins the two sides of a connection that has logged in. */
export function spliceSession({ protocol, clock, socket, ...sides }: SessionSides): SplicedSession {
  const mua = sides.mua.release();
  const upstream = sides.upstream.release();
  const writtenBefore = socket.bytesWritten;
  const readBefore = socket.bytesRead - socket.readableLength - mua.unread.length;

  /** How much the mail program had said when the server spoke last: where it has said more, a reply is owed. */
  let answered = readBefore;
  const noteReply: Observer = () => {
    answered = socket.bytesRead;
    return true;
  };
  // IMAP's replies are the mail itself: they are looked at only while the end is waited for.
  const over = splice(
    mua,
    upstream,
    protocol === "smtp" ? { ...sides.observers, upstream: noteReply } : sides.observers,
  );
  let ending = false;

  const isUnderWay = (): boolean =>
    socket.bytesRead > answered || socket.writableLength > 0 || upstream.stream.writableLength > 0;

  /** @param last how much had passed when it was last seen to move, and when that was */
  function endAtRest(since: number, last: { readonly octets: number; readonly at: number }): void {
    if (socket.destroyed) return;
    const now = clock.monotonic();
    const octets = socket.bytesRead + socket.bytesWritten;
    const moved = octets === last.octets ? last : { octets, at: now };
    const isLate = now - since >= GRACE;
    if (!isUnderWay() && (isLate || now - moved.at >= REST)) socket.destroy();
    // With a reset: half a message must not look sent (protocol.md §8).
    else if (isLate) socket.resetAndDestroy();
    else clock.schedule(LOOK_AGAIN, () => endAtRest(since, moved));
  }

  function end(): void {
    if (ending) return;
    ending = true;
    if (protocol === "imap") {
      answered = socket.bytesRead;
      upstream.stream.on("data", noteReply);
    }
    const now = clock.monotonic();
    endAtRest(now, { octets: socket.bytesRead + socket.bytesWritten, at: now });
  }

  return {
    over,
    passed: () => ({
      octetsToMua: socket.bytesWritten - writtenBefore,
      octetsFromMua: socket.bytesRead - readBefore,
    }),
    end,
    letGo() {
      // Of IMAP nobody keeps count of the replies; whoever waits for one has it told by the end that there is none.
      if (protocol === "imap" || !isUnderWay()) socket.destroy();
      else end();
    },
  };
}
