// How this very program is started again: as the single executable that it is, or by Node.
import { isSea } from "node:sea";

/** Program and first words, for a `postern` command to be put behind. */
export function programCommand(): readonly [program: string, ...words: string[]] {
  const [node, script = ""] = process.argv;
  return isSea() ? [process.execPath] : [node ?? process.execPath, script];
}
