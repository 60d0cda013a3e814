// The loopback redirect (RFC 8252 §7.3): one listener for one sign-in, bound before the URL is built, gone after it.
// Invariant: only a GET of the exact path with this attempt's `state` ends the wait; everything else changes nothing.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { toPosternError } from "../../errors/postern-error.ts";
import { isSameText } from "../../secret/same-text.ts";
import { failurePage, NOTHING_HERE_PAGE, PAGE_HEADERS, SIGNED_IN_PAGE } from "./redirect-page.ts";

export interface RedirectListener {
  /** RFC 6749 §3.1.2, with the port that was bound. */
  readonly redirectUri: string;
  /** The authorization response's URL, once it has come. The browser waits for `answer`. */
  readonly response: Promise<URL>;
  /** Tells the browser how it ended: `failure` undefined for success. */
  answer(failure: unknown): void;
  close(): void;
}

const LONGEST_URL = 8192;

/** @param options.state the attempt's `state` parameter (RFC 6749 §10.12) */
export async function openRedirectListener(options: {
  path: string;
  state: string;
}): Promise<RedirectListener> {
  let waiting: ServerResponse | undefined;
  let resolveResponse: (url: URL) => void = () => {};
  const response = new Promise<URL>((resolve) => {
    resolveResponse = resolve;
  });

  const server = createServer({ maxHeaderSize: 16_384 }, (request, reply) => {
    const url = authorizationResponse(request);
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
  });

  /** The response's URL, when the request is one: a real navigation to the exact path. */
  function authorizationResponse(request: IncomingMessage): URL | undefined {
    const prefetch = `${request.headers["sec-purpose"] ?? ""} ${request.headers.purpose ?? ""}`;
    if (request.method !== "GET" || /prefetch/i.test(prefetch)) return undefined;
    if (request.url === undefined || request.url.length > LONGEST_URL) return undefined;
    if (request.headers.host !== new URL(redirectUri).host) return undefined;
    if (!URL.canParse(request.url, redirectUri)) return undefined;
    const url = new URL(request.url, redirectUri);
    return url.pathname === options.path && url.origin === new URL(redirectUri).origin ? url : undefined;
  }

  await new Promise<void>((resolve, reject) => {
    // Stays for later errors too: nobody else would hear them, and the process must not end over one.
    server.on("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, resolve);
  });
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.path}`;

  return {
    redirectUri,
    response,
    answer(failure) {
      if (waiting === undefined) return;
      if (failure === undefined) send(waiting, 200, SIGNED_IN_PAGE);
      else send(waiting, 400, failurePage(toPosternError(failure).entry));
    },
    close() {
      server.close();
      // Browsers open connections in advance: none of them may keep the port, once the last answer is out.
      if (waiting === undefined || waiting.writableFinished) server.closeAllConnections();
      else waiting.once("close", () => server.closeAllConnections());
    },
  };
}

function send(reply: ServerResponse, status: number, html: string): void {
  reply.writeHead(status, { ...PAGE_HEADERS, connection: "close" });
  reply.end(html);
}
