import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { controlEndpoint, prepareHome } from "../../../src/daemon/home.ts";
import { locateHome } from "../../../src/installation/home.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

const homeAt = (folder: string) => locateHome({ POSTERN_HOME: folder });
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe.skipIf(process.platform === "win32")("preparing the home", () => {
  test("makes its folders for their owner only, whatever the umask", async () => {
    const home = homeAt(join(createTemporaryFolder(), "new", "home"));
    const before = process.umask(0);
    try {
      await prepareHome(home);
    } finally {
      process.umask(before);
    }
    expect([modeOf(home.folder), modeOf(home.journalFolder)]).toEqual([0o700, 0o700]);
  });

  test("closes one that others could read", async () => {
    const home = homeAt(join(createTemporaryFolder(), "home"));
    mkdirSync(home.folder);
    chmodSync(home.folder, 0o755);
    await prepareHome(home);
    expect(modeOf(home.folder)).toBe(0o700);
  });

  test.each([0o770, 0o720, 0o777, 0o702, 0o1777])(
    "refuses one that others could write to, since they may have done so: %o",
    async (mode) => {
      const home = homeAt(join(createTemporaryFolder(), "home"));
      mkdirSync(home.folder);
      chmodSync(home.folder, mode);
      expect((await failureOf(prepareHome(home))).code).toBe("home-unusable");
      expect(modeOf(home.folder)).toBe(mode & 0o777);
    },
  );

  test("refuses a file in its place", async () => {
    const home = homeAt(join(createTemporaryFolder(), "home"));
    writeFileSync(home.folder, "");
    const failure = await failureOf(prepareHome(home));
    expect(failure.code).toBe("home-unusable");
    expect(failure.detail).toContain(home.folder);
  });
});

describe.skipIf(process.platform === "win32")("the control socket", () => {
  test("is in the home", async () => {
    const home = homeAt("/short");
    expect(await controlEndpoint(home, "nonce")).toBe("/short/control.sock");
  });

  test("is in a closed folder of its own where the home's path is too long for a socket", async () => {
    const long = homeAt(join(createTemporaryFolder(), "l".repeat(100)));
    const endpoint = await controlEndpoint(long, "nonce");
    onTestFinished(() => rmSync(dirname(endpoint), { recursive: true }));
    expect(Buffer.byteLength(endpoint)).toBeLessThanOrEqual(103);
    expect(dirname(dirname(endpoint))).toBe(tmpdir());
    expect(modeOf(dirname(endpoint))).toBe(0o700);
    expect(await controlEndpoint(long, "another nonce")).toBe(endpoint);
    const other = await controlEndpoint(homeAt(`${long.folder}x`), "nonce");
    onTestFinished(() => rmSync(dirname(other), { recursive: true }));
    expect(other).not.toBe(endpoint);
  });

  test("is refused where somebody has opened that folder to others", async () => {
    const long = homeAt(join(createTemporaryFolder(), "l".repeat(100)));
    const folder = dirname(await controlEndpoint(long, "nonce"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    chmodSync(folder, 0o777);
    expect((await failureOf(controlEndpoint(long, "nonce"))).code).toBe("home-unusable");
  });

  test("is refused where a symbolic link is in that folder's place, and nothing behind it is touched", async () => {
    const long = homeAt(join(createTemporaryFolder(), "l".repeat(100)));
    const folder = dirname(await controlEndpoint(long, "nonce"));
    rmSync(folder, { recursive: true });
    onTestFinished(() => rmSync(folder, { force: true }));
    const elsewhere = join(createTemporaryFolder(), "ours, but for something else");
    mkdirSync(elsewhere);
    chmodSync(elsewhere, 0o755);
    symlinkSync(elsewhere, folder);
    expect((await failureOf(controlEndpoint(long, "nonce"))).code).toBe("home-unusable");
    expect(modeOf(elsewhere)).toBe(0o755);
  });
});
