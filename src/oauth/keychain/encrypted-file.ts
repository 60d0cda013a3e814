// The keychain for machines without one: one file, AES-256-GCM, its key from a file that the administrator provides.
// Invariant: a file that does not open is left as it is; nothing is ever written in clear.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { PosternError, systemCode } from "../../errors/postern-error.ts";
import { readOwnFile, writeDurably } from "../../storage/durable-file.ts";
import {
  type EntryName,
  formatEntryName,
  type Keychain,
  type KeychainEntry,
  type KeychainValue,
  keychainValue,
} from "./keychain.ts";
import { createQueue } from "./queue.ts";

const FORMAT = "postern-keychain";
const SHORTEST_KEY = 32;

const envelopeSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  salt: z.base64(),
  nonce: z.base64(),
  tag: z.base64(),
  ciphertext: z.base64(),
});

const generationSchema = z.strictObject({ number: z.int().positive(), value: z.string() });
const contentSchema = z.record(
  z.string(),
  z.strictObject({ current: generationSchema, predecessor: generationSchema.optional() }),
);

type Content = z.infer<typeof contentSchema>;

/**
 * @param options.path the encrypted file; made at the first write
 * @param options.keyFile text or octets, 32 or more, a trailing newline ignored
 */
export function createEncryptedFileKeychain(options: { path: string; keyFile: string }): Keychain {
  /** One operation at a time: each reads, changes and writes the whole file. */
  const inTurn = createQueue();

  async function load(): Promise<Content> {
    const key = await readKey(options.keyFile);
    let octets: Buffer | undefined;
    try {
      octets = await readOwnFile(options.path);
    } catch (thrown) {
      throw new PosternError("keychain-failed", {
        detail: `${options.path}: ${systemCode(thrown)}`,
        cause: thrown,
      });
    }
    return octets === undefined ? {} : decrypt(octets, key);
  }

  async function save(content: Content): Promise<void> {
    const key = await readKey(options.keyFile);
    try {
      await writeDurably(options.path, encrypt(content, key));
    } catch (thrown) {
      throw new PosternError("keychain-failed", {
        detail: `${options.path}: ${systemCode(thrown)}`,
        cause: thrown,
      });
    }
  }

  /** Changes one entry; undefined removes it. */
  const edit = (
    name: EntryName,
    change: (entry: Content[string] | undefined) => Content[string] | undefined,
  ): Promise<Content[string] | undefined> =>
    inTurn(async () => {
      const { [formatEntryName(name)]: before, ...others } = await load();
      const after = change(before);
      if (after !== before) {
        await save(after === undefined ? others : { ...others, [formatEntryName(name)]: after });
      }
      return after;
    });

  return {
    kind: "file",
    check: () => inTurn(async () => void (await load())),
    prepare: () => inTurn(async () => save(await load())),

    read: (name) =>
      inTurn(async () => {
        const entry = (await load())[formatEntryName(name)];
        return entry === undefined ? undefined : toEntry(entry);
      }),

    async replace(name, value) {
      const entry = await edit(name, (before) => {
        const current = { number: (before?.current.number ?? 0) + 1, value: value.reveal() };
        return before === undefined ? { current } : { current, predecessor: before.current };
      });
      return entry?.current.number ?? 0;
    },

    async dropPredecessor(name) {
      await edit(name, (before) =>
        before?.predecessor === undefined ? before : { current: before.current },
      );
    },

    async remove(name) {
      await edit(name, () => undefined);
    },
  };
}

function toEntry(stored: Content[string]): KeychainEntry {
  const wrap = (generation: { number: number; value: string }): { number: number; value: KeychainValue } => ({
    number: generation.number,
    value: keychainValue(generation.value),
  });
  return {
    current: wrap(stored.current),
    predecessor: stored.predecessor === undefined ? undefined : wrap(stored.predecessor),
  };
}

/** @throws PosternError `keychain-key-unusable` */
async function readKey(path: string): Promise<Buffer> {
  let octets: Buffer;
  try {
    octets = await readFile(path);
  } catch (thrown) {
    throw new PosternError("keychain-key-unusable", {
      detail: `${path}: ${systemCode(thrown)}`,
      cause: thrown,
    });
  }
  const trimmed = withoutTrailingNewline(octets);
  if (trimmed.length < SHORTEST_KEY) {
    throw new PosternError("keychain-key-unusable", { detail: `${path} has ${trimmed.length} bytes` });
  }
  return trimmed;
}

/** An editor's or `echo`'s newline is not part of the key: LF or CRLF. */
function withoutTrailingNewline(octets: Buffer): Buffer {
  if (octets.at(-1) !== 0x0a) return octets;
  return octets.subarray(0, octets.at(-2) === 0x0d ? -2 : -1);
}

function deriveKey(key: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, `${FORMAT} 1`, 32));
}

function encrypt(content: Content, key: Buffer): string {
  const salt = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", deriveKey(key, salt), nonce);
  cipher.setAAD(Buffer.from(`${FORMAT} 1`));
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(content), "utf8"), cipher.final()]);
  const envelope: z.infer<typeof envelopeSchema> = {
    format: FORMAT,
    version: 1,
    salt: salt.toString("base64"),
    nonce: nonce.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    ciphertext: ciphertext.toString("base64"),
  };
  return `${JSON.stringify(envelope)}\n`;
}

/** @throws PosternError `keychain-wrong-key`: a wrong key and a damaged file cannot be told apart */
function decrypt(octets: Buffer, key: Buffer): Content {
  try {
    const envelope = envelopeSchema.parse(JSON.parse(octets.toString("utf8")));
    const [salt, nonce, tag, ciphertext] = [
      Buffer.from(envelope.salt, "base64"),
      Buffer.from(envelope.nonce, "base64"),
      Buffer.from(envelope.tag, "base64"),
      Buffer.from(envelope.ciphertext, "base64"),
    ];
    const decipher = createDecipheriv("aes-256-gcm", deriveKey(key, salt), nonce, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(`${FORMAT} 1`));
    decipher.setAuthTag(tag);
    const clear = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    return contentSchema.parse(JSON.parse(clear.toString("utf8")));
  } catch {
    // The cause is left out on purpose: a parse error could quote what was decrypted.
    throw new PosternError("keychain-wrong-key");
  }
}
