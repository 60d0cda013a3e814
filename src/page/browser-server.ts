// Serves the window to a browser on this machine: HTTP on 127.0.0.1, a guard, the entry, then the page's handler.
// Invariants: nothing is forwarded without the bearer secret; no cookie, since one of 127.0.0.1 reaches every port there; the
// end of a browser's connection ends what it asked for.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { EVENTS_PATH } from "../control/contract.ts";
import { PosternError, systemCode } from "../errors/postern-error.ts";
import { judge } from "./browser-guard.ts";
import type { EntrySecret } from "./entry-secret.ts";
import { answer, type PageHandler, readBody, refuse } from "./page-handler.ts";

export interface BrowserServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface BrowserServerParts {
  readonly handle: PageHandler;
  readonly entry: EntrySecret;
  /** 0 for any that is free. */
  readonly port: number;
  /** Called when a page has come in. */
  onEntered(): void;
  /** Called when the number of pages that listen to events has changed. */
  onPages(count: number): void;
}

/** Where a page exchanges its one-time secret. */
export const SESSION_PATH = "/session";

/** @throws PosternError `request-invalid` when the port cannot be had */
export async function startBrowserServer(parts: BrowserServerParts): Promise<BrowserServer> {
  let pages = 0;
  const server: Server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // A person may take ten minutes at the provider before `sign-in.wait` is answered.
  server.requestTimeout = 0;
  // Nothing here is to be upgraded to; without a listener Node would serve such a request as if it had not asked.
  server.on("upgrade", (_request, socket) => {
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  const port = await listen(server, parts.port);
  const host = `127.0.0.1:${port}`;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "", url: target = "", rawHeaders } = incoming;
    const refusal = judge({ method, target, rawHeaders }, { host, isAwaited: parts.entry.isPending() });
    if (refusal !== undefined) {
      incoming.resume();
      return send(outgoing, refuse(refusal.status, "control-refused", refusal.reason));
    }
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const request = toRequest(incoming, `http://${host}${target}`, gone.signal);
    const isPage = target === EVENTS_PATH && parts.entry.admits(incoming.headers.authorization);
    if (isPage) parts.onPages(++pages);
    try {
      await send(outgoing, await respond(request, target));
    } finally {
      if (isPage) parts.onPages(--pages);
    }
  }

  async function respond(request: Request, target: string): Promise<Response> {
    if (target === SESSION_PATH) return enter(request);
    if (request.method === "GET") return parts.handle(request);
    if (!parts.entry.admits(request.headers.get("authorization") ?? undefined)) {
      return refuse(401, "control-refused", "the window must be opened again: postern ui");
    }
    return parts.handle(request);
  }

  async function enter(request: Request): Promise<Response> {
    if (request.method !== "POST") return refuse(405, "control-refused", "only POST");
    const bearer = parts.entry.exchange(secretOf(await readBody(request)));
    if (bearer === undefined)
      return refuse(401, "control-refused", "the address serves once, and for two minutes");
    parts.onEntered();
    return answer(200, "application/json", JSON.stringify({ bearer }));
  }

  return {
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** "" for anything that is no secret. */
function secretOf(body: string | undefined): string {
  try {
    const parsed: unknown = JSON.parse(body ?? "");
    const secret = typeof parsed === "object" && parsed !== null && "secret" in parsed ? parsed.secret : "";
    return typeof secret === "string" ? secret : "";
  } catch {
    return "";
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (thrown) =>
      reject(
        new PosternError("request-invalid", {
          detail: `port ${port} of 127.0.0.1 cannot be had: ${systemCode(thrown)}`,
          cause: thrown,
        }),
      ),
    );
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function toRequest(incoming: IncomingMessage, url: string, signal: AbortSignal): Request {
  const { method = "GET", headers } = incoming;
  const body = method === "GET" ? null : (Readable.toWeb(incoming) as globalThis.ReadableStream<Uint8Array>);
  return new Request(url, {
    method,
    headers: headers.authorization === undefined ? {} : { authorization: headers.authorization },
    body,
    signal,
    ...(body === null ? {} : { duplex: "half" }),
  } as RequestInit);
}

/** The whole answer, as fast as the browser reads; one that has gone away is no failure. */
async function send(outgoing: ServerResponse, response: Response): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing).catch(() => {});
}
