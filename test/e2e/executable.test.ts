// The single executable, run in an empty folder without Node on PATH, and the installers' contents, which carry it.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { listPackage } from "@electron/asar";
import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../../src/installation/version.ts";
import { serveMail } from "../support/packaged-mail.ts";
import { packApp } from "../support/packed-app.ts";
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
    const ran = spawnSync(process.execPath, [script], { encoding: "utf8" });
    expect(ran, ran.stderr).toMatchObject({ status: 0 });
    // Nothing around it that it could find by chance.
    cpSync(join(ROOT, "dist-executable"), built, { recursive: true });
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

  describe("in an installer", () => {
    let app: string;
    beforeAll(() => {
      const tray = spawnSync("npm", ["run", "--silent", "build:tray"], { cwd: ROOT, encoding: "utf8" });
      expect(tray, tray.stderr).toMatchObject({ status: 0 });
      app = packApp();
    });

    it("stands beside the app with the keychain's addon, and runs from there", async () => {
      const environment = { PATH: "/nowhere" };
      const bin = join(app, "resources", "bin");
      expect(readdirSync(bin).sort()).toEqual(["keytar.node", "postern"]);
      const version = await runProgram(join(bin, "postern"), ["--version"], { environment });
      expect(version.stdout).toBe(`${VERSION}\n`);
    });

    it("the app's archive has the main process, its icons and the page: no source, no package, no map", () => {
      const names = listPackage(join(app, "resources", "app.asar"), { isPack: false });
      const folders = new Set(names.map((name) => name.split("/")[1]));
      expect([...folders].sort()).toEqual(["dist", "out", "package.json"]);
      for (const name of ["/out/main.cjs", "/out/preload.cjs", "/out/working.png", "/dist/page/index.html"]) {
        expect(names).toContain(name);
      }
      expect(names.filter((name) => /\.(?:map|ts|tsx)$|node_modules/.test(name))).toEqual([]);
    });

    it("the fuses of Electron's binary are as threats.md B7 has them", async () => {
      const wire = await getCurrentFuseWire(join(app, "postern-tray"));
      const on = (fuse: FuseV1Options): boolean => wire[fuse] === "1".charCodeAt(0);
      expect({
        runAsNode: on(FuseV1Options.RunAsNode),
        nodeOptions: on(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
        inspect: on(FuseV1Options.EnableNodeCliInspectArguments),
        cookieEncryption: on(FuseV1Options.EnableCookieEncryption),
        asarIntegrity: on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
        onlyAsar: on(FuseV1Options.OnlyLoadAppFromAsar),
      }).toEqual({
        runAsNode: false,
        nodeOptions: false,
        inspect: false,
        cookieEncryption: true,
        asarIntegrity: true,
        onlyAsar: true,
      });
    });

    it("what is ours in it is under 150 MB compressed, as far as Electron's own files do not count", () => {
      const files = readdirSync(join(app, "resources"), { recursive: true, withFileTypes: true });
      const sizes = files
        .filter((file) => file.isFile())
        .map((file) => zstdCompressSync(readFileSync(join(file.parentPath, file.name))).length);
      const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
      expect(megabytes).toBeLessThan(150);
      // The executable alone is more than this: what was measured is there.
      expect(megabytes).toBeGreaterThan(20);
    });
  });
});
