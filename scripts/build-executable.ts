// Builds the single executable: `postern` (or postern.exe) with Node, the program and the window's page in it, and the
// keychain's addon beside it, in dist-executable/. Behind `npm run build`, on the system that it is for: the Node that runs
// this script becomes the executable. On macOS it is signed ad hoc, so that it runs; electron-builder signs it again.
// `--universal OTHER` on macOS joins it with an executable that was built on the other kind of processor.
// Invariant: nothing of the machine that builds it is needed where it runs; Linux asks for libsecret, to reach a keyring.
// Not run so far: the parts for macOS and Windows.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { parseArgs } from "node:util";
import { inject } from "postject";
import { build } from "vite";

const ROOT = join(import.meta.dirname, "..");
const PAGE = join(ROOT, "dist", "page");
const PREBUILDS = join(ROOT, "node_modules", "keytar", "prebuilds");
/** node:sea looks for this, followed by ":0", and takes ":1" to mean that there is a program in it. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
const isMac = process.platform === "darwin";

const { folder, universal } = parseArgs({
  options: {
    folder: { type: "string", default: join(ROOT, "dist-executable") },
    universal: { type: "string" },
  },
}).values;
const work = join(folder, "work");
const executable = join(folder, process.platform === "win32" ? "postern.exe" : "postern");
const addon = join(folder, "keytar.node");

await rm(folder, { recursive: true, force: true });
await mkdir(work, { recursive: true });
await bundleProgram();
await makeExecutable();
await (universal === undefined ? copyFile(addonFor(process.arch), addon) : joinProcessors(universal));
if (isMac) for (const file of [addon, executable]) run("codesign", ["--force", "--sign", "-", file]);
await rm(work, { recursive: true });

/** The program as one CommonJS file: a single executable takes no other. */
async function bundleProgram(): Promise<void> {
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "warn",
    define: { __POSTERN_CLIENT_IDS__: process.env.POSTERN_CLIENT_IDS ?? "{}" },
    // Whereas the package is installed with some packages, the executable has nothing beside it but keytar's addon.
    ssr: { noExternal: true },
    build: {
      ssr: "src/cli/main.ts",
      target: "node24",
      outDir: work,
      emptyOutDir: false,
      minify: false,
      rollupOptions: { output: { format: "cjs", entryFileNames: "postern.cjs", codeSplitting: false } },
    },
  });
}

/** A copy of this Node, without its signature and with the program in it. */
async function makeExecutable(): Promise<void> {
  const configuration = join(work, "sea.json");
  const blob = join(work, "sea.blob");
  const settings = {
    main: join(work, "postern.cjs"),
    output: blob,
    disableExperimentalSEAWarning: true,
    // Compiled while it is built, so that it starts sooner.
    useCodeCache: true,
    assets: pageAssets(),
  };
  await writeFile(configuration, JSON.stringify(settings));
  run(process.execPath, ["--experimental-sea-config", configuration]);
  await copyFile(process.execPath, executable);
  await chmod(executable, 0o755);
  // A signature over other octets is worse than none.
  if (isMac) run("codesign", ["--remove-signature", executable]);
  await inject(executable, "NODE_SEA_BLOB", await readFile(blob), {
    sentinelFuse: FUSE,
    ...(isMac ? { machoSegmentName: "NODE_SEA" } : {}),
  });
}

/** The window's page, by the names that src/page/page-files.ts asks for. */
function pageAssets(): Readonly<Record<string, string>> {
  const names = globSync("**/*.*", { cwd: PAGE }).map((name) => name.split(sep).join("/"));
  if (!names.includes("index.html")) throw new Error(`${PAGE} has no page: npm run build`);
  return Object.fromEntries(names.map((name) => [`page/${name}`, join(PAGE, name)]));
}

/** Program and page in both are the same; Node and the addon are there for each kind of processor. */
async function joinProcessors(other: string): Promise<void> {
  const joined = join(work, "joined");
  run("lipo", ["-create", executable, other, "-output", joined]);
  await rename(joined, executable);
  run("lipo", ["-create", addonFor("arm64"), addonFor("x64"), "-output", addon]);
}

function addonFor(processor: string): string {
  return join(PREBUILDS, `${process.platform}-${processor}`, "keytar.node");
}

function run(program: string, words: readonly string[]): void {
  const ran = spawnSync(program, words, { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`${program} ${words.join(" ")}: ${ran.error ?? ran.stderr}`);
}
