// Reads an upstream server's lines during its login, under one budget for all of it (threats.md E1).
// Invariant: a server that says too much, too long, or nothing, ends the login with an error; it never ends the process.
import { type Clock, withDeadline } from "../../clock/clock.ts";
import { PosternError } from "../../errors/postern-error.ts";
import { limits } from "./limits.ts";
import type { Wire } from "./wire.ts";

export interface UpstreamLines {
  /**
   * The next line, as Latin-1 text.
   * @throws PosternError `upstream-closed`, `upstream-timeout`, `upstream-protocol`
   */
  next(): Promise<string>;
}

export function createUpstreamLines(wire: Wire, clock: Clock): UpstreamLines {
  let total = 0;
  return {
    async next() {
      const line = await withDeadline(
        clock,
        limits.upstreamReply,
        wire.reader.readLine(limits.upstreamLine, 0),
        () => new PosternError("upstream-timeout", { detail: "no reply within 30 seconds" }),
      );
      if (line.kind === "end") throw new PosternError("upstream-closed");
      if (line.kind !== "line") throw new PosternError("upstream-protocol", { detail: "a line is too long" });
      total += line.octets.length + 2;
      if (total > limits.upstreamTotal) {
        throw new PosternError("upstream-protocol", { detail: "it says too much before the login" });
      }
      return line.octets.toString("latin1");
    },
  };
}

/** What an upstream login is done with, whatever the protocol. */
export interface UpstreamTransport {
  readonly wire: Wire;
  /**
   * Present where STARTTLS is configured, and then mandatory: turns the plain connection into a TLS one.
   * The old wire must have been released with nothing pending.
   */
  readonly startTls: (() => Promise<Wire>) | undefined;
}

/**
 * After the server agreed to STARTTLS: nothing may lie behind its answer, or somebody in between put it there
 * (threats.md D2).
 * @throws PosternError `upstream-protocol`
 */
export function refuseInjected(wire: Wire): void {
  if (wire.reader.hasPending()) {
    throw new PosternError("upstream-protocol", { detail: "plain text followed its STARTTLS answer" });
  }
}
