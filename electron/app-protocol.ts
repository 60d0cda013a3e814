// app://postern/: serves the window's files and forwards what the page asks to the daemon. A plain function from Request to
// Response, so that it runs and is tested on bare Node.
// Invariants: no file outside the renderer's folder; every answer carries the page's security headers; the control secret
// stays here.
import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import type { ReadableStream } from "node:stream/web";
import { controlPath, EVENTS_PATH, type Method } from "../src/control/contract.ts";

export type AppProtocol = (request: Request) => Promise<Response>;

export interface AppProtocolParts {
  /** The built renderer. */
  readonly folder: string;
  /** Forwards one request to the daemon's control API; rejects when there is no daemon. */
  forward(path: string, body: string): Promise<{ readonly status: number; readonly body: string }>;
  /** As `forward`, for an answer that goes on; cancelling its body hangs up. */
  forwardStream(path: string, body: string): Promise<StreamedAnswer>;
}

interface StreamedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: ReadableStream<Uint8Array>;
}

/** What the window may ask; everything else stays with the command line for now. A page never gets an access token. */
const FOR_THE_WINDOW: readonly Exclude<Method, "token">[] = ["status"];

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;

export function createAppProtocol({ folder, forward, forwardStream }: AppProtocolParts): AppProtocol {
  async function serveFile(pathname: string): Promise<Response> {
    const name = pathname === "/" ? "index.html" : decodeURIComponent(pathname).slice(1);
    const path = normalize(join(folder, name));
    const type = TYPES[extname(path)];
    if (!path.startsWith(folder + sep) || type === undefined) return answer(404, "text/plain", "Not found");
    const content = await readFile(path).catch(() => undefined);
    return content === undefined ? answer(404, "text/plain", "Not found") : answer(200, type, content);
  }

  async function forwardControl(request: Request, pathname: string): Promise<Response> {
    if (request.method !== "POST") return answer(405, "text/plain", "Only POST");
    if (!FOR_THE_WINDOW.some((method) => controlPath(method) === pathname)) {
      return answer(404, "text/plain", "Not found");
    }
    try {
      const { status, body } = await forward(pathname, await request.text());
      return answer(status, "application/json", body);
    } catch {
      return answer(503, "text/plain", "Postern is not running");
    }
  }

  async function streamEvents(request: Request): Promise<Response> {
    if (request.method !== "POST") return answer(405, "text/plain", "Only POST");
    try {
      const { status, contentType, body } = await forwardStream(EVENTS_PATH, await request.text());
      return answer(status, contentType, body);
    } catch {
      return answer(503, "text/plain", "Postern is not running");
    }
  }

  return async (request) => {
    const { pathname, host } = new URL(request.url);
    if (host !== "postern") return answer(404, "text/plain", "Not found");
    if (pathname === EVENTS_PATH) return streamEvents(request);
    if (pathname.startsWith("/control/")) return forwardControl(request, pathname);
    if (request.method !== "GET") return answer(405, "text/plain", "Only GET");
    try {
      return await serveFile(pathname);
    } catch {
      // decodeURIComponent refuses malformed escapes.
      return answer(404, "text/plain", "Not found");
    }
  };
}

function answer(status: number, type: string, body: string | Buffer | ReadableStream<Uint8Array>): Response {
  return new Response(Buffer.isBuffer(body) ? new Uint8Array(body) : body, {
    status,
    headers: { ...HEADERS, "content-type": type },
  });
}
