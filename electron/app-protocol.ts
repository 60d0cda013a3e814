// app://postern/: the page's handler, for the one host that the window has.
// Invariant: nothing else is served under the scheme.

import type { PageFiles } from "../src/page/page-files.ts";
import { answer, createPageHandler, type PageHandler } from "../src/page/page-handler.ts";
import type { Forward } from "./forwarding.ts";

export function createAppProtocol(files: PageFiles, forward: Forward): PageHandler {
  const handle = createPageHandler({ files, forward });
  return async (request) =>
    new URL(request.url).host === "postern" ? handle(request) : answer(404, "text/plain", "Not found");
}
