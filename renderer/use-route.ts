// The route that the address names now, and going to another.
import { useSyncExternalStore } from "react";
import { formatRoute, parseRoute, type Route } from "./routes.ts";

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(listen, () => window.location.hash));
}

function listen(tell: () => void): () => void {
  window.addEventListener("hashchange", tell);
  return () => window.removeEventListener("hashchange", tell);
}

export function goTo(route: Route): void {
  window.location.hash = formatRoute(route);
}

/** Goes on without a way back to where one was: after a removal, say. */
export function replaceRoute(route: Route): void {
  window.location.replace(formatRoute(route));
}
