// TCP and TLS sockets, the same for mail, tokens and proxies.
// Invariant: the certificate is always verified for the host that was asked for; there is no way to go on without.
import { connect as connectTcp, isIP, type Socket } from "node:net";
import {
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { systemCode } from "../errors/postern-error.ts";
import { limits } from "../mail/wire/limits.ts";
import type { Target } from "./route.ts";

/** A socket that is about to be connected. */
export function startTcp({ host, port }: Target): Socket {
  return connectTcp({
    host,
    port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: limits.keepAlive,
  });
}

/** A socket that is about to be secure; destroying it destroys the one it lies upon. */
export function startTls(socket: Socket, host: string, applicationProtocol?: string): TLSSocket {
  return connectTls({
    socket,
    host,
    // SNI carries names only (RFC 6066 §3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(applicationProtocol === undefined ? {} : { ALPNProtocols: [applicationProtocol] }),
    secureContext: sharedContext(),
    rejectUnauthorized: true,
  });
}

let shared: { readonly trusted: readonly string[]; readonly context: SecureContext } | undefined;

/** One context for all connections: making it costs a tenth of a login, and memory for each connection. */
function sharedContext(): SecureContext {
  // Node gives the same array until somebody trusts other authorities.
  const trusted = getCACertificates("default");
  if (shared?.trusted !== trusted)
    shared = { trusted, context: createSecureContext({ minVersion: "TLSv1.2" }) };
  return shared.context;
}

/** Waits for a socket to be open. A failed one is destroyed. @throws what Node says, always with a `code` */
export async function whenOpen<S extends Socket>(socket: S, sign: "connect" | "secureConnect"): Promise<S> {
  // From here on an error shows itself as an early close.
  socket.on("error", () => {});
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(sign, () => resolve());
      socket.once("error", reject);
      socket.once("close", () =>
        reject(Object.assign(new Error("closed before it was open"), { code: "ECONNRESET" })),
      );
    });
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
}

/** Failures of the network during a handshake; everything else that breaks a handshake is about trust. */
const NETWORK_CODES = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENETDOWN",
  "EHOSTUNREACH",
  "ECONNABORTED",
]);

export function isNetworkFailure(thrown: unknown): boolean {
  return NETWORK_CODES.has(systemCode(thrown) ?? "");
}

/** A system error in a few words: its code, or each of them where several addresses were tried. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) {
    return [...new Set(thrown.errors.map((error: unknown) => systemCode(error) ?? "unknown"))].join(", ");
  }
  return systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : "unknown");
}
