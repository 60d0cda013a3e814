// The control API's caller: finds the daemon by its per-user file, makes it prove itself, then asks.
// Invariant: the secret is sent only to somebody who has proved to know it already.
import { constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { isErrorCode } from "../errors/catalogue.ts";
import { PosternError } from "../errors/postern-error.ts";
import { isSameText } from "../secret/same-text.ts";
import {
  type ControlFile,
  contract,
  controlFileSchema,
  controlPath,
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
  /** Passes on a request as it is, for a front that forwards another one's. @throws PosternError `daemon-not-running` */
  forward(path: string, body: string): Promise<{ status: number; body: string }>;
  readonly processId: number;
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
  const forward: ControlClient["forward"] = (path, text) =>
    post(daemon.endpoint, path, text, { authorization: `Bearer ${daemon.secret}` });
  return {
    processId: daemon.processId,
    forward,
    async call(method, request) {
      const { status, body: text } = await forward(controlPath(method), JSON.stringify(request));
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

function toError(answer: unknown, status: number): PosternError {
  const failure = failureSchema.safeParse(answer);
  if (failure.success && isErrorCode(failure.data.error.code)) {
    const { code, detail } = failure.data.error;
    return new PosternError(code, detail === undefined ? {} : { detail });
  }
  return new PosternError("internal", { detail: `the daemon answered with status ${status}` });
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new PosternError("internal", { detail: "the daemon's answer is not JSON", cause: thrown });
  }
}

/** One HTTP exchange on a socket. A waiting answer may take as long as a person takes. */
function post(
  endpoint: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        socketPath: endpoint,
        path,
        method: "POST",
        agent: false,
        headers: { host: "postern", "content-type": "application/json", ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    request.on("error", (thrown) => reject(new PosternError("daemon-not-running", { cause: thrown })));
    request.end(body);
  });
}
