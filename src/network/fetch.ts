// The platform's fetch, or one that goes through a proxy; who calls it notices no difference.
// Invariant: inside the tunnel the server's certificate is verified as ever: a proxy sees host names and nothing else.
import type { Socket } from "node:net";
import type {
  Agent,
  buildConnector,
  RequestInit as UndiciRequestInit,
  Response as UndiciResponse,
} from "undici";
import { type Clock, withDeadline } from "../clock/clock.ts";
import { limits } from "../mail/wire/limits.ts";
import { formatHostAndPort, isSameRoute, type Route, type Target, withoutBrackets } from "./route.ts";
import { startTls, whenOpen } from "./socket.ts";
import { TargetTooLate } from "./target-unreachable.ts";
import { openTunnel } from "./tunnel.ts";

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/** For a connection that nobody uses: what a server asks for by `Keep-Alive: timeout=…` counts up to here, in milliseconds. */
const LONGEST_IDLE = 10_000;

/**
 * Rejects as fetch does: a TypeError with what happened as its `cause`. That is a system or TLS error with its `code`; or,
 * where the way itself failed, a PosternError (`proxy-…`, or whatever `routeFor` threw).
 */
export function createFetch(routeFor: (host: string, port: number) => Promise<Route>, clock: Clock): Fetch {
  /** Of the last route: there is one proxy, until a person sets another. A former agent's connections soon idle out. */
  let last: { readonly route: Route; readonly agent: Agent } | undefined;

  return async (url, options) => {
    const { host, port } = targetOf(new URL(url));
    const route = await routeFor(host, port).catch((thrown: unknown) => {
      throw new TypeError("fetch failed", { cause: thrown });
    });
    if (route.kind === "direct") return fetch(url, options);
    // Loaded when there is a proxy: it takes a tenth of a second. An Agent works only with its own package's fetch.
    const undici = await import("undici");
    if (last === undefined || !isSameRoute(last.route, route)) {
      const agent = new undici.Agent({
        connect: connectorOf(route, clock),
        keepAliveMaxTimeout: LONGEST_IDLE,
      });
      last = { route, agent };
    }
    const request = options as unknown as UndiciRequestInit;
    return toPlatformResponse(await undici.fetch(url, { ...request, dispatcher: last.agent }));
  };
}

function connectorOf(route: Route, clock: Clock): buildConnector.connector {
  return (origin, callback) => {
    connect(origin, route, clock).then(
      (socket) => callback(null, socket),
      (thrown: unknown) => callback(thrown instanceof Error ? thrown : new Error(String(thrown)), null),
    );
  };
}

async function connect(origin: buildConnector.Options, route: Route, clock: Clock): Promise<Socket> {
  const target = targetOf(origin);
  const tunnel = await openTunnel(target, route, clock);
  if (origin.protocol === "http:") return tunnel;
  const secure = whenOpen(startTls(tunnel, target.host, "http/1.1"), "secureConnect");
  return withDeadline(clock, limits.upstreamTls, secure, () => {
    tunnel.destroy();
    return new TargetTooLate(`no TLS with ${formatHostAndPort(target)} within 10 seconds`);
  });
}

function targetOf(url: { hostname: string; port: string; protocol: string }): Target {
  const usualPort = url.protocol === "http:" ? 80 : 443;
  return {
    host: withoutBrackets(url.hostname),
    port: url.port === "" ? usualPort : Number(url.port),
  };
}

/** undici's own class is another than the platform's, and others ask with `instanceof`. */
function toPlatformResponse({ body, status, statusText, headers }: UndiciResponse): Response {
  return new Response(body as ReadableStream<Uint8Array> | null, {
    status,
    statusText,
    headers: [...headers],
  });
}
