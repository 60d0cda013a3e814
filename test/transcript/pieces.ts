// In what pieces a text goes out: as a whole, cut at random places, or octet by octet.
import { createHash } from "node:crypto";

/** Cuts octets into the pieces in which they are sent. */
export type Cut = (octets: Buffer) => readonly Buffer[];

export const inOnePiece: Cut = (octets) => [octets];

/** Longer texts are sent octet by octet at both ends only: every octet of theirs in between is like its neighbour. */
const EDGE = 200;

export const octetByOctet: Cut = (octets) => {
  const places = Array.from({ length: octets.length }, (_, place) => place);
  return cutAt(
    octets,
    places.filter((place) => place < EDGE || place > octets.length - EDGE),
  );
};

/** Cuts at up to eight random places. The same seed gives the same places. */
export function atRandom(seed: string): Cut {
  const random = createRandom(seed);
  return (octets) => {
    const count = 1 + Math.floor(random() * 8);
    const places = Array.from({ length: count }, () => Math.floor(random() * octets.length));
    return cutAt(octets, places);
  };
}

/** Numbers from 0 to 1 (mulberry32). */
function createRandom(seed: string): () => number {
  let state = createHash("sha256").update(seed).digest().readUInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function cutAt(octets: Buffer, places: readonly number[]): Buffer[] {
  const bounds = [...new Set([0, ...places, octets.length])].sort((left, right) => left - right);
  return bounds.slice(1).map((end, index) => octets.subarray(bounds[index], end));
}
