// How the page asks Postern: by fetch, at its own origin, with the contract's types only.
// Invariant: it never knows where it runs; the one secret that it holds is the browser's bearer (session.ts).
import type { ControlEvent, Failure, Method, Request, Response } from "../src/control/contract.ts";
import { readLines } from "./event-lines.ts";

/** What a page may ask: everything but an access token and the end of the daemon. */
export type PageMethod = Exclude<Method, "token" | "stop">;

export interface Control {
  /** @throws ControlFailure */
  call<M extends PageMethod>(method: M, request: Request<M>, signal?: AbortSignal): Promise<Response<M>>;
  /**
   * The state, and then what changes; the end of the iteration is the end of the stream.
   * @throws ControlFailure
   */
  events(signal: AbortSignal): AsyncIterable<ControlEvent>;
}

/** What Postern answered in place of what was asked for; `code` is one of the catalogue's. */
export class ControlFailure extends Error {
  readonly failure: Failure;
  /** Whether this page must be opened again: its secret is not known (any more). */
  readonly isLockedOut: boolean;

  constructor(failure: Failure, isLockedOut = false) {
    super(failure.sentence);
    this.name = "ControlFailure";
    this.failure = failure;
    this.isLockedOut = isLockedOut;
  }
}

/** Nobody answered: the page looks like this until somebody does. */
const AWAY: Failure = {
  code: "daemon-not-running",
  temporary: true,
  sentence: "Postern is not running.",
  action: "",
};

const UNCLEAR: Failure = {
  code: "internal",
  temporary: true,
  sentence: "Postern gave an answer that this window does not understand.",
  action: "",
};

/** @param bearer what a browser's page must send; undefined where the window is Electron's */
export function createControl(bearer: () => string | undefined): Control {
  return {
    async call(method, request, signal) {
      const response = await post(`/control/${method}`, request, bearer(), signal);
      const answer: unknown = await response.json().catch((thrown: unknown) => {
        throw isAbort(thrown) ? thrown : new ControlFailure(UNCLEAR);
      });
      return answer as Response<typeof method>;
    },
    async *events(signal) {
      const { body } = await post("/control-events", {}, bearer(), signal);
      if (body === null) throw new ControlFailure(UNCLEAR);
      for await (const line of readLines(body)) yield JSON.parse(line);
    },
  };
}

async function post(
  path: string,
  body: unknown,
  bearer: string | undefined,
  signal: AbortSignal | undefined,
): Promise<globalThis.Response> {
  const response = await fetch(path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(body),
    cache: "no-store",
    credentials: "omit",
    ...(signal === undefined ? {} : { signal }),
  }).catch((thrown: unknown) => {
    throw isAbort(thrown) ? thrown : new ControlFailure(AWAY);
  });
  if (!response.ok) throw await toFailure(response);
  return response;
}

async function toFailure(response: globalThis.Response): Promise<ControlFailure> {
  const answer: unknown = await response.json().catch(() => undefined);
  return new ControlFailure(failureOf(answer) ?? UNCLEAR, response.status === 401);
}

function failureOf(answer: unknown): Failure | undefined {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return undefined;
  const { error } = answer;
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return error as Failure;
}

/** Whether somebody gave up waiting, so that there is nothing to tell. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}

/** A failure to show, of whatever was thrown. */
export function failureFrom(thrown: unknown): Failure {
  return thrown instanceof ControlFailure ? thrown.failure : UNCLEAR;
}
