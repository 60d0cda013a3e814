// The keychain of the operating system: values of any length in entries of limited size, replaced as a whole.
//
// A value is cut into chunks, written under a new generation, read back, and made current by one small head entry that
// names generation, chunks, digest and predecessor. Invariant: a crash at any moment leaves the old head with the old
// chunks or the new head with the new ones; nothing is ever looked for by listing the store.
import { createHash } from "node:crypto";
import { z } from "zod";
import { PosternError } from "../../errors/postern-error.ts";
import {
  type EntryName,
  formatEntryName,
  type Generation,
  type Keychain,
  keychainValue,
} from "./keychain.ts";
import type { PasswordStore } from "./password-store.ts";
import { createQueue } from "./queue.ts";

const storedSchema = z.strictObject({
  generation: z.int().positive(),
  chunks: z.int().min(1).max(1000),
  /** The first 16 hexadecimal digits of the value's SHA-256: finds a store that loses writes, tells nothing. */
  digest: z.string().length(16),
});
const headSchema = z.strictObject({
  version: z.literal(1),
  current: storedSchema,
  predecessor: storedSchema.optional(),
  /** Chunks that may still lie there if the program ended while it was deleting them. */
  obsolete: z.strictObject({ generation: z.int().positive(), chunks: z.int().min(1).max(1000) }).optional(),
});
type Stored = z.infer<typeof storedSchema>;
type Head = z.infer<typeof headSchema>;

/** Code points a chunk: at most 2,400 bytes in UTF-8 and in UTF-16, below Windows' limit of 2,560 (wincred.h). */
const CHUNK = 600;
/** Exists as soon as anything does. On Linux a locked keyring answers like an empty one; its absence gives that away. */
const MARK = "in-use";

/**
 * @param store one call at a time (`oneAtATime`)
 * @param holdsEntries whether something has been stored here before, as far as Postern's own files know
 */
export function createOsKeychain(store: PasswordStore, holdsEntries: () => boolean): Keychain {
  /** One operation at a time: each is several calls that belong together. */
  const inTurn = createQueue();

  const headName = (name: EntryName): string => formatEntryName(name);
  const chunkName = (name: EntryName, generation: number, place: number): string =>
    `${formatEntryName(name)}:${generation}:${place}`;

  async function readHead(name: EntryName): Promise<Head | undefined> {
    const text = await store.get(headName(name));
    if (text === null) return undefined;
    const head = headSchema.safeParse(parseJson(text));
    if (!head.success) throw new PosternError("keychain-damaged", { detail: "a head entry" });
    return head.data;
  }

  async function readValue(name: EntryName, stored: Stored): Promise<Generation | undefined> {
    const chunks: string[] = [];
    for (let place = 0; place < stored.chunks; place++) {
      const chunk = await store.get(chunkName(name, stored.generation, place));
      if (chunk === null) return undefined;
      chunks.push(chunk);
    }
    const value = chunks.join("");
    return digestOf(value) === stored.digest
      ? { number: stored.generation, value: keychainValue(value) }
      : undefined;
  }

  async function removeChunks(
    name: EntryName,
    stored: { generation: number; chunks: number },
  ): Promise<void> {
    for (let place = 0; place < stored.chunks; place++)
      await store.remove(chunkName(name, stored.generation, place));
  }

  /** A locked keyring that answers like an empty one is told from an empty one. */
  async function refuseLocked(): Promise<void> {
    // Asked in any case: the answer also shows whether there is a keychain at all.
    const mark = await store.get(MARK);
    if (mark === null && holdsEntries()) throw new PosternError("keychain-locked");
  }

  async function writeHead(name: EntryName, head: Head): Promise<void> {
    await store.set(headName(name), JSON.stringify(head));
  }

  return {
    kind: "os",

    check: () => inTurn(refuseLocked),

    prepare: () => inTurn(() => store.set(MARK, "1")),

    read: (name) =>
      inTurn(async () => {
        const head = await readHead(name);
        if (head === undefined) {
          await refuseLocked();
          return undefined;
        }
        const predecessor = head.predecessor && (await readValue(name, head.predecessor));
        const current = await readValue(name, head.current);
        if (current !== undefined) return { current, predecessor };
        // The head is there and its value is not: deleted by hand, or lost by the system.
        throw new PosternError("keychain-damaged", { detail: `generation ${head.current.generation}` });
      }),

    replace: (name, value) =>
      inTurn(async () => {
        // A new sign-in replaces a damaged entry.
        const before = await readHead(name).catch(unlessDamaged);
        if (before === undefined) await refuseLocked();
        await store.set(MARK, "1");
        const text = value.reveal();
        const chunks = text.match(new RegExp(`.{1,${CHUNK}}`, "gsu")) ?? [];
        const current: Stored = {
          generation: (before?.current.generation ?? 0) + 1,
          chunks: chunks.length,
          digest: digestOf(text),
        };
        for (const [place, chunk] of chunks.entries()) {
          await store.set(chunkName(name, current.generation, place), chunk);
        }
        if ((await readValue(name, current)) === undefined) {
          throw new PosternError("keychain-failed", { detail: "what was written could not be read back" });
        }
        const obsolete = before?.predecessor;
        await writeHead(name, {
          version: 1,
          current,
          ...(before === undefined ? {} : { predecessor: before.current }),
          ...(obsolete === undefined
            ? {}
            : { obsolete: { generation: obsolete.generation, chunks: obsolete.chunks } }),
        });
        // From here on the new value is safe; what is left over does no harm.
        for (const old of [obsolete, before?.obsolete]) {
          if (old !== undefined) await removeChunks(name, old).catch(() => {});
        }
        return current.generation;
      }),

    dropPredecessor: (name) =>
      inTurn(async () => {
        const head = await readHead(name);
        if (head?.predecessor === undefined) return;
        const { generation, chunks } = head.predecessor;
        await writeHead(name, { version: 1, current: head.current, obsolete: { generation, chunks } });
        await removeChunks(name, head.predecessor);
      }),

    remove: (name) =>
      inTurn(async () => {
        const head = await readHead(name).catch(unlessDamaged);
        if (head !== undefined) {
          for (const old of [head.current, head.predecessor, head.obsolete]) {
            if (old !== undefined) await removeChunks(name, old);
          }
        }
        // Last, so that an interrupted removal can be finished by doing it again.
        await store.remove(headName(name));
      }),
  };
}

/** A damaged entry may be replaced and removed like any other. */
function unlessDamaged(thrown: unknown): undefined {
  if (thrown instanceof PosternError && thrown.code === "keychain-damaged") return undefined;
  throw thrown;
}

function digestOf(value: string): string {
  return createHash("sha256").update(value, "utf8").digest("hex").slice(0, 16);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
