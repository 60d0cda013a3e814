// The npm package: packed, installed into an empty folder, and run there by the oldest and the newest Node that it is for.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { VERSION } from "../../src/installation/version.ts";
import { serveMail } from "../support/packaged-mail.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import { runProgram } from "../support/run-program.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The oldest that `engines` lets in, and the one that the project is built with. */
const NODES = ["22.19.0", "24.21.0"] as const;

describeWithRealServers("the npm package", () => {
  const folder = mkdtempSync(join(tmpdir(), "npm-package-"));
  const prefix = join(folder, "prefix");
  const program = join(prefix, "node_modules", ".bin", "postern");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(() => {
    // What is packed is what the tests' own build has made.
    const [tarball = ""] = npm("pack", "--pack-destination", folder).trim().split("\n").slice(-1);
    npm("install", "--prefix", prefix, "--omit=dev", "--prefer-offline", join(folder, tarball));
  });

  it("brings what runs and nothing that only builds: no source, no test, no React, no Electron", () => {
    const installed = readdirSync(join(prefix, "node_modules"));
    expect(installed).toEqual(expect.arrayContaining(["postern", "keytar", "imapflow", "nodemailer"]));
    expect(
      installed.filter((name) => /^(?:react|electron|vite|vitest|typescript|playwright)/.test(name)),
    ).toEqual([]);
    const own = readdirSync(join(prefix, "node_modules", "postern")).sort();
    // npm adds what `main` names, where the tray app has been built, and may put packages in there.
    expect(own.filter((name) => name !== "node_modules" && name !== "out")).toEqual([
      "LICENSE",
      "README.md",
      "dist",
      "package.json",
    ]);
    expect(existsSync(join(prefix, "node_modules", "postern", "dist", "page", "index.html"))).toBe(true);
  });

  it.for(NODES)("serves mail on Node %s", async (version, { skip }) => {
    const node = process.versions.node === version ? process.execPath : fetchNode(version);
    if (node === undefined) {
      const reason = `npm's package of Node ${version} cannot be had here`;
      process.stderr.write(`LEFT OUT: the npm package on Node ${version}: ${reason}\n`);
      return skip(reason);
    }
    const environment = { PATH: "/usr/bin:/bin" };
    const said = await runProgram(node, [program, "--version"], { environment });
    expect(said).toMatchObject({ exitCode: 0, stdout: `${VERSION}\n`, stderr: "" });
    await serveMail({ command: [node, program], keychain: "encrypted file" });
  });

  /** From npm, as the set-up script has it: a package with the binary for this system in it. */
  function fetchNode(version: string): string | undefined {
    const name = `node-linux-${process.arch}`;
    const place = join(folder, `node-${version}`);
    const words = ["install", "--prefix", place, "--no-save", "--prefer-offline", `${name}@${version}`];
    const binary = join(place, "node_modules", name, "bin", "node");
    return spawnSync("npm", words).status === 0 && existsSync(binary) ? binary : undefined;
  }
});

function npm(...words: string[]): string {
  const ran = spawnSync("npm", [...words, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (ran.status !== 0) throw new Error(`npm ${words.join(" ")}: ${ran.stderr}`);
  return ran.stdout;
}
