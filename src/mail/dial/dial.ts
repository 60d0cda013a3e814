// Opens the connection to a mail server: TCP, then TLS at once or when the protocol has asked for it.
// Invariant: the certificate is always verified for the configured host; there is no way to go on without.
import { connect as connectTcp, isIP, type Socket } from "node:net";
import {
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { type Clock, withDeadline } from "../../clock/clock.ts";
import { PosternError, systemCode } from "../../errors/postern-error.ts";
import { limits } from "../wire/limits.ts";
import type { UpstreamTransport } from "../wire/upstream-lines.ts";
import { createWire } from "../wire/wire.ts";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls";
}

export interface Dialled {
  readonly transport: UpstreamTransport;
  /** Closes whatever is open, at once. */
  destroy(): void;
}

/** @throws PosternError `upstream-unreachable`, `upstream-timeout`, `upstream-certificate` */
export async function dial(endpoint: Endpoint, clock: Clock): Promise<Dialled> {
  const tcp = await openTcp(endpoint, clock);
  const upgrade = async () => createWire(await openTls(tcp, endpoint, clock), clock);
  // Node's TLS socket takes its TCP socket down with it.
  const destroy = (): void => void tcp.destroy();
  try {
    const transport: UpstreamTransport =
      endpoint.tls === "implicit"
        ? { wire: await upgrade(), startTls: undefined }
        : startTlsTransport(tcp, upgrade, clock);
    return { transport, destroy };
  } catch (thrown) {
    destroy();
    throw thrown;
  }
}

function startTlsTransport(
  tcp: Socket,
  upgrade: () => Promise<ReturnType<typeof createWire>>,
  clock: Clock,
): UpstreamTransport {
  const wire = createWire(tcp, clock);
  return {
    wire,
    startTls() {
      // Nothing is unread here: who calls this has refused whatever lay behind the STARTTLS answer.
      wire.release();
      return upgrade();
    },
  };
}

async function openTcp({ host, port }: Endpoint, clock: Clock): Promise<Socket> {
  const socket = connectTcp({
    host,
    port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: limits.keepAlive,
  });
  return opened(
    socket,
    "connect",
    limits.upstreamConnect,
    clock,
    () =>
      new PosternError("upstream-timeout", { detail: `no connection to ${host}:${port} within 10 seconds` }),
  ).catch((thrown: unknown) => {
    throw thrown instanceof PosternError
      ? thrown
      : new PosternError("upstream-unreachable", {
          detail: `${host}:${port}: ${reasonOf(thrown)}`,
          cause: thrown,
        });
  });
}

async function openTls(tcp: Socket, { host, port }: Endpoint, clock: Clock): Promise<TLSSocket> {
  const socket = connectTls({
    socket: tcp,
    host,
    // SNI carries names only (RFC 6066 §3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    secureContext: sharedContext(),
    rejectUnauthorized: true,
  });
  return opened(
    socket,
    "secureConnect",
    limits.upstreamTls,
    clock,
    () => new PosternError("upstream-timeout", { detail: `no TLS with ${host}:${port} within 10 seconds` }),
  ).catch((thrown: unknown) => {
    throw thrown instanceof PosternError ? thrown : explainTls(thrown, host, port);
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

/** Waits for a socket to be open; a late or failed one is destroyed. */
function opened<S extends Socket>(
  socket: S,
  sign: "connect" | "secureConnect",
  milliseconds: number,
  clock: Clock,
  onLate: () => Error,
): Promise<S> {
  const ready = new Promise<S>((resolve, reject) => {
    const onOpen = (): void => {
      socket.off("error", reject);
      socket.off("close", onClose);
      // From here on an error shows itself as an early close.
      socket.on("error", () => {});
      resolve(socket);
    };
    const onClose = (): void => reject(new PosternError("upstream-closed"));
    socket.once(sign, onOpen);
    socket.once("error", reject);
    socket.once("close", onClose);
  });
  return withDeadline(clock, milliseconds, ready, onLate).catch((thrown: unknown) => {
    socket.on("error", () => {});
    socket.destroy();
    throw thrown;
  });
}

/** Failures of the network during the handshake; everything else that breaks a handshake is about trust. */
const NETWORK_CODES = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENETDOWN",
  "EHOSTUNREACH",
  "ECONNABORTED",
]);

function explainTls(thrown: unknown, host: string, port: number): PosternError {
  const code = systemCode(thrown) ?? "";
  const detail = `${host}:${port}: ${reasonOf(thrown)}`;
  return new PosternError(NETWORK_CODES.has(code) ? "upstream-closed" : "upstream-certificate", {
    detail,
    cause: thrown,
  });
}

/** A system error in a few words: its code, or each of them where several addresses were tried. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) {
    return [...new Set(thrown.errors.map((error: unknown) => systemCode(error) ?? "unknown"))].join(", ");
  }
  return systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : "unknown");
}
