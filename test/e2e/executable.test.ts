// The single executable, as installers carry it: built here, run in an empty folder without Node on PATH.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { VERSION } from "../../src/installation/version.ts";
import { serveMail } from "../support/packaged-mail.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import { runProgram } from "../support/run-program.ts";

const ROOT = resolve(import.meta.dirname, "../..");

describeWithRealServers("the single executable", () => {
  const folder = mkdtempSync(join(tmpdir(), "executable-"));
  const built = join(folder, "built");
  /** Called by a link on PATH, as packages put it there. */
  const executable = join(folder, "postern");

  beforeAll(() => {
    const script = join(ROOT, "scripts", "build-executable.ts");
    const ran = spawnSync(process.execPath, [script, "--folder", join(folder, "work")], { encoding: "utf8" });
    expect(ran, ran.stderr).toMatchObject({ status: 0 });
    // Nothing around it that it could find by chance.
    cpSync(join(folder, "work"), built, { recursive: true });
    rmSync(join(folder, "work"), { recursive: true });
    symlinkSync(join(built, "postern"), executable);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("answers without anything around it: its version, and what to do when nothing runs", async () => {
    const environment = { PATH: "/nowhere", POSTERN_HOME: join(folder, "nobody") };
    const version = await runProgram(executable, ["--version"], { environment });
    expect(version).toMatchObject({ exitCode: 0, stdout: `${VERSION}\n`, stderr: "" });
    const status = await runProgram(executable, ["status"], { environment });
    expect(status).toMatchObject({ exitCode: 3, stdout: "" });
    expect(status.stderr).toContain("postern serve");
  });

  it("serves mail with sign-ins in GNOME Keyring, and takes less than 70 MB for itself", async () => {
    const memory = await serveMail({ command: [executable], keychain: "gnome-keyring" });
    expect(memory).toBeLessThan(70);
  });

  it("says that the keychain is absent where its addon is gone, and listens all the same", async () => {
    const alone = join(folder, "alone");
    cpSync(join(built, "postern"), join(alone, "postern"));
    const environment = { PATH: "/usr/bin:/bin", POSTERN_HOME: join(folder, "without-addon") };
    const serve = runProgram(
      join(alone, "postern"),
      ["serve", "--imap-port", "0", "--smtp-port", "0", "--log-level", "silent"],
      { environment },
    );
    try {
      await expect
        .poll(async () => {
          const { stdout } = await runProgram(executable, ["status", "--json"], { environment });
          return stdout === "" ? undefined : JSON.parse(stdout).keychain?.code;
        })
        .toBe("keychain-absent");
    } finally {
      await runProgram(executable, ["stop"], { environment });
      await serve;
    }
  });

  it("carries the window's page", async () => {
    const environment = { PATH: "/usr/bin:/bin", POSTERN_HOME: join(folder, "window") };
    const { promise: page, resolve: found } = Promise.withResolvers<Response>();
    const child = spawn(executable, ["ui", "--serve", "--no-open", "--json"], { env: environment });
    child.stdout.on("data", (text: Buffer) => {
      const { url } = JSON.parse(String(text));
      found(fetch(new URL("/", url)));
    });
    const response = await page;
    expect(response.status).toBe(200);
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(await response.text())?.[1];
    const loaded = await fetch(new URL(script ?? "", response.url));
    expect(loaded.headers.get("content-type")).toContain("javascript");
    expect((await loaded.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
    child.kill("SIGTERM");
    await new Promise((ended) => child.once("close", ended));
  });
});
