// Plays every transcript over real sockets: as written, cut at random places, and octet by octet. README.md tells the
// format. A seed that failed is played again with POSTERN_TRANSCRIPT_SEED=… in the environment.
import { randomInt } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { setDefaultCACertificates } from "node:tls";
import { beforeAll, describe, test } from "vitest";
import { createTestAuthority } from "../support/authority.ts";
import { parseTranscript } from "./format.ts";
import { atRandom, inOnePiece, octetByOctet } from "./pieces.ts";
import { type Certificates, playTranscript } from "./player.ts";

const ROUNDS = 4;
const seed = process.env.POSTERN_TRANSCRIPT_SEED ?? String(randomInt(2 ** 31));
const folder = import.meta.dirname;

const transcripts = globSync("{imap,smtp}/*.txt", { cwd: folder })
  .map((file) => file.split(sep).join(posix.sep))
  .sort()
  .map((file) => parseTranscript(file, readFileSync(join(folder, file), "utf8")));

let certificates: Certificates;

beforeAll(async () => {
  const [authority, stranger] = await Promise.all([createTestAuthority(), createTestAuthority()]);
  const names = ["localhost", "127.0.0.1"];
  certificates = { trusted: await authority.issue(names), untrusted: await stranger.issue(names) };
  setDefaultCACertificates([authority.certificatePem]);
});

describe("in one piece", () => {
  for (const transcript of transcripts) {
    test(transcript.name, () => playTranscript(transcript, certificates, inOnePiece));
  }
});

describe(`cut at random places, seed ${seed}`, () => {
  for (const transcript of transcripts) {
    test(transcript.name, async () => {
      for (let round = 1; round <= ROUNDS; round++) {
        await playTranscript(transcript, certificates, atRandom(`${seed} ${transcript.name} ${round}`));
      }
    });
  }
});

describe("octet by octet", () => {
  for (const transcript of transcripts) {
    test(transcript.name, () => playTranscript(transcript, certificates, octetByOctet));
  }
});
