import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { acquireInstanceLock } from "../../../src/daemon/instance-lock.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

test("a second daemon is refused with the first one's process id, until the first has ended", async () => {
  const path = join(createTemporaryFolder(), "daemon.lock");
  const first = await acquireInstanceLock(path);
  const failure = await failureOf(acquireInstanceLock(path));
  expect(failure.code).toBe("daemon-runs-already");
  expect(failure.detail).toBe(`process ${process.pid}`);
  await first.release();
  await acquireInstanceLock(path);
});

test("a lock file that means nothing does not keep the daemon from starting", async () => {
  const path = join(createTemporaryFolder(), "daemon.lock");
  writeFileSync(path, "garbage");
  await acquireInstanceLock(path);
});

test("a home that cannot be locked is unusable, and the failure names the file", async () => {
  const path = join(createTemporaryFolder(), "gone", "daemon.lock");
  const failure = await failureOf(acquireInstanceLock(path));
  expect(failure.code).toBe("home-unusable");
  expect(failure.detail).toContain(path);
});
