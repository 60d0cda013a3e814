// Writes a file so that a crash at any moment leaves the old content or the new one, never a mixture.
// Invariant: files are for their owner alone (0600); the old content is untouched until the new one is on the disk.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../errors/postern-error.ts";

/** The file's octets, or undefined when there is none. Symbolic links are refused (threats.md G4). */
export async function readOwnFile(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path, { flag: constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) });
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Replaces the file's content: temporary file, flush, rename, flush of the folder. */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  await flushFolder(dirname(path));
}

/** Makes renames and removals in a folder durable; Windows has no such call and needs none. */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
