// The window's server as a plain function from Request to Response: the built files, and what the page asks of the daemon.
// Electron's app:// and `postern ui` both use it; it runs and is tested on bare Node.
// Invariants: every answer carries the page's security headers; the control secret stays behind `forward`; no method that
// hands out a token is passed on.
import { extname } from "node:path";
import type { StreamedAnswer } from "../control/client.ts";
import { contract, controlPath, EVENTS_PATH, type Method } from "../control/contract.ts";
import { toFailure } from "../control/server.ts";
import type { ErrorCode } from "../errors/catalogue.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { isPageFileName, type PageFiles } from "./page-files.ts";

export type PageHandler = (request: Request) => Promise<Response>;

export interface PageHandlerParts {
  readonly files: PageFiles;
  /**
   * Passes a request on to the daemon's control API; aborting hangs up.
   * @throws PosternError `daemon-not-running`
   */
  forward(path: string, body: string, signal: AbortSignal): Promise<StreamedAnswer>;
}

/** What a page may not ask: an access token, and the end of the daemon that its mail programs depend on. */
export const NOT_FOR_A_PAGE: readonly Method[] = ["token", "stop"];

/** Octets of a request; the daemon takes no more. */
const LARGEST_REQUEST = 262_144;

const FORWARDED: ReadonlySet<string> = new Set([
  EVENTS_PATH,
  ...(Object.keys(contract) as Method[])
    .filter((method) => !NOT_FOR_A_PAGE.includes(method))
    .map(controlPath),
]);

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

export const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
} as const;

export function createPageHandler({ files, forward }: PageHandlerParts): PageHandler {
  async function serveFile(pathname: string): Promise<Response> {
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const type = TYPES[extname(name)];
    // Nothing is decoded: a name that needs an escape is none of the page's.
    if (type === undefined || !isPageFileName(name)) return answer(404, "text/plain", "Not found");
    const content = await files.read(name);
    return content === undefined ? answer(404, "text/plain", "Not found") : answer(200, type, content);
  }

  async function passOn(request: Request, pathname: string): Promise<Response> {
    if (request.method !== "POST") return answer(405, "text/plain", "Only POST");
    if (!FORWARDED.has(pathname)) return refuse(404, "control-refused", "a page may not ask this");
    const body = await readBody(request);
    if (body === undefined) return refuse(413, "request-invalid", "it is too large");
    try {
      const { status, contentType, body: answered } = await forward(pathname, body, request.signal);
      return answer(status, contentType, answered);
    } catch (thrown) {
      return refuse(503, toPosternError(thrown).code);
    }
  }

  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === EVENTS_PATH || pathname.startsWith("/control/")) return passOn(request, pathname);
    if (request.method !== "GET") return answer(405, "text/plain", "Only GET");
    return serveFile(pathname);
  };
}

/** A failure as the daemon itself would tell it. */
export function refuse(status: number, code: ErrorCode, detail?: string): Response {
  const error = new PosternError(code, detail === undefined ? {} : { detail });
  return answer(status, "application/json", JSON.stringify({ error: toFailure(error) }));
}

export function answer(
  status: number,
  type: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
): Response {
  return new Response(body, { status, headers: { ...PAGE_HEADERS, "content-type": type } });
}

/** Undefined when it is longer than anything that a page has to say. */
export async function readBody(request: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_REQUEST) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
