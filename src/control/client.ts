// The control API's caller: finds the daemon by its per-user file, makes it prove itself, then asks.
// Invariant: the secret is sent only to somebody who has proved to know it already.
import { constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { isErrorCode } from "../errors/catalogue.ts";
import { PosternError } from "../errors/postern-error.ts";
import { isSameText } from "../secret/same-text.ts";
import { readEvents } from "./answer-stream.ts";
import {
  type ControlEvent,
  type ControlFile,
  contract,
  controlFileSchema,
  controlPath,
  EVENTS_PATH,
  failureSchema,
  type Method,
  PROOF_PATH,
  type Request,
  type Response,
} from "./contract.ts";
import { createNonce, proofOf } from "./secret.ts";

export interface ControlClient {
  /** @throws PosternError as the daemon said, or `daemon-not-running` */
  call<M extends Method>(method: M, request: Request<M>): Promise<Response<M>>;
  /**
   * Passes on a request as it is, for a front that forwards a page's: the answer's octets as they come. Aborting, or
   * cancelling the stream, hangs up; the stream fails when the daemon ends. @throws PosternError `daemon-not-running`
   */
  forward(path: string, body: string, signal?: AbortSignal): Promise<StreamedAnswer>;
  /**
   * The daemon's state and then every change, until the daemon ends or gives the reader up, or `signal` is aborted:
   * all three are the end of the iteration, not failures.
   * @throws PosternError as the daemon said, `daemon-not-running`, or `internal` for an event that is not understood
   */
  events(signal?: AbortSignal): AsyncIterable<ControlEvent>;
  readonly processId: number;
}

export interface StreamedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * @param controlFile the path of the daemon's `control.json`
 * @throws PosternError `daemon-not-running`, `control-refused`
 */
export async function connectToDaemon(controlFile: string): Promise<ControlClient> {
  const daemon = await readControlFile(controlFile);
  const nonce = createNonce();
  const answered = await post(daemon.endpoint, PROOF_PATH, JSON.stringify({ nonce }), {});
  const body = parseAnswer(answered.body);
  const proof = typeof body === "object" && body !== null && "proof" in body ? body.proof : undefined;
  if (typeof proof !== "string" || !isSameText(proof, proofOf(daemon.secret, nonce))) {
    throw new PosternError("control-refused", { detail: "another program answers in the daemon's place" });
  }
  const authorization = { authorization: `Bearer ${daemon.secret}` };
  return {
    processId: daemon.processId,
    async forward(path, text, signal) {
      const response = await open(daemon.endpoint, path, text, authorization, signal);
      return {
        status: response.statusCode ?? 0,
        contentType: response.headers["content-type"] ?? "application/octet-stream",
        body: Readable.toWeb(response) as ReadableStream<Uint8Array>,
      };
    },
    async *events(signal) {
      if (signal?.aborted) return;
      try {
        const response = await open(daemon.endpoint, EVENTS_PATH, "{}", authorization, signal);
        const status = response.statusCode ?? 0;
        if (status !== 200) throw toError(parseAnswer(await readText(response)), status);
        yield* readEvents(response);
      } catch (thrown) {
        if (!signal?.aborted) throw thrown;
      }
    },
    async call(method, request) {
      const asked = JSON.stringify(request);
      const { status, body: text } = await post(daemon.endpoint, controlPath(method), asked, authorization);
      const answer = parseAnswer(text);
      if (status !== 200) throw toError(answer, status);
      return contract[method].response.parse(answer) as Response<typeof method>;
    },
  };
}

async function readControlFile(path: string): Promise<ControlFile> {
  try {
    const text = await readFile(path, {
      encoding: "utf8",
      flag: constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0),
    });
    return controlFileSchema.parse(JSON.parse(text));
  } catch (thrown) {
    throw new PosternError("daemon-not-running", { cause: thrown });
  }
}

/** The failure that the daemon told, in its own words: another version's may have others, or codes unknown here. */
function toError(answer: unknown, status: number): PosternError {
  const failure = failureSchema.safeParse(answer);
  if (!failure.success) {
    return new PosternError("internal", { detail: `the daemon answered with status ${status}` });
  }
  const { code, sentence, action, detail, letter } = failure.data.error;
  return new PosternError(isErrorCode(code) ? code : "internal", {
    told: { sentence, action },
    ...(detail === undefined ? {} : { detail }),
    ...(letter === undefined ? {} : { letter }),
  });
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new PosternError("internal", { detail: "the daemon's answer is not JSON", cause: thrown });
  }
}

/** One HTTP exchange on a socket. A waiting answer may take as long as a person takes. */
async function post(
  endpoint: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; body: string }> {
  const response = await open(endpoint, path, body, headers);
  return { status: response.statusCode ?? 0, body: await readText(response) };
}

/** @throws PosternError `daemon-not-running` when the daemon ends before its answer does */
async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (thrown) {
    throw new PosternError("daemon-not-running", { cause: thrown });
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Asks; the answer's body is still to be read. `signal` hangs up at any time. @throws PosternError `daemon-not-running` */
function open(
  endpoint: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        socketPath: endpoint,
        path,
        method: "POST",
        agent: false,
        headers: { host: "postern", "content-type": "application/json", ...headers },
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    );
    request.on("error", (thrown) => reject(new PosternError("daemon-not-running", { cause: thrown })));
    request.end(body);
  });
}
