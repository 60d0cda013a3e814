// After the login: octets only, both ways, with backpressure. Who looks on changes nothing and delays nothing.
// Invariant: what arrives leaves unchanged and in order; a half-close stays a half-close; a torn connection tears the
// other one at once, so that a mail program never counts half a message as sent (protocol.md §8).
import type { Duplex } from "node:stream";
import type { Released } from "./wire.ts";

/** Sees what one side says, after it has been passed on. False when it has seen enough. Must not throw. */
export type Observer = (octets: Buffer) => boolean;

/** Who looks on at what each side says first. */
export interface Observers {
  readonly mua?: Observer | undefined;
  readonly upstream?: Observer | undefined;
}

/** Joins two streams until both are closed. */
export function splice(muaSide: Released, upstreamSide: Released, observers: Observers = {}): Promise<void> {
  const [mua, upstream] = [muaSide.stream, upstreamSide.stream];
  // Read behind the login, and so the first that is due on the other side.
  if (muaSide.unread.length > 0) upstream.write(muaSide.unread);
  if (upstreamSide.unread.length > 0) mua.write(upstreamSide.unread);
  mua.pipe(upstream);
  upstream.pipe(mua);
  if (observers.upstream !== undefined) lookOn(upstream, observers.upstream, upstreamSide.unread);
  if (observers.mua !== undefined) lookOn(mua, observers.mua, muaSide.unread);
  return new Promise((resolve) => {
    let open = 2;
    const closed = (one: Duplex, other: Duplex): void => {
      if (!one.readableEnded || !one.writableFinished) tear(other);
      open -= 1;
      if (open === 0) resolve();
    };
    watch(mua, () => closed(mua, upstream));
    watch(upstream, () => closed(upstream, mua));
  });
}

/** Behind the pipe's own listener: each chunk has been passed on when it is seen, and no buffer is copied. */
function lookOn(stream: Duplex, observe: Observer, unread: Buffer): void {
  if (unread.length > 0 && !observe(unread)) return;
  const look = (octets: Buffer): void => {
    if (!observe(octets)) stream.off("data", look);
  };
  stream.on("data", look);
}

function watch(stream: Duplex, onClose: () => void): void {
  // The error itself says nothing that the early close does not say.
  stream.on("error", () => {});
  if (stream.closed) onClose();
  else stream.once("close", onClose);
}

/**
 * Ends a stream with a reset where it is a plain socket: an orderly end would look like success to a mail program.
 * Node cannot reset a TLS socket; the missing close_notify (RFC 8446 §6.1) is all that tells the other side.
 */
function tear(stream: Duplex): void {
  if (isPlainSocket(stream)) stream.resetAndDestroy();
  else stream.destroy();
}

function isPlainSocket(stream: Duplex): stream is Duplex & { resetAndDestroy(): void } {
  return "resetAndDestroy" in stream && !("encrypted" in stream);
}
