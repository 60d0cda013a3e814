// The control API's server side: HTTP on a Unix socket or named pipe, one handler a method, and the stream of events.
// Invariant: nothing is done before the caller has shown the secret, and nothing for a browser (threats.md C1, C2).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { z } from "zod";
import type { Clock } from "../clock/clock.ts";
import { PosternError as Failed, type PosternError, toPosternError } from "../errors/postern-error.ts";
import { isSameText } from "../secret/same-text.ts";
import {
  contract,
  EVENTS_PATH,
  type Failure,
  type Method,
  PROOF_PATH,
  type Request,
  type Response,
} from "./contract.ts";
import { type EventSource, streamEvents } from "./event-stream.ts";
import { proofOf } from "./secret.ts";

export type Handlers = {
  readonly [M in Method]: (request: Request<M>, gone: AbortSignal) => Promise<Response<M>>;
};

const LARGEST_REQUEST = 262_144;
const HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
} as const;

export function createControlServer(
  secret: string,
  handlers: Handlers,
  events: EventSource,
  clock: Clock,
  onBug: (thrown: unknown) => void = () => {},
): Server {
  const parts = { secret, handlers, events, clock };
  return createServer((request, response) => {
    answer(request, response, parts).catch((thrown: unknown) => {
      // A stream that has begun has no status any more.
      if (response.headersSent) response.destroy();
      const error = toPosternError(thrown);
      if (error.code === "internal") onBug(error);
      send(response, statusOf(error), { error: toFailure(error) });
    });
  });
}

interface Parts {
  readonly secret: string;
  readonly handlers: Handlers;
  readonly events: EventSource;
  readonly clock: Clock;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { secret, handlers, events, clock }: Parts,
): Promise<void> {
  const refuse = (status: number, detail: string): void =>
    send(response, status, { error: toFailure(new Failed("control-refused", { detail })) });

  if (request.headers.origin !== undefined || request.headers["sec-fetch-site"] !== undefined) {
    return refuse(403, "browsers are not answered here");
  }
  if (request.method !== "POST") return refuse(405, "only POST");
  if (request.headers["content-type"] !== "application/json") return refuse(415, "only application/json");

  if (request.url === PROOF_PATH) {
    const body = await readJson(request);
    const nonce = typeof body === "object" && body !== null && "nonce" in body ? body.nonce : undefined;
    if (typeof nonce !== "string" || nonce.length < 32) return refuse(400, "no nonce");
    return send(response, 200, { proof: proofOf(secret, nonce) });
  }

  // Node keeps the first of two and drops the other silently; two are nobody's honest mistake.
  const isAlone = request.rawHeaders.filter((name) => name.toLowerCase() === "authorization").length === 1;
  if (!isAlone || !isSameText(request.headers.authorization ?? "", `Bearer ${secret}`)) {
    return refuse(401, "wrong secret");
  }
  if (request.url === EVENTS_PATH) {
    check(contract.status.request, await readJson(request));
    return streamEvents(response, events, clock);
  }
  const method = request.url?.replace(/^\/control\//, "");
  if (method === undefined || !isMethod(method)) return refuse(404, "no such method");

  const checked = check(contract[method].request, await readJson(request));
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  send(response, 200, await call(handlers, method, checked, gone.signal));
}

/** @throws PosternError `request-invalid` */
function check(schema: z.ZodType, body: unknown): unknown {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const detail = `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim();
  throw new Failed("request-invalid", { detail });
}

/** RFC 9110: 400 for what could not be understood, 422 for what was understood and could not be done. */
function statusOf(error: PosternError): number {
  if (error.code === "request-invalid") return 400;
  return error.code === "internal" ? 500 : 422;
}

function isMethod(text: string): text is Method {
  return Object.hasOwn(contract, text);
}

function call(handlers: Handlers, method: Method, request: unknown, gone: AbortSignal): Promise<unknown> {
  // The contract has just checked the request against this very method; TypeScript cannot follow that through the union.
  const handler = handlers[method] as (request: unknown, gone: AbortSignal) => Promise<unknown>;
  return handler(request, gone);
}

/** @throws PosternError `request-invalid` */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const octets = chunk as Buffer;
    size += octets.length;
    if (size > LARGEST_REQUEST) throw new Failed("request-invalid", { detail: "it is too large" });
    chunks.push(octets);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Failed("request-invalid", { detail: "it is not JSON" });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, HEADERS);
  response.end(JSON.stringify(body));
}

/** A failure as the fronts read it: with what is known filled in, and EMAIL left to them. */
export function toFailure({ code, temporary, sentence, action, detail, letter }: PosternError): Failure {
  return {
    code,
    temporary,
    sentence,
    action,
    ...(detail === undefined ? {} : { detail }),
    ...(letter === undefined ? {} : { letter }),
  };
}
