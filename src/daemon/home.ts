// Makes the folders that Postern writes to, and sees to it that nobody else can get at them (threats.md A6).
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PosternError, systemCode } from "../errors/postern-error.ts";
import type { Home } from "../installation/home.ts";

/** Makes the folders, for their owner only. @throws PosternError `home-unusable` */
export async function prepareHome(home: Home): Promise<void> {
  // A person may have put the home elsewhere by a link of their own.
  const folder = await realpath(home.folder).catch(() => home.folder);
  await prepareFolder(folder);
  await prepareFolder(home.journalFolder);
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Windows has no such modes; %APPDATA% is its user's own.
    if (process.platform === "win32") return;
    const found = await lstat(folder);
    if (!found.isDirectory())
      throw new PosternError("home-unusable", { detail: `${folder} is not a folder` });
    const { mode, uid } = found;
    if (uid !== process.getuid?.())
      throw new PosternError("home-unusable", { detail: `${folder} is somebody else's` });
    if ((mode & 0o022) !== 0)
      throw new PosternError("home-unusable", { detail: `others can write to ${folder}` });
    if ((mode & 0o077) !== 0) await chmod(folder, 0o700);
  } catch (thrown) {
    if (thrown instanceof PosternError) throw thrown;
    throw new PosternError("home-unusable", { detail: `${folder}: ${systemCode(thrown)}`, cause: thrown });
  }
}

/** The octets of a Unix socket's path that every system takes (sun_path less its NUL). */
const LONGEST_SOCKET_PATH = 103;

/**
 * Where the control server listens.
 * @param nonce makes a Windows pipe's name unguessable; Node cannot restrict who opens one
 */
export async function controlEndpoint(home: Home, nonce: string): Promise<string> {
  if (process.platform === "win32") return `\\\\.\\pipe\\postern-${nonce}`;
  const beside = join(home.folder, "control.sock");
  if (Buffer.byteLength(beside) <= LONGEST_SOCKET_PATH) return beside;
  const hash = createHash("sha256").update(home.folder).digest("hex").slice(0, 16);
  const folder = await prepareTemporaryFolder(hash);
  return join(folder, "control.sock");
}

/** Where this user's processes, whatever their home, lock what they share. @throws PosternError `home-unusable` */
export function prepareLockFolder(): Promise<string> {
  return prepareTemporaryFolder(`${process.getuid?.() ?? "user"}-locks`);
}

/** A folder for its owner only in the system's temporary folder, which on Unix is everybody's. */
async function prepareTemporaryFolder(name: string): Promise<string> {
  const folder = join(tmpdir(), `postern-${name}`);
  await prepareFolder(folder);
  return folder;
}
