// app://postern/: the window's page inside Electron. A plain function from Request to Response, so that it is tested on bare Node.
// Invariant: there is one host, and it is ours.
import { answer, type PageHandler } from "../src/page/page-handler.ts";

/** @param handle what serves the page wherever it is shown */
export function createAppProtocol(handle: PageHandler): PageHandler {
  return async (request) =>
    new URL(request.url).host === "postern" ? handle(request) : answer(404, "text/plain", "Not found");
}
