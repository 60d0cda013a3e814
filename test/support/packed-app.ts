// The tray app as electron-builder packs it, with a stand-in for Electron's own files: all that the packer looks at in them.
// Invariant: everything else is real: the archive, what lies beside it, and the fuses, which are flipped in the stand-in.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
/** Behind it: the version of the fuses, how many there are, and each as a digit (all off). */
const FUSES = Buffer.concat([
  Buffer.from("dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX"),
  Buffer.from([1, 8]),
  Buffer.from("0".repeat(8)),
]);

/** Packs what `npm run build`, `build:tray` and scripts/build-executable.ts have made. Gives the folder of the app. */
export function packApp(): string {
  const electron = mkdtempSync(join(tmpdir(), "electron-"));
  try {
    mkdirSync(join(electron, "resources"));
    mkdirSync(join(electron, "locales"));
    writeFileSync(join(electron, "locales", "en-US.pak"), "");
    writeFileSync(join(electron, "electron"), FUSES, { mode: 0o755 });
    const script = join(ROOT, "scripts", "build-installers.ts");
    const env = { ...process.env, ELECTRON_DIST: electron };
    const packed = spawnSync(process.execPath, [script, "--dir"], { env, encoding: "utf8" });
    if (packed.status !== 0) throw new Error(`${packed.stdout}${packed.stderr}`);
  } finally {
    rmSync(electron, { recursive: true });
  }
  return join(ROOT, "dist-installers", "linux-unpacked");
}
