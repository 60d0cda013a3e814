// What goes wrong at the token endpoint, on demand.
// Invariant: a fault acts only on POST /token, and only while it is set; "none" leaves the server as it is.
import type { Socket } from "node:net";
import type { Middleware } from "./authorization-server-pages.ts";

export type TokenFault =
  | { kind: "none" }
  /** Answers this instead; no grant is looked at, so no refresh token is rotated. */
  | { kind: "status"; status: number; body: string; contentType: string; retryAfterSeconds?: number }
  /** Takes the request and never answers. */
  | { kind: "hang" }
  /** Takes the request and resets the connection (TCP RST); no grant is looked at. */
  | { kind: "reset" }
  /** Carries the request out (a refresh token is rotated), sends half of the answer and resets the connection. */
  | { kind: "answer-then-reset" }
  /** Waits for the gate and then carries the request out. */
  | { kind: "delay"; gate: Promise<void> };

/**
 * @param currentFault what to do about the request that has just come
 * @param reset resets the TCP connection under a TLS socket
 */
export function createTokenFaults(
  currentFault: () => TokenFault,
  reset: (socket: Socket) => void,
): Middleware {
  return async (ctx, next) => {
    const fault: TokenFault = isTokenRequest(ctx.method, ctx.path) ? currentFault() : { kind: "none" };
    switch (fault.kind) {
      case "none":
        return await next();
      case "delay":
        await fault.gate;
        return await next();
      case "status":
        ctx.status = fault.status;
        ctx.type = fault.contentType;
        ctx.body = fault.body;
        if (fault.retryAfterSeconds !== undefined) ctx.set("Retry-After", String(fault.retryAfterSeconds));
        return;
      case "hang":
        ctx.respond = false;
        return;
      case "reset":
        ctx.respond = false;
        reset(ctx.req.socket);
        return;
      case "answer-then-reset": {
        await next();
        ctx.respond = false;
        const answer = Buffer.from(JSON.stringify(ctx.body));
        ctx.res.writeHead(ctx.status, {
          "content-type": "application/json",
          "content-length": answer.length,
        });
        ctx.res.write(answer.subarray(0, answer.length / 2), () => reset(ctx.req.socket));
        return;
      }
    }
  };
}

export function isTokenRequest(method: string | undefined, path: string): boolean {
  return method === "POST" && path === "/token";
}
