// A listening port for one protocol, on both loopback addresses (threats.md A4).
// Invariant: a port that cannot be had is a state, not an end; it is tried again, and the other listeners stay up.
import { createServer, type Server, type Socket } from "node:net";
import type { Cancel, Clock } from "../clock/clock.ts";
import { systemCode } from "../errors/postern-error.ts";
import type { MailProtocol } from "./outages.ts";

export type ListenerState =
  | { readonly kind: "listening"; readonly port: number }
  /** Somebody else has the port; on one address of two that is a trap for passwords, so it is never "listening". */
  | { readonly kind: "taken"; readonly port: number }
  /** The machine has no such address (no IPv6, say). */
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "closed" };

export interface Listener {
  readonly protocol: MailProtocol;
  readonly address: string;
  state(): ListenerState;
  close(): Promise<void>;
  /** Stops listening at once, for another port, and nobody is told. Resolves when the last of its connections has ended. */
  retire(): Promise<void>;
}

export const LOOPBACK_ADDRESSES = ["127.0.0.1", "::1"] as const;

const RETRY = 30_000;

export interface ListenerParts {
  readonly clock: Clock;
  onSocket(socket: Socket, protocol: MailProtocol): void;
  onChange(protocol: MailProtocol, address: string, state: ListenerState): void;
}

/**
 * Listens on both loopback addresses with the same port.
 * @param port 0 for any port that is free on both
 */
export async function openListeners(
  protocol: MailProtocol,
  port: number,
  parts: ListenerParts,
): Promise<readonly Listener[]> {
  const [first, second] = LOOPBACK_ADDRESSES;
  if (port !== 0) {
    return Promise.all(LOOPBACK_ADDRESSES.map((address) => openListener(protocol, address, port, parts)));
  }
  for (let tries = 1; ; tries++) {
    const one = await openListener(protocol, first, 0, parts);
    const bound = one.state();
    const other = await openListener(protocol, second, bound.kind === "listening" ? bound.port : 0, parts);
    if (other.state().kind !== "taken" || tries === 10) return [one, other];
    await Promise.all([one.close(), other.close()]);
  }
}

async function openListener(
  protocol: MailProtocol,
  address: string,
  port: number,
  parts: ListenerParts,
): Promise<Listener> {
  let state: ListenerState = { kind: "closed" };
  let server: Server | undefined;
  let cancelRetry: Cancel = () => {};
  let closing = false;
  let retired = false;

  const become = (next: ListenerState): void => {
    if (retired) return;
    const changed = JSON.stringify(next) !== JSON.stringify(state);
    state = next;
    if (changed) parts.onChange(protocol, address, next);
  };

  async function tryToListen(): Promise<void> {
    const attempt = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: false }, (socket) =>
      parts.onSocket(socket, protocol),
    );
    try {
      await listen(attempt, address, port);
    } catch (thrown) {
      become(explain(systemCode(thrown), port));
      if (!closing && state.kind !== "absent")
        cancelRetry = parts.clock.schedule(RETRY, () => void tryToListen());
      return;
    }
    if (closing) {
      attempt.close();
      return;
    }
    server = attempt;
    // Out of file descriptors and the like: the connection is lost, the listener stays.
    attempt.on("error", () => {});
    const bound = attempt.address();
    become({ kind: "listening", port: typeof bound === "object" && bound !== null ? bound.port : port });
  }

  function end(): Promise<void> {
    closing = true;
    cancelRetry();
    return new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  await tryToListen();
  return {
    protocol,
    address,
    state: () => state,
    async close() {
      await end();
      become({ kind: "closed" });
    },
    retire() {
      retired = true;
      return end();
    },
  };
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port, ipv6Only: address.includes(":"), exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function explain(code: string | undefined, port: number): ListenerState {
  switch (code) {
    case "EADDRINUSE":
      return { kind: "taken", port };
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
      return { kind: "absent" };
    case "EACCES":
      return { kind: "failed", reason: `port ${port} is not allowed to this user` };
    default:
      return { kind: "failed", reason: code ?? "unknown" };
  }
}
