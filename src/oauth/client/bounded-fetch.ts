// The one way to an authorization server: no redirects, an upper bound for the answer's size, the whole body at once.
// Invariant: whoever observes an answer has seen it to its last octet before openid-client sees its first.
import type { CustomFetch } from "openid-client";
import { PosternError } from "../../errors/postern-error.ts";

/** An answer of an authorization server, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Looks at an answer before anybody else, and may put another body in its place. */
export type Observe = (url: string, answer: HttpAnswer) => Promise<string | undefined>;

/** The platform's fetch, or one that goes through a proxy. */
export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

const LARGEST = 1_048_576;

/** @throws TypeError as fetch does, with the network's reason as `cause`; also for an answer that is too large */
export function createBoundedFetch(fetch: Fetch, observe?: Observe): CustomFetch {
  return async (url, options) => {
    const response = await fetch(url, { ...options, redirect: "manual" } as RequestInit);
    const body = await readBody(response);
    const answer: HttpAnswer = { status: response.status, headers: response.headers, body };
    const replaced = await observe?.(url, answer);
    // RFC 9110 §15.3.5, §15.4.5: these have no body, and the Response constructor refuses one.
    const hasBody = ![204, 205, 304].includes(response.status);
    return new Response(hasBody ? (replaced ?? body) : null, {
      status: response.status,
      statusText: response.statusText,
      headers: withoutEncoding(response.headers),
    });
  };
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) {
      const cause = new PosternError("authorization-server-failing", { detail: "the answer is too large" });
      throw new TypeError("fetch failed", { cause });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The body is already decoded and may have another length. */
function withoutEncoding(headers: Headers): Headers {
  const copy = new Headers(headers);
  copy.delete("content-encoding");
  copy.delete("content-length");
  return copy;
}
