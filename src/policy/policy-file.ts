// Finds and reads the policy file. Invariants: the machine's file wins, and a person's own counts only where the machine
// has none; on Unix a file that somebody else than root or this person may write to decides nothing.
import { constants, type Stats } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { systemCode } from "../errors/postern-error.ts";
import { type ParsedPolicy, parsePolicy } from "./policy.ts";

export type PolicyFile = { readonly kind: "none" } | (ParsedPolicy & { readonly path: string });

/** Of a file, in bytes. */
const LARGEST = 262_144;
/** A named pipe would keep us waiting for somebody to write into it. Windows has no such flag, and no such pipes. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Who reads, as far as the owner of a file can be told from it. */
export interface Reader {
  /** Undefined on Windows. */
  readonly person: number | undefined;
  /** In a user namespace (a sandboxed systemd user unit, a rootless container) root's files belong to nobody. */
  readonly hidesOwners: boolean;
}

/** Linux's overflow uid. */
const NOBODY = 65_534;

/** @param paths in the order in which they count: the first that exists is the policy, also where it is of no use */
export async function readPolicyFile(paths: readonly string[], reader?: Reader): Promise<PolicyFile> {
  const whose = reader ?? (await currentReader());
  for (const path of paths) {
    const text = await readText(path, whose);
    if (text.kind === "absent") continue;
    return { path, ...(text.kind === "text" ? parsePolicy(text.text) : text) };
  }
  return { kind: "none" };
}

type Text =
  | { readonly kind: "absent" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "flawed"; readonly problem: string };

async function readText(path: string, reader: Reader): Promise<Text> {
  let file: FileHandle;
  try {
    // Symbolic links are followed: that is how configuration management puts a file in place. What counts is the file.
    file = await open(path, READ);
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "absent" };
    return { kind: "flawed", problem: `it cannot be read: ${code}` };
  }
  try {
    const problem = flawOf(await file.stat(), reader);
    if (problem !== undefined) return { kind: "flawed", problem };
    return { kind: "text", text: await file.readFile("utf8") };
  } catch (thrown) {
    return { kind: "flawed", problem: `it cannot be read: ${systemCode(thrown)}` };
  } finally {
    await file.close();
  }
}

/** It decides whom passwords are shown to (proxies, authorities): not for anybody who happens to have an account here. */
export function flawOf(
  stats: Pick<Stats, "isFile" | "size" | "uid" | "mode">,
  { person, hidesOwners }: Reader,
): string | undefined {
  if (!stats.isFile()) return "it is not a file";
  if (stats.size > LARGEST) return `it is larger than ${LARGEST / 1024} KB`;
  // Windows: the folder's access list decides, and Program Files is an administrator's.
  if (person === undefined) return undefined;
  const isHidden = hidesOwners && stats.uid === NOBODY;
  if (stats.uid !== 0 && stats.uid !== person && !isHidden)
    return "it belongs to somebody else than root (chown root)";
  if ((stats.mode & 0o022) !== 0) return "others may write to it (chmod go-w)";
  return undefined;
}

async function currentReader(): Promise<Reader> {
  const uidMap = await readFile("/proc/self/uid_map", "utf8").catch(() => undefined);
  return { person: process.getuid?.(), hidesOwners: uidMap !== undefined && mapsOnlySome(uidMap) };
}

/** user_namespaces(7): one line a range, of the first user inside, outside, and how many. */
export function mapsOnlySome(uidMap: string): boolean {
  return !/^\s*0\s+0\s+4294967295\s*$/.test(uidMap);
}
