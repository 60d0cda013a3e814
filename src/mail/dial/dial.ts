// Opens the connection to a mail server: TCP along a route, then TLS at once or when the protocol has asked for it.
// Invariant: the certificate is always verified for the configured host; there is no way to go on without.
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Clock, withDeadline } from "../../clock/clock.ts";
import { PosternError } from "../../errors/postern-error.ts";
import { DIRECT, formatHostAndPort, type Route } from "../../network/route.ts";
import { isNetworkFailure, reasonOf, startTls, whenOpen } from "../../network/socket.ts";
import { openTcp } from "../../network/tunnel.ts";
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

/** @throws PosternError `upstream-unreachable`, `upstream-timeout`, `upstream-closed`, `upstream-certificate`, `proxy-…` */
export async function dial(endpoint: Endpoint, clock: Clock, route: Route = DIRECT): Promise<Dialled> {
  const tcp = await openTcp(endpoint, route, clock);
  const upgrade = async () => createWire(await openTls(tcp, endpoint, clock), clock);
  // Node's TLS socket takes the socket below it down with it.
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

async function openTls(tcp: Socket, endpoint: Endpoint, clock: Clock): Promise<TLSSocket> {
  const where = formatHostAndPort(endpoint);
  const socket = startTls(tcp, endpoint.host);
  try {
    return await withDeadline(
      clock,
      limits.upstreamTls,
      whenOpen(socket, "secureConnect"),
      () => new PosternError("upstream-timeout", { detail: `no TLS with ${where} within 10 seconds` }),
    );
  } catch (thrown) {
    socket.destroy();
    if (thrown instanceof PosternError) throw thrown;
    throw new PosternError(isNetworkFailure(thrown) ? "upstream-closed" : "upstream-certificate", {
      detail: `${where}: ${reasonOf(thrown)}`,
      cause: thrown,
    });
  }
}
