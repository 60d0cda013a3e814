// A browser's way in: the one-time secret of the address becomes a bearer, kept for this tab alone.
// Invariant: neither is in a cookie, in localStorage, or left in the address or the history.

export interface Session {
  readonly bearer: () => string | undefined;
}

/** What a browser's window offers for it; handed in, so that a test can be the browser. */
export interface SessionPlace {
  readonly hash: string;
  readonly storage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  /** Replaces the address, history entry and all. */
  replaceHash(hash: string): void;
  exchange(secret: string): Promise<string | undefined>;
}

const KEY = "postern-bearer";

/** The one-time secret in `#/open?secret=…`. */
export function parseSecret(hash: string): string | undefined {
  const query = /^#\/open\?(.*)$/.exec(hash)?.[1];
  return query === undefined ? undefined : (new URLSearchParams(query).get("secret") ?? undefined);
}

/** Without a secret in the address: the one of this tab's last visit, or none where none is needed. */
export async function openSession(place: SessionPlace): Promise<Session> {
  const secret = parseSecret(place.hash);
  if (secret === undefined) {
    const kept = place.storage.getItem(KEY) ?? undefined;
    return { bearer: () => kept };
  }
  place.replaceHash("#/");
  // Spent already, after a reload of the first address: the tab may still have what it was exchanged for.
  const bearer = (await place.exchange(secret)) ?? place.storage.getItem(KEY) ?? undefined;
  if (bearer !== undefined) place.storage.setItem(KEY, bearer);
  return { bearer: () => bearer };
}
