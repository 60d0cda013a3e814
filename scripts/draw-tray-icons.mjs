// Draws the tray's icons into electron/icons/: ● working, ▲ attention, ○ offline, ■ blocked, for 16 px and up. Run it after a
// change and commit what it draws: `node scripts/draw-tray-icons.mjs`.
// Invariant: told apart by shape alone, also in one colour (macOS's template images) and on dark and light panels.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "electron", "icons");
/** Samples along each side of a pixel. */
const SAMPLES = 8;
/** Around the shape, so that it stands out from a panel of its own colour; in parts of the icon's width. */
const RIM = 0.06;

/** How far a point lies outside the shape's edge; negative inside. The icon is one unit wide, with its middle at 0, 0. */
const SHAPES = {
  working: (x, y) => Math.hypot(x, y) - 0.4,
  attention: (x, y) => triangle(x, y),
  offline: (x, y) => Math.abs(Math.hypot(x, y) - 0.32) - 0.085,
  blocked: (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.36,
};
const COLOURS = {
  working: [0x1f, 0x9d, 0x6b],
  attention: [0xe8, 0x9a, 0x00],
  offline: [0x8a, 0x8f, 0x98],
  blocked: [0xd0, 0x38, 0x3b],
};
const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];

/** Point upwards; plain, since at 16 px an exclamation mark in it would be a smudge. */
function triangle(x, y) {
  const base = y - 0.36;
  const side = (Math.abs(x) * 0.9 - (y + 0.44) * 0.5) / Math.hypot(0.9, 0.5);
  return Math.max(base, side);
}

await mkdir(folder, { recursive: true });
for (const name of Object.keys(SHAPES)) {
  const coloured = (size) => formatPng(size, draw(name, size, COLOURS[name], true));
  const template = (size) => formatPng(size, draw(name, size, BLACK, false));
  await Promise.all([
    writeFile(join(folder, `${name}.png`), coloured(32)),
    writeFile(join(folder, `${name}Template.png`), template(16)),
    writeFile(join(folder, `${name}Template@2x.png`), template(32)),
    writeFile(join(folder, `${name}.ico`), formatIco([16, 24, 32, 48].map((size) => [size, coloured(size)]))),
  ]);
}

/** RGBA octets, row by row. */
function draw(name, size, colour, hasRim) {
  const pixels = Buffer.alloc(size * size * 4);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let inside = 0;
      let rim = 0;
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const x = (column + ((sample % SAMPLES) + 0.5) / SAMPLES) / size - 0.5;
        const y = (row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / size - 0.5;
        const distance = SHAPES[name](x, y);
        if (distance <= 0) inside += 1;
        else if (hasRim && distance <= RIM) rim += 1;
      }
      const covered = inside + rim;
      if (covered === 0) continue;
      const place = (row * size + column) * 4;
      for (let channel = 0; channel < 3; channel++) {
        pixels[place + channel] = Math.round((colour[channel] * inside + WHITE[channel] * rim) / covered);
      }
      pixels[place + 3] = Math.round((255 * covered) / SAMPLES ** 2);
    }
  }
  return pixels;
}

/** PNG (ISO 15948): 8 bit RGBA, no filter. */
function formatPng(size, pixels) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Array.from({ length: size }, (_, row) =>
    Buffer.concat([Buffer.from([0]), pixels.subarray(row * size * 4, (row + 1) * size * 4)]),
  );
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** An icon file with a PNG for each size. */
function formatIco(images) {
  const header = Buffer.alloc(6 + 16 * images.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(images.length, 4);
  let offset = header.length;
  images.forEach(([size, png], index) => {
    const entry = 6 + 16 * index;
    header.set([size, size, 0, 0, 1, 0, 32, 0], entry);
    header.writeUInt32LE(png.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += png.length;
  });
  return Buffer.concat([header, ...images.map(([, png]) => png)]);
}
