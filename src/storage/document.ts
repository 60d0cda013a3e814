// A versioned JSON document on the disk: configuration, state.
// Invariant: a damaged file is set aside, never overwritten; the last good copy takes its place; a file of a newer
// version is refused and left as it is; a change is in the memory only once it is on the disk.
import { createHash } from "node:crypto";
import { copyFile, readFile } from "node:fs/promises";
import type { z } from "zod";
import type { Clock } from "../clock/clock.ts";
import { PosternError, systemCode } from "../errors/postern-error.ts";
import { readOwnFile, writeDurably } from "./durable-file.ts";

/** Lifts a document of one version to the next. */
export type Migration = (old: Readonly<Record<string, unknown>>) => Record<string, unknown>;

export interface DocumentKind<T extends { readonly version: number }> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
  readonly version: T["version"];
  /** What a first start begins with. */
  readonly empty: T;
  /** By the version they start from; every version before the current one has one. */
  readonly migrations: Readonly<Record<number, Migration>>;
}

/** What was done about a damaged file. */
export interface Damage {
  readonly keptAs: string;
  readonly reason: string;
  /** "last-good": from the copy; "empty": there was no good copy. */
  readonly startedWith: "last-good" | "empty";
}

export interface Document<T> {
  current(): T;
  /** @throws PosternError `state-not-saved`; then nothing has changed, on the disk or here */
  change(edit: (current: T) => T): Promise<void>;
  readonly damage: Damage | undefined;
}

/** Of a file, in bytes: some thousand accounts or local passwords. */
const LARGEST = 1_048_576;

/** @throws PosternError `state-from-the-future`, `home-unusable` */
export async function openDocument<T extends { readonly version: number }>(
  kind: DocumentKind<T>,
  _clock: Clock,
): Promise<Document<T>> {
  const backup = `${kind.path}.last-good`;
  let damage: Damage | undefined;
  let value: T;

  const primary = await readAs(kind, kind.path);
  if (primary.kind === "good") value = primary.value;
  else {
    const copy = await readAs(kind, backup);
    value = copy.kind === "good" ? copy.value : kind.empty;
    if (primary.kind === "damaged") {
      const keptAs = await keepAside(kind.path);
      damage = { keptAs, reason: primary.reason, startedWith: copy.kind === "good" ? "last-good" : "empty" };
    } else if (copy.kind === "good") {
      damage = { keptAs: backup, reason: `${kind.path} is missing`, startedWith: "last-good" };
    }
  }

  let queue: Promise<void> = Promise.resolve();
  const save = async (next: T): Promise<void> => {
    const text = `${JSON.stringify(next, null, 2)}\n`;
    try {
      kind.schema.parse(next);
      // What could not be read back must not be written.
      if (Buffer.byteLength(text) > LARGEST)
        throw new PosternError("state-not-saved", { detail: "too large" });
      await writeDurably(kind.path, text);
    } catch (thrown) {
      throw new PosternError("state-not-saved", {
        detail: `${kind.path}: ${systemCode(thrown) ?? "not valid"}`,
        cause: thrown,
      });
    }
    value = next;
    // The copy is a second chance, not a promise: the change is saved whether or not it can be made.
    await writeDurably(backup, text).catch(() => {});
  };

  return {
    current: () => value,
    change(edit) {
      const saved = queue.then(() => {
        const next = edit(value);
        return next === value ? undefined : save(next);
      });
      queue = saved.catch(() => {});
      return saved;
    },
    damage,
  };
}

type Read<T> =
  | { readonly kind: "good"; readonly value: T }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly reason: string };

async function readAs<T extends { readonly version: number }>(
  kind: DocumentKind<T>,
  path: string,
): Promise<Read<T>> {
  let octets: Buffer | undefined;
  try {
    octets = await readOwnFile(path);
  } catch (thrown) {
    throw new PosternError("home-unusable", { detail: `${path}: ${systemCode(thrown)}`, cause: thrown });
  }
  if (octets === undefined) return { kind: "absent" };
  if (octets.length > LARGEST) return { kind: "damaged", reason: "it is too large" };
  let json: unknown;
  try {
    json = JSON.parse(octets.toString("utf8").replace(/^\uFEFF/, ""));
  } catch {
    return { kind: "damaged", reason: "it is not JSON" };
  }
  if (typeof json !== "object" || json === null || !("version" in json) || typeof json.version !== "number") {
    return { kind: "damaged", reason: "it has no version" };
  }
  if (json.version > kind.version) {
    throw new PosternError("state-from-the-future", { detail: `${path} has version ${json.version}` });
  }
  let migrated: unknown;
  try {
    migrated = migrate(kind, json as Record<string, unknown> & { version: number });
  } catch {
    return { kind: "damaged", reason: `it cannot be lifted from version ${json.version}` };
  }
  const parsed = kind.schema.safeParse(migrated);
  if (parsed.success) return { kind: "good", value: parsed.data };
  const issue = parsed.error.issues[0];
  return { kind: "damaged", reason: `${issue?.path.join(".") || "it"}: ${issue?.message ?? "not valid"}` };
}

function migrate<T extends { readonly version: number }>(
  kind: DocumentKind<T>,
  json: Record<string, unknown> & { version: number },
): Record<string, unknown> {
  let document: Record<string, unknown> = json;
  for (let version = json.version; version < kind.version; version++) {
    const lift = kind.migrations[version];
    if (lift === undefined) break;
    document = { ...lift(document), version: version + 1 };
  }
  return document;
}

/** Copies a damaged file to a name of its own: the same content to the same name, so that copies do not pile up. */
async function keepAside(path: string): Promise<string> {
  const content = await readFile(path);
  const keptAs = `${path}.damaged-${createHash("sha256").update(content).digest("hex").slice(0, 12)}`;
  await copyFile(path, keptAs);
  return keptAs;
}
