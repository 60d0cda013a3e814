// Draws the app's icons from build/icon.svg: PNG in the sizes of Linux, .ico for Windows, .icns for macOS. Run by hand
// when the drawing has changed, where Chromium is (it is what draws); the results are kept in the repository.
// Invariant: both containers hold PNG images, as every system that Electron runs on reads them.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "build");
const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256];
/** The types of an .icns file, each with its size in pixels; "@2x" ones have types of their own. */
const ICNS_TYPES = [
  ["icp4", 16],
  ["icp5", 32],
  ["ic07", 128],
  ["ic08", 256],
  ["ic09", 512],
  ["ic10", 1024],
  ["ic11", 32],
  ["ic12", 64],
  ["ic13", 256],
  ["ic14", 512],
];

const drawn = await draw([...new Set([...LINUX_SIZES, ...ICO_SIZES, ...ICNS_TYPES.map(([, size]) => size)])]);
await mkdir(join(folder, "icons"), { recursive: true });
for (const size of LINUX_SIZES)
  await writeFile(join(folder, "icons", `${size}x${size}.png`), drawn.get(size));
await writeFile(join(folder, "icon.png"), drawn.get(1024));
await writeFile(join(folder, "icon.ico"), formatIco(ICO_SIZES));
await writeFile(join(folder, "icon.icns"), formatIcns(ICNS_TYPES));

async function draw(sizes) {
  const svg = await readFile(join(folder, "icon.svg"), "utf8");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  const page = await browser.newPage();
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${svg}`);
  const images = new Map();
  for (const size of sizes) {
    await page.setViewportSize({ width: size, height: size });
    images.set(size, await page.screenshot({ omitBackground: true }));
  }
  await browser.close();
  return images;
}

/** A directory of 16 octets an image (0 stands for 256), and the images. */
function formatIco(sizes) {
  const header = Buffer.alloc(6 + 16 * sizes.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(sizes.length, 4);
  let offset = header.length;
  for (const [index, size] of sizes.entries()) {
    const entry = 6 + 16 * index;
    header.writeUInt8(size % 256, entry);
    header.writeUInt8(size % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4);
    header.writeUInt16LE(32, entry + 6);
    header.writeUInt32LE(drawn.get(size).length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += drawn.get(size).length;
  }
  return Buffer.concat([header, ...sizes.map((size) => drawn.get(size))]);
}

/** Each image behind its type and its length, and the whole behind "icns" and its length. */
function formatIcns(types) {
  const entries = types.map(([type, size]) => block(type, drawn.get(size)));
  return block("icns", Buffer.concat(entries));
}

function block(type, content) {
  const header = Buffer.alloc(8);
  header.write(type, "latin1");
  header.writeUInt32BE(8 + content.length, 4);
  return Buffer.concat([header, content]);
}
