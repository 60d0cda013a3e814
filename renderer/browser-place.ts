// The browser's side of the way in (session.ts): this tab's address, its storage, and the exchange of the secret.
import type { SessionPlace } from "./session.ts";

/** This tab. */
export const browserPlace: SessionPlace = {
  hash: window.location.hash,
  storage: window.sessionStorage,
  replaceHash: (hash) => window.history.replaceState(null, "", hash),
  exchange,
};

async function exchange(secret: string): Promise<string | undefined> {
  const response = await fetch("/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ secret }),
    credentials: "omit",
  }).catch(() => undefined);
  if (response?.ok !== true) return undefined;
  const answer: unknown = await response.json().catch(() => undefined);
  const bearer =
    typeof answer === "object" && answer !== null && "bearer" in answer ? answer.bearer : undefined;
  return typeof bearer === "string" ? bearer : undefined;
}
