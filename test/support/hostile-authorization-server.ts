// An HTTPS server that answers whatever a test wants an authorization server to answer, octet for octet where need be.
// Invariant: every request is in its log; a path that no answer was given for is not found.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { IssuedCertificate } from "./authority.ts";

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly form: URLSearchParams;
}

export type HostileAnswer = (reply: ServerResponse, request: RecordedRequest) => void;

export interface HostileAuthorizationServer {
  /** https://localhost:PORT */
  readonly origin: string;
  readonly requests: readonly RecordedRequest[];
  /** What the next requests for this path are answered with, in order; the last one for all that follow. */
  answer(path: string, ...answers: [HostileAnswer, ...HostileAnswer[]]): void;
  /** Forgets requests and answers. */
  reset(): void;
  close(): Promise<void>;
}

/** @param certificate for localhost */
export async function startHostileAuthorizationServer(
  certificate: IssuedCertificate,
): Promise<HostileAuthorizationServer> {
  const requests: RecordedRequest[] = [];
  const answers = new Map<string, HostileAnswer[]>();
  const server = createServer({ key: certificate.key, cert: certificate.certificate }, (request, reply) => {
    reply.on("error", () => {});
    void read(request).then((recorded) => {
      requests.push(recorded);
      const waiting = answers.get(recorded.path) ?? [];
      const next = waiting.length > 1 ? waiting.shift() : waiting[0];
      (next ?? json(404, {}))(reply, recorded);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (path, ...given) => void answers.set(path, given),
    reset() {
      requests.length = 0;
      answers.clear();
    },
    close: () => close(server),
  };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function read(request: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? "",
    path: new URL(request.url ?? "/", "https://localhost").pathname,
    form: new URLSearchParams(Buffer.concat(chunks).toString("utf8")),
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): HostileAnswer {
  return text(status, JSON.stringify(body), "application/json", headers);
}

export function text(
  status: number,
  body: string,
  contentType = "text/html",
  headers: Record<string, string> = {},
): HostileAnswer {
  return (reply) => void reply.writeHead(status, { "content-type": contentType, ...headers }).end(body);
}

export function redirectTo(status: number, location: string): HostileAnswer {
  return (reply) => void reply.writeHead(status, { location }).end();
}

/** Closes the TCP connection without an answer. */
export const hangUp: HostileAnswer = (reply) => void reply.socket?.destroy();

/** Announces more than it sends, and closes. */
export const breakOff: HostileAnswer = (reply) => {
  reply.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
  reply.write('{"access_token":"half', () => reply.socket?.destroy());
};

/** Begins an answer and leaves it at that. `closed` resolves when the other side has had enough. */
export function dawdle(): { answer: HostileAnswer; begun: Promise<void>; closed: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    closed: closed.promise,
    answer(reply) {
      reply.on("close", () => closed.resolve());
      reply.writeHead(200, { "content-type": "application/json" });
      reply.write('{"access_token":"', () => begun.resolve());
    },
  };
}

/** A JSON text of 10 GB in chunks. `sent` says how many octets of it the network has taken, once `closed` resolves. */
export function flood(): { answer: HostileAnswer; closed: Promise<void>; sent: () => number } {
  const total = 10 * 1024 ** 3;
  const chunk = Buffer.alloc(64 * 1024, "x");
  const closed = Promise.withResolvers<void>();
  let sent = 0;
  return {
    closed: closed.promise,
    sent: () => sent,
    answer(reply) {
      let isOpen = true;
      reply.on("close", () => {
        isOpen = false;
        closed.resolve();
      });
      reply.writeHead(200, { "content-type": "application/json" });
      reply.write('{"access_token":"');
      const pour = (): void => {
        while (isOpen && sent < total) {
          sent += chunk.length;
          if (!reply.write(chunk)) return void reply.once("drain", pour);
        }
        if (isOpen) reply.end('"}');
      };
      pour();
    },
  };
}
