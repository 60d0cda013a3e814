// A document that is kept in the memory, and can refuse to be saved.
import { PosternError } from "../../src/errors/postern-error.ts";
import type { Document } from "../../src/storage/document.ts";

export interface MemoryDocument<T> extends Document<T> {
  failing: boolean;
  writes: number;
}

export function createMemoryDocument<T>(value: T): MemoryDocument<T> {
  let current = value;
  return {
    failing: false,
    writes: 0,
    damage: undefined,
    current: () => current,
    async change(edit) {
      const next = edit(current);
      await Promise.resolve();
      if (this.failing) throw new PosternError("state-not-saved");
      if (next === current) return;
      this.writes += 1;
      current = next;
    },
  };
}
