// Where the window's built files come from. Invariant: a name never leads out of the page's own files.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface PageFiles {
  /** @param name with slashes, as `isPageFileName` takes it */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** Names as the build makes them: no dot at a beginning, so no way up. */
export function isPageFileName(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(name);
}

export function createFolderFiles(folder: string): PageFiles {
  return {
    read: (name) =>
      readFile(join(folder, ...name.split("/"))).then(
        (content) => new Uint8Array(content),
        () => undefined,
      ),
  };
}
