// The window's built files as they lie in the single executable. A file of its own: Electron's Node may have no node:sea.
import { getRawAsset } from "node:sea";
import type { PageFiles } from "./page-files.ts";

/** Those that scripts/build-executable.ts has put into the single executable. */
export function createExecutableFiles(): PageFiles {
  return {
    async read(name) {
      try {
        // A copy: what lies in the executable cannot be written to.
        return new Uint8Array(getRawAsset(`page/${name}`)).slice();
      } catch {
        return undefined;
      }
    },
  };
}
