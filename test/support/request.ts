// One HTTP(S) exchange on loopback, for tests: no redirect is followed, no connection is kept.
// Invariant: TLS is verified, against the authorities named here and no others.
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { text } from "node:stream/consumers";

export interface RequestOptions {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: URLSearchParams;
  /** PEM certificate of the authority that vouches for an https server. */
  readonly authorityPem?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Rejects with Node's error (ECONNREFUSED, ECONNRESET, a TLS code) when there is no complete answer. */
export async function request(url: URL | string, options: RequestOptions = {}): Promise<Answer> {
  const target = new URL(url);
  const body = options.form?.toString();
  const requestOptions: https.RequestOptions = {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    agent: false,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      ...options.headers,
    },
    ...(options.authorityPem === undefined ? {} : { ca: options.authorityPem }),
  };
  const outgoing =
    target.protocol === "https:"
      ? https.request(target, requestOptions)
      : http.request(target, requestOptions);
  // Also after the answer has begun: a connection that is reset in its middle is an error of the request, too.
  const failed = new Promise<never>((_resolve, reject) => outgoing.on("error", reject));
  outgoing.end(body);
  return await Promise.race([failed, readAnswer(outgoing)]);
}

async function readAnswer(outgoing: http.ClientRequest): Promise<Answer> {
  const [incoming] = (await once(outgoing, "response")) as [http.IncomingMessage];
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: await text(incoming) };
}
