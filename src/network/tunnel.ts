// Opens a TCP connection to a target, straight or through a proxy: what comes out is the target's, octet for octet.
// Invariant: the whole way there is under one deadline, and a connection that came too late is destroyed.
import type { Socket } from "node:net";
import { type Clock, withDeadline } from "../clock/clock.ts";
import { assertNever } from "../errors/assert-never.ts";
import { PosternError } from "../errors/postern-error.ts";
import { limits } from "../mail/wire/limits.ts";
import { openConnectTunnel } from "./http-connect.ts";
import { type ConnectProxy, formatHostAndPort, type ProxyRoute, type Route, type Target } from "./route.ts";
import { isNetworkFailure, reasonOf, startTcp, startTls, whenOpen } from "./socket.ts";
import { openSocksTunnel } from "./socks5.ts";
import { TargetTooLate, TargetUnreachable } from "./target-unreachable.ts";

/**
 * To a mail server.
 * @throws PosternError `upstream-unreachable`, `upstream-timeout`, `proxy-…`
 */
export async function openTcp(target: Target, route: Route, clock: Clock): Promise<Socket> {
  try {
    return await openTunnel(target, route, clock);
  } catch (thrown) {
    if (!(thrown instanceof TargetUnreachable)) throw thrown;
    throw new PosternError(thrown instanceof TargetTooLate ? "upstream-timeout" : "upstream-unreachable", {
      detail: thrown.message,
      cause: thrown,
    });
  }
}

/** How far the opening has come: what to destroy, and whose fault it is when the time is over. */
interface Progress {
  socket: Socket | undefined;
  waitingFor: "proxy" | "target";
}

/**
 * To any server.
 * @throws PosternError `proxy-…`; TargetUnreachable, TargetTooLate
 */
export async function openTunnel(target: Target, route: Route, clock: Clock): Promise<Socket> {
  const progress: Progress = { socket: undefined, waitingFor: "target" };
  const opening =
    route.kind === "direct" ? openStraight(target, progress) : openThrough(route, target, progress);
  try {
    return await withDeadline(clock, limits.upstreamConnect, opening, () => {
      if (progress.waitingFor === "target") {
        return new TargetTooLate(`no connection to ${formatHostAndPort(target)} within 10 seconds`);
      }
      return new PosternError("proxy-unreachable", { detail: "the proxy did not answer within 10 seconds" });
    });
  } catch (thrown) {
    progress.socket?.destroy();
    throw thrown;
  }
}

async function openStraight(target: Target, progress: Progress): Promise<Socket> {
  const socket = startTcp(target);
  progress.socket = socket;
  try {
    return await whenOpen(socket, "connect");
  } catch (thrown) {
    const reason = reasonOf(thrown);
    throw new TargetUnreachable(`${formatHostAndPort(target)}: ${reason}`, reason, thrown);
  }
}

async function openThrough(proxy: ProxyRoute, target: Target, progress: Progress): Promise<Socket> {
  progress.waitingFor = "proxy";
  const tcp = startTcp(proxy);
  progress.socket = tcp;
  try {
    await whenOpen(tcp, "connect");
  } catch (thrown) {
    throw new PosternError("proxy-unreachable", {
      detail: `${formatHostAndPort(proxy)}: ${reasonOf(thrown)}`,
      cause: thrown,
    });
  }
  const asked = (): void => {
    progress.waitingFor = "target";
  };
  switch (proxy.kind) {
    case "connect": {
      const socket = proxy.tls ? await secureProxy(tcp, proxy) : tcp;
      asked();
      await openConnectTunnel(socket, proxy, target);
      return socket;
    }
    case "socks5":
      await openSocksTunnel(tcp, proxy, target, asked);
      return tcp;
    default:
      return assertNever(proxy);
  }
}

async function secureProxy(tcp: Socket, proxy: ConnectProxy): Promise<Socket> {
  try {
    return await whenOpen(startTls(tcp, proxy.host, "http/1.1"), "secureConnect");
  } catch (thrown) {
    throw new PosternError(isNetworkFailure(thrown) ? "proxy-unreachable" : "proxy-certificate", {
      detail: `${formatHostAndPort(proxy)}: ${reasonOf(thrown)}`,
      cause: thrown,
    });
  }
}
