import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRefreshLock } from "../../../../src/oauth/token/refresh-lock.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createTemporaryFolder } from "../../../support/temporary-folder.ts";

function start() {
  const folder = createTemporaryFolder();
  const clock = createFakeClock();
  const lock = createRefreshLock(folder, clock);
  /** As if another living process held it; without a start time its number alone decides. */
  const hold = (accountId: string): void =>
    writeFileSync(join(folder, `${accountId}.lock`), JSON.stringify({ processId: process.ppid }));
  const letGo = (accountId: string): void => rmSync(join(folder, `${accountId}.lock`));
  /** Lets time pass until `work` has ended; the disk needs turns of the event loop in between. */
  const until = async <T>(work: Promise<T>): Promise<T> => {
    const over = { yet: false };
    void work.then(
      () => {
        over.yet = true;
      },
      () => {
        over.yet = true;
      },
    );
    while (!over.yet) await clock.advance(100);
    return work;
  };
  return { folder, clock, lock, hold, letGo, until };
}

describe("the refresh lock", () => {
  test("is held during the work and given back after it, also after a failure", async () => {
    const { folder, lock } = start();
    expect(await lock.during("a", async () => readdirSync(folder))).toEqual(["a.lock"]);
    await expect(lock.during("a", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("waits until another process has finished", async () => {
    const { clock, lock, hold, letGo, until } = start();
    hold("a");
    let worked = false;
    const working = lock.during("a", async () => {
      worked = true;
    });
    await clock.advance(1000);
    expect(worked).toBe(false);
    letGo("a");
    await until(working);
    expect(worked).toBe(true);
  });

  test("does not wait for another account's", async () => {
    const { lock, hold } = start();
    hold("a");
    expect(await lock.during("b", async () => "done")).toBe("done");
  });

  test("gives up after the time that one refresh can take, without having worked", async () => {
    const { lock, hold, until } = start();
    hold("a");
    let worked = false;
    const failure = await until(
      failureOf(
        lock.during("a", async () => {
          worked = true;
        }),
      ),
    );
    expect([failure.code, failure.temporary, failure.detail]).toEqual([
      "refresh-elsewhere",
      true,
      `process ${process.ppid}`,
    ]);
    expect(worked).toBe(false);
  });

  test("cannot be had where its folder is gone, and the work is not done", async () => {
    const { folder, lock } = start();
    rmSync(folder, { recursive: true });
    expect((await failureOf(lock.during("a", async () => {}))).code).toBe("refresh-elsewhere");
  });
});
