// What a rig of real sockets stands on: a certificate authority for the whole file, and an end for whatever a test opened.
import { afterEach, beforeAll } from "vitest";
import { createTestAuthority, type TestAuthority } from "./authority.ts";
import { trustInThisProcess } from "./trust.ts";

export interface Stage {
  /** Trusted in this process; there from the first test on. */
  authority(): TestAuthority;
  /** Closed after the test, the last one first. */
  closeAfterTest(close: () => Promise<unknown>): void;
}

/** Call it once in a test file. */
export function prepareStage(): Stage {
  let authority: TestAuthority;
  let open: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    authority = await createTestAuthority();
    trustInThisProcess(authority);
  });
  afterEach(async () => {
    const closing = open.reverse();
    open = [];
    for (const close of closing) await close();
  });
  return { authority: () => authority, closeAfterTest: (close) => void open.push(close) };
}
