// The player itself: a transcript that Postern does not keep to is an error that says where, and never hangs.
import { setDefaultCACertificates } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { createTestAuthority } from "../support/authority.ts";
import { parseTranscript } from "./format.ts";
import { parseFixedOctets } from "./octets.ts";
import { atRandom, inOnePiece, octetByOctet } from "./pieces.ts";
import { type Certificates, playTranscript } from "./player.ts";

let certificates: Certificates;

beforeAll(async () => {
  const authority = await createTestAuthority();
  const certificate = await authority.issue(["127.0.0.1"]);
  certificates = { trusted: certificate, untrusted: certificate };
  setDefaultCACertificates([authority.certificatePem]);
});

const GOOD = `# A login.
protocol: imap
L: * OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN AUTH=LOGIN] Postern ready
M: a1 NOOP
L: a1 OK Noop completed
M: a2 LOGIN alice@example.test alice-password
M: a3 NOOP
U-connect
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready
U: {tag} AUTHENTICATE XOAUTH2 {xoauth2 alice@example.test first-token}
S: {tag} OK [CAPABILITY IMAP4rev1] in
L: * CAPABILITY IMAP4rev1
L: a2 OK [CAPABILITY IMAP4rev1] Logged in
U: a3 NOOP
`;

function play(text: string, cut = inOnePiece): Promise<void> {
  return playTranscript(parseTranscript("example.txt", text), certificates, cut);
}

/** A transcript that fails by waiting. */
function playBriefly(text: string): Promise<void> {
  return playTranscript(parseTranscript("example.txt", text), certificates, inOnePiece, 1000);
}

/** The good transcript with one place changed. */
function changed(place: string, by: string): string {
  expect(GOOD).toContain(place);
  return GOOD.replace(place, () => by);
}

test("a good transcript plays in whatever pieces", async () => {
  await play(GOOD);
  await play(GOOD, atRandom("some seed"));
  await play(GOOD, octetByOctet);
});

describe("a transcript fails when", () => {
  const cases: [string, string, RegExp][] = [
    ["a listener's line differs", changed("a1 OK Noop", "a1 OK noop"), /^example\.txt:5: .*expected L/],
    ["a listener's line ends with LF alone", changed("completed", "completed\\n\\"), /^example\.txt:5: /],
    ["a listener's line is missing", changed("L: a1 OK Noop completed\n", ""), /^example\.txt:\d+: /],
    [
      "the last line of the listener is missing",
      changed("L: a2 OK [CAPABILITY IMAP4rev1] Logged in\n", ""),
      /not in the transcript, L: "a2 OK|the listener said more/,
    ],
    ["a line to the upstream server differs", changed("first-token", "another-token"), /^example\.txt:10: /],
    ["a tag is spelled out", changed("U: {tag}", "U: a1"), /^example\.txt:10: /],
    ["a line to the upstream server is missing", changed("U: a3 NOOP\n", ""), /said more upstream/],
    ["Postern connects and nobody says so", changed("U-connect\n", ""), /no U-connect/],
  ];
  for (const [what, text, message] of cases) {
    test(what, async () => {
      await expect(play(text)).rejects.toThrow(message);
      await expect(play(text, octetByOctet)).rejects.toThrow(message);
    });
  }

  test("a line is expected that never comes: within the deadline, with all that was played", async () => {
    const waiting = playBriefly(`${GOOD}L: * 1 EXISTS\n`);
    await expect(waiting).rejects.toThrow(/^example\.txt:15: [\s\S]*played so far:[\s\S]*U: "a3 NOOP/);
  });

  test("a connection is expected that never comes", async () => {
    await expect(playBriefly(`${GOOD}U-connect\n`)).rejects.toThrow(/^example\.txt:15: not over within/);
  });

  test("a token is asked for and not used", async () => {
    const head = GOOD.slice(0, GOOD.indexOf("U-connect"));
    await expect(play(head)).rejects.toThrow(/^example\.txt:/);
  });
});

describe("a file that cannot be read as a transcript", () => {
  const cases: [string, string, RegExp][] = [
    ["an unknown line", `${GOOD}X: hello\n`, /^example\.txt:15: not a line/],
    ["white space at the end of a line", `${GOOD}M: a \n`, /^example\.txt:15: white space/],
    ["a header behind the first step", `${GOOD}tls: starttls\n`, /^example\.txt:15: a header/],
    ["no protocol", changed("protocol: imap\n", ""), /protocol is not clear/],
    ["a failure that does not exist", changed("protocol: imap", "protocol: imap\nbroker: gone"), /no such/],
    ["no description", changed("# A login.\n", ""), /what it shows/],
  ];
  for (const [what, text, message] of cases) {
    test(what, () => expect(() => parseTranscript("example.txt", text)).toThrow(message));
  }
  for (const text of ["\\q", "{nothing}", "{base64 x", "{repeat 3}", "\\x0"]) {
    test(`the text ${text}`, () => expect(() => parseFixedOctets(text, { port: 1 })).toThrow(SyntaxError));
  }
});

test("pieces put together again are what was cut, and the same seed cuts the same", () => {
  const octets = Buffer.from(Array.from({ length: 1000 }, (_, place) => place % 256));
  for (const cut of [inOnePiece, octetByOctet, atRandom("a"), atRandom("b")]) {
    expect(Buffer.concat(cut(octets)).equals(octets)).toBe(true);
  }
  expect(atRandom("a")(octets)).toEqual(atRandom("a")(octets));
  expect(atRandom("a")(octets)).not.toEqual(atRandom("b")(octets));
  expect(octetByOctet(octets.subarray(0, 100))).toHaveLength(100);
});
