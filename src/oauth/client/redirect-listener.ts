// The loopback redirect (RFC 8252 §7.3): one listener for one sign-in, bound before the URL is built, gone after it.
// Invariant: only a GET of the exact path with this attempt's `state` ends the wait; everything else changes nothing.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { PosternError, systemCode, toPosternError } from "../../errors/postern-error.ts";
import { isSameText } from "../../secret/same-text.ts";
import {
  failurePage,
  NOTHING_HERE_PAGE,
  PAGE_HEADERS,
  QUESTION_PAGE,
  SIGNED_IN_PAGE,
} from "./redirect-page.ts";
import type { Acceptance } from "./settings.ts";

export interface RedirectListener {
  /** RFC 6749 §3.1.2, with the port that was bound. */
  readonly redirectUri: string;
  /** The authorization response's URL, once it has come. The browser waits for `answer`. */
  readonly response: Promise<URL>;
  /** Tells the browser how it ended. */
  answer(
    outcome: Acceptance | { readonly kind: "failed"; readonly failure: unknown; readonly address: string },
  ): void;
  close(): void;
}

const LONGEST_URL = 8192;
/** How often another port is tried when the one that was free for IPv4 is taken for IPv6. */
const TRIES = 10;

/** The addresses behind a redirect URI's host. A browser may take either one for `localhost` (RFC 8252 §8.3). */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "127.0.0.1": ["127.0.0.1"],
  "[::1]": ["::1"],
  localhost: ["127.0.0.1", "::1"],
};

/** Whether a redirect URI is one that this machine can listen at. */
export function isLoopbackRedirect(redirectUri: string): boolean {
  const { protocol, hostname } = new URL(redirectUri);
  return protocol === "http:" && Object.hasOwn(ADDRESSES, hostname);
}

/**
 * @param options.registered the redirect URI as registered; `port` takes the place of its port
 * @param options.state the attempt's `state` parameter (RFC 6749 §10.12)
 * @throws PosternError `redirect-port-taken`
 */
export async function openRedirectListener(options: {
  registered: string;
  port: number | undefined;
  state: string;
}): Promise<RedirectListener> {
  const uri = new URL(options.registered);
  let waiting: ServerResponse | undefined;
  let resolveResponse: (url: URL) => void = () => {};
  const response = new Promise<URL>((resolve) => {
    resolveResponse = resolve;
  });

  const handle = (request: IncomingMessage, reply: ServerResponse): void => {
    const url = authorizationResponse(request, uri);
    if (url === undefined) {
      send(reply, 404, NOTHING_HERE_PAGE);
      return;
    }
    if (!isSameText(url.searchParams.get("state") ?? "", options.state) || waiting !== undefined) {
      send(reply, 400, NOTHING_HERE_PAGE);
      return;
    }
    waiting = reply;
    resolveResponse(url);
  };

  const fixed = options.port ?? (uri.port === "" ? undefined : Number(uri.port));
  const servers = await bindAll(ADDRESSES[uri.hostname] ?? [], fixed, handle);
  uri.port = String(portOf(servers));

  return {
    redirectUri: uri.href,
    response,
    answer(outcome) {
      if (waiting === undefined) return;
      if (outcome.kind === "kept") send(waiting, 200, SIGNED_IN_PAGE);
      else if (outcome.kind === "asked") send(waiting, 200, QUESTION_PAGE);
      else send(waiting, 400, failurePage(toPosternError(outcome.failure), outcome.address));
    },
    close() {
      for (const server of servers) server.close();
      // Browsers open connections in advance: none of them may keep the port, once the last answer is out.
      const closeConnections = (): void => {
        for (const server of servers) server.closeAllConnections();
      };
      if (waiting === undefined || waiting.writableFinished) closeConnections();
      else waiting.once("close", closeConnections);
    },
  };
}

/** The response's URL, when the request is one: a real navigation to the exact path. */
function authorizationResponse(request: IncomingMessage, redirectUri: URL): URL | undefined {
  const prefetch = `${request.headers["sec-purpose"] ?? ""} ${request.headers.purpose ?? ""}`;
  if (request.method !== "GET" || /prefetch/i.test(prefetch)) return undefined;
  if (request.url === undefined || request.url.length > LONGEST_URL) return undefined;
  if (request.headers.host !== redirectUri.host) return undefined;
  if (!URL.canParse(request.url, redirectUri.href)) return undefined;
  const url = new URL(request.url, redirectUri);
  return url.pathname === redirectUri.pathname && url.origin === redirectUri.origin ? url : undefined;
}

/** Listens at every address with one port. An address that this machine does not have is left out, if another is there. */
async function bindAll(
  addresses: readonly string[],
  fixed: number | undefined,
  handle: (request: IncomingMessage, reply: ServerResponse) => void,
): Promise<readonly Server[]> {
  for (let tries = 1; ; tries++) {
    const bound: Server[] = [];
    let failure: unknown;
    for (const address of addresses) {
      try {
        bound.push(await bind(address, fixed ?? (bound.length > 0 ? portOf(bound) : 0), handle));
      } catch (thrown) {
        if (systemCode(thrown) === "EADDRNOTAVAIL" || systemCode(thrown) === "EAFNOSUPPORT") continue;
        failure = thrown;
      }
    }
    // Half of `localhost` in somebody else's hands would be a trap for the code.
    if (failure === undefined && bound.length > 0) return bound;
    for (const server of bound) server.close();
    if (fixed !== undefined || systemCode(failure) !== "EADDRINUSE" || tries === TRIES) {
      throw new PosternError("redirect-port-taken", {
        detail: `${fixed === undefined ? "any port" : `port ${fixed}`}: ${systemCode(failure) ?? "no such address"}`,
      });
    }
  }
}

async function bind(
  address: string,
  port: number,
  handle: (request: IncomingMessage, reply: ServerResponse) => void,
): Promise<Server> {
  const server = createServer({ maxHeaderSize: 16_384 }, handle);
  await new Promise<void>((resolve, reject) => {
    // Stays for later errors too: nobody else would hear them, and the process must not end over one.
    server.on("error", reject);
    server.listen({ host: address, port, exclusive: true }, resolve);
  });
  return server;
}

function portOf(servers: readonly Server[]): number {
  const address = servers[0]?.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function send(reply: ServerResponse, status: number, html: string): void {
  reply.writeHead(status, { ...PAGE_HEADERS, connection: "close" });
  reply.end(html);
}
