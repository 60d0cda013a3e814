// The route that the address names now, and going to another.
import { useEffect, useSyncExternalStore } from "react";
import { formatRoute, parseRoute, type Route } from "./routes.ts";

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(listen, () => window.location.hash));
}

function listen(tell: () => void): () => void {
  window.addEventListener("hashchange", tell);
  return () => window.removeEventListener("hashchange", tell);
}

/** A link to where one is already changes no address: the screen that is there begins anew by itself. */
export function useLinkHere(begin: () => void): void {
  useEffect(() => {
    const look = ({ target }: MouseEvent): void => {
      const link = target instanceof Element ? target.closest("a[href]") : null;
      if (link !== null && link.getAttribute("href") === window.location.hash) begin();
    };
    // Before react-aria has it, which tells nobody else.
    document.addEventListener("click", look, true);
    return () => document.removeEventListener("click", look, true);
  }, [begin]);
}

export function goTo(route: Route): void {
  window.location.hash = formatRoute(route);
}

/** Goes on without a way back to where one was: after a removal, say. */
export function replaceRoute(route: Route): void {
  window.location.replace(formatRoute(route));
}
