// Remembers on the disk that a refresh token is on its way to the server, so that the next start knows of an
// interrupted refresh (oauth.md §4, step 4). Invariant: the mark is on the disk before the request leaves.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { flushFolder, readOwnFile, writeDurably } from "../../storage/durable-file.ts";

export interface RefreshJournal {
  /** Marks that this generation is being sent. */
  begin(accountId: string, generation: number): Promise<void>;
  /** The outcome is known and stored. */
  clear(accountId: string): Promise<void>;
  /** The generation that was being sent when the program ended, if it ended then. */
  interrupted(accountId: string): Promise<number | undefined>;
}

/** @param folder exists and belongs to nobody else */
export function createRefreshJournal(folder: string): RefreshJournal {
  const fileOf = (accountId: string): string => join(folder, `${accountId}.json`);
  return {
    async begin(accountId, generation) {
      await writeDurably(fileOf(accountId), `${JSON.stringify({ generation })}\n`);
    },
    async clear(accountId) {
      await rm(fileOf(accountId), { force: true });
      await flushFolder(folder);
    },
    async interrupted(accountId) {
      if (!(await readdir(folder)).includes(`${accountId}.json`)) return undefined;
      const text = (await readOwnFile(fileOf(accountId)))?.toString("utf8") ?? "";
      const generation = Number(/"generation":(\d{1,15})/.exec(text)?.[1]);
      return Number.isInteger(generation) ? generation : undefined;
    },
  };
}
