// A fetch that answers from a script, for tests of what an authorization server may say: no socket, no waiting.
// Invariant: requests are answered in the order of the script; one that the script does not know fails the test.
import type { Fetch } from "../../src/oauth/client/bounded-fetch.ts";
import type { OAuthClientSettings } from "../../src/oauth/client/settings.ts";

export interface ScriptedFetch {
  readonly fetch: Fetch;
  /** The forms that were sent, in order. */
  readonly forms: readonly URLSearchParams[];
}

/** An answer, or what the fetch throws. */
export type Scripted = Response | Error;

export function scriptFetch(...script: Scripted[]): ScriptedFetch {
  const forms: URLSearchParams[] = [];
  return {
    forms,
    async fetch(_url, options) {
      forms.push(new URLSearchParams(String(options.body)));
      const next = script.shift();
      if (next === undefined) throw new Error("there is no answer left in the script");
      if (next instanceof Error) throw next;
      return next;
    },
  };
}

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

export const TRACE_ID = "0eea5e05-1111-4222-8333-444455556666";
export const CORRELATION_ID = "c0ffee00-aaaa-4bbb-8ccc-ddddeeeeffff";

/** An error as Microsoft words it. */
export function entraError(
  error: string,
  number: number,
  text = "Something is not as it should be.",
): object {
  const found = `Trace ID: ${TRACE_ID}\r\nCorrelation ID: ${CORRELATION_ID}\r\nTimestamp: 2026-11-21 12:00:00Z`;
  return {
    error,
    error_description: `AADSTS${number}: ${text}\r\n${found}`,
    error_codes: [number],
    timestamp: "2026-11-21 12:00:00Z",
    trace_id: TRACE_ID,
    correlation_id: CORRELATION_ID,
    error_uri: `https://login.microsoftonline.com/error?code=${number}`,
  };
}

const MICROSOFT = "https://login.microsoftonline.com/common/v2.0";
export const GOOGLE = "https://accounts.google.com";

/** Given endpoints, so that an issuer can be anybody's; at Microsoft unless told otherwise. */
export function settingsAt(origin: string, changes: Partial<OAuthClientSettings> = {}): OAuthClientSettings {
  return {
    issuer: MICROSOFT,
    endpoints: { authorization: `${origin}/authorize`, token: `${origin}/token` },
    clientId: "11112222-3333-4444-5555-666677778888",
    clientSecret: undefined,
    scope: "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
    redirectUri: "http://localhost/callback",
    ...changes,
  };
}
