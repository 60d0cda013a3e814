// GETs that end soon: for documents that may not be there, at hosts that may not answer.
import type { CustomFetch } from "openid-client";
import type { Clock } from "../clock/clock.ts";
import { createBoundedFetch, type Fetch } from "../oauth/client/bounded-fetch.ts";

/** Milliseconds for a whole answer. */
const PATIENCE = 8000;

/** Bounded in size, time and redirects (none). @param patience milliseconds */
export function createHurriedFetch(fetch: Fetch, clock: Clock, patience = PATIENCE): CustomFetch {
  const bounded = createBoundedFetch(fetch);
  return async (url, options) => {
    const late = new AbortController();
    const cancel = clock.schedule(patience, () =>
      late.abort(new DOMException(`not within ${patience / 1000} seconds`, "TimeoutError")),
    );
    const signals = options.signal === undefined ? [late.signal] : [options.signal, late.signal];
    try {
      return await bounded(url, { ...options, signal: AbortSignal.any(signals) });
    } finally {
      cancel();
    }
  };
}
