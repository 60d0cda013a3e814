// Makes a fresh clone runnable: installs the locked packages, and a newer Node beside them where the
// machine's own is too old. Runs before `start`, `demo` and `test`; needs nothing but Node 20 and npm.
// Invariant: does nothing, in a few milliseconds, when what is installed already matches the lockfile.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_BESIDE = "24.21.0";
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stampFile = join(root, "node_modules", ".postern-setup");
const nodeBeside = join(root, "node_modules", "node", "package.json");

const minimum = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node.replace(">=", "");
const needsNode = isOlder(machineNode(), minimum);
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== wanted) {
  say("installing the packages that package-lock.json names (npm ci)");
  npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stampFile, wanted);
}
if (needsNode && !existsSync(nodeBeside)) {
  say(`this machine's Node is older than ${minimum}: putting Node ${NODE_BESIDE} into node_modules`);
  npm(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", `node@${NODE_BESIDE}`]);
}

/** The version of the Node that stands outside node_modules: npm puts ours in front of it on PATH. */
function machineNode() {
  if (!existsSync(nodeBeside)) return process.versions.node;
  const outside = (process.env.PATH ?? "")
    .split(process.platform === "win32" ? ";" : ":")
    .filter((folder) => !folder.includes("node_modules"))
    .join(process.platform === "win32" ? ";" : ":");
  const asked = spawnSync("node", ["--version"], {
    env: { ...process.env, PATH: outside },
    encoding: "utf8",
  });
  return asked.status === 0 ? asked.stdout.trim().replace("v", "") : "0.0.0";
}

/** Compares two dotted versions number by number. */
function isOlder(version, than) {
  const left = version.split(".").map(Number);
  const right = than.split(".").map(Number);
  for (let place = 0; place < 3; place++) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function npm(words) {
  const ran = spawnSync("npm", words, {
    cwd: root,
    // Standard output belongs to the command that follows; npm's own words go to standard error.
    stdio: ["ignore", process.stderr, process.stderr],
    shell: process.platform === "win32",
  });
  if (ran.status !== 0) {
    say(
      `npm ${words.join(" ")} failed. Check that the npm registry can be reached, then run the same command again.`,
    );
    process.exit(1);
  }
}

function say(sentence) {
  process.stderr.write(`setup: ${sentence}\n`);
}
