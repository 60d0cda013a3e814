// Plays a transcript: is the mail program and the upstream server, each on a real socket, and holds Postern to its lines.
// Invariants: a line that is missing, extra or different is an error, and so is an octet more than the last line; nothing
// waits for ever; the error tells what was played so far.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { IssuedCertificate } from "../support/authority.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";
import { closedPort, type ScriptedConnection, startScriptedServer } from "../support/scripted-server.ts";
import type { Act, Speaker, Step, StepLine, Transcript } from "./format.ts";
import { type Piece, parseOctets, withTag } from "./octets.ts";
import type { Cut } from "./pieces.ts";
import { startPosternUnderTest } from "./postern-under-test.ts";

/** The certificates of the upstream server: one that Postern trusts, and one that it must not. */
export interface Certificates {
  readonly trusted: IssuedCertificate;
  readonly untrusted: IssuedCertificate;
}

/** How long a transcript may take, in milliseconds, unless told otherwise. */
const DEADLINE = 10_000;
/** Sender and reader share one event loop, so what is written is read within this many turns of it. */
const TURNS = 3;
/** A tag of Postern's: made anew for each connection, then counted. */
const TAG = /P[0-9a-f]{8}\.[1-9]\d*/;

/**
 * @param cut in what pieces the mail program's and the upstream server's octets are sent
 * @throws Error that names the line of the file, what came instead, and what was played before
 */
export async function playTranscript(
  transcript: Transcript,
  certificates: Certificates,
  cut: Cut,
  deadline = DEADLINE,
): Promise<void> {
  const arrivals = createArrivals();
  const over = Promise.withResolvers<void>();
  const server = await startScriptedServer({
    ...(transcript.tls === "implicit" ? { tls: upstreamCertificate(transcript, certificates) } : {}),
    async script(connection) {
      arrivals.add(connection);
      await over.promise;
    },
  });
  const upstreamPort = transcript.upstream === "down" ? await closedPort() : server.port;
  const postern = await startPosternUnderTest(transcript, upstreamPort);
  const mua = await connectMua(postern.port);
  const stage: Stage = {
    transcript,
    certificate: upstreamCertificate(transcript, certificates),
    cut,
    listenerPort: postern.port,
    upstreamPort,
    arrivals,
    played: [],
    mua,
    upstream: undefined,
    connections: 0,
    lineNumber: 0,
  };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not over within ${deadline} ms`)), deadline);
  try {
    const playing = playSteps(stage).then(() => expectNothingMore(stage));
    // Whatever still waits when the deadline has passed ends with the sockets.
    playing.catch(() => {});
    await Promise.race([playing, late.promise]);
    const [bug] = postern.bugs;
    if (bug !== undefined) throw new Error("Postern met a bug of its own", { cause: bug });
    expectTokenRequests(stage, postern.tokenRequests());
  } catch (thrown) {
    throw explain(stage, thrown);
  } finally {
    clearTimeout(timer);
    over.resolve();
    stage.mua.client.socket.destroy();
    await Promise.all([server.close(), postern.close()]);
  }
}

/** Everything that a step may need. */
interface Stage {
  readonly transcript: Transcript;
  readonly certificate: IssuedCertificate;
  readonly cut: Cut;
  readonly listenerPort: number;
  readonly upstreamPort: number;
  /** Postern's connections to the upstream server, TLS and all. */
  readonly arrivals: Arrivals;
  /** For the error: what happened, one line each. */
  readonly played: string[];
  mua: Mua;
  /** The upstream connection that U and S speak on: the newest. */
  upstream: Upstream | undefined;
  /** How many upstream connections the transcript has spoken of. */
  connections: number;
  /** Of the file: where the play is. */
  lineNumber: number;
}

interface Arrivals {
  readonly connections: readonly ScriptedConnection[];
  add(connection: ScriptedConnection): void;
  /** Ends our direction of all of them, and of those that come later. */
  end(): void;
  /** The connection at this place, counted from 0, once it is there. */
  at(place: number): Promise<ScriptedConnection>;
}

function createArrivals(): Arrivals {
  const connections: ScriptedConnection[] = [];
  let news = Promise.withResolvers<void>();
  let ended = false;
  return {
    connections,
    add(connection) {
      connections.push(connection);
      if (ended) connection.end();
      news.resolve();
      news = Promise.withResolvers();
    },
    end() {
      ended = true;
      for (const connection of connections) connection.end();
    },
    async at(place) {
      for (;;) {
        const connection = connections[place];
        if (connection !== undefined) return connection;
        await news.promise;
      }
    },
  };
}

interface Mua {
  readonly client: RawClient;
  /** How many octets from the listener have been expected and come. */
  heard: number;
  /** The connection was reset by either side. */
  left: boolean;
}

interface Upstream {
  readonly connection: ScriptedConnection;
  heard: number;
  /** The tags that Postern has used on this connection. */
  readonly tags: string[];
}

function upstreamCertificate(transcript: Transcript, certificates: Certificates): IssuedCertificate {
  return transcript.upstream === "untrusted" ? certificates.untrusted : certificates.trusted;
}

async function connectMua(port: number): Promise<Mua> {
  return { client: await connectRaw(port, { allowHalfOpen: true }), heard: 0, left: false };
}

async function playSteps(stage: Stage): Promise<void> {
  for (const step of stage.transcript.steps) {
    stage.lineNumber = lineNumberOf(step);
    if (step.kind === "says") await playLines(stage, step.speaker, step.lines);
    else {
      await ACTIONS[step.kind](stage);
      stage.played.push(step.kind);
    }
  }
}

function playLines(stage: Stage, speaker: Speaker, lines: readonly StepLine[]): Promise<void> {
  switch (speaker) {
    case "M":
    case "S":
      return say(stage, speaker, lines);
    case "L":
    case "U":
      return hear(stage, speaker, lines);
  }
}

/** Sends lines, but not before everything that was said to us has been part of the transcript. */
async function say(stage: Stage, speaker: "M" | "S", lines: readonly StepLine[]): Promise<void> {
  expectSilence(stage);
  const octets = Buffer.concat(
    lines.map(({ text }) => withTag(piecesOf(stage, text), stage.upstream?.tags.at(-1) ?? "{tag}")),
  );
  stage.played.push(`${speaker}: ${show(octets)}`);
  const pieces = stage.cut(octets);
  for (const piece of pieces) {
    if (speaker === "M") stage.mua.client.write(piece);
    else await upstreamOf(stage).connection.write(piece);
    if (pieces.length > 1) for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  }
}

async function hear(stage: Stage, speaker: "L" | "U", lines: readonly StepLine[]): Promise<void> {
  for (const { lineNumber, text } of lines) {
    stage.lineNumber = lineNumber;
    const expected = piecesOf(stage, text);
    try {
      const heard = await (speaker === "L" ? hearListener : hearPostern)(stage, expected);
      stage.played.push(`${speaker}: ${show(heard)}`);
    } catch (thrown) {
      const wanted = show(withTag(expected, "{tag}"));
      throw new Error(`expected ${speaker}: ${wanted}\n      but: ${messageOf(thrown)}`);
    }
  }
}

async function hearListener({ mua }: Stage, expected: readonly Piece[]): Promise<Buffer> {
  const wanted = withTag(expected, "{tag}");
  // A whole line is read as one, so that a wrong one is seen when it is there.
  const pattern = isLine(wanted) ? /\n/ : new RegExp(`^[\\s\\S]{${wanted.length}}`);
  const heard = Buffer.from(await mua.client.readUntil(pattern, DEADLINE), "latin1");
  mua.heard += heard.length;
  expectEqual(heard, wanted);
  return heard;
}

async function hearPostern(stage: Stage, expected: readonly Piece[]): Promise<Buffer> {
  const upstream = upstreamOf(stage);
  const wanted = withTag(expected, "{tag}");
  if (isLine(wanted)) {
    const line = await upstream.connection.readLine();
    // `readLine` leaves out whether it ended with CRLF or LF alone.
    const after = upstream.connection.received().subarray(upstream.heard);
    const heard = after.subarray(0, after.indexOf("\n") + 1);
    upstream.heard += heard.length;
    const tag = expected.includes("tag") ? TAG.exec(line)?.[0] : undefined;
    if (tag !== undefined) {
      if (upstream.tags.includes(tag)) throw new Error(`it used the tag ${tag} before`);
      upstream.tags.push(tag);
    }
    expectEqual(heard, withTag(expected, tag ?? "{tag}"));
    return heard;
  }
  const heard = await upstream.connection.readOctets(wanted.length);
  upstream.heard += heard.length;
  expectEqual(heard, wanted);
  return heard;
}

const ACTIONS: Readonly<Record<Act, (stage: Stage) => Promise<void>>> = {
  async "M-connect"(stage) {
    expectSilence(stage);
    await leave(stage);
    stage.mua.client.socket.destroy();
    stage.mua = await connectMua(stage.listenerPort);
  },
  async "M-close"(stage) {
    stage.mua.client.end();
  },
  async "M-reset"({ mua }) {
    mua.client.reset();
    mua.left = true;
  },
  "L-close": (stage) => expectListenerEnd(stage, "fin"),
  async "L-reset"(stage) {
    await expectListenerEnd(stage, "reset");
    stage.mua.left = true;
  },

  async "U-connect"(stage) {
    const place = stage.connections;
    stage.connections += 1;
    stage.upstream = { connection: await stage.arrivals.at(place), heard: 0, tags: [] };
  },
  "U-close": (stage) => expectUpstreamEnd(upstreamOf(stage)),
  async "S-close"(stage) {
    upstreamOf(stage).connection.end();
  },
  async "S-reset"(stage) {
    upstreamOf(stage).connection.reset();
  },
  async "S-tls"(stage) {
    const { connection } = upstreamOf(stage);
    await connection.startTls(stage.certificate);
  },
};

/** The end: our side closes, Postern closes everything, and has nothing more to say. */
async function expectNothingMore(stage: Stage): Promise<void> {
  expectSilence(stage);
  stage.arrivals.end();
  if (stage.upstream !== undefined) {
    stage.mua.client.end();
    await expectUpstreamEnd(stage.upstream);
  }
  await leave(stage);
  if (stage.arrivals.connections.length > stage.connections)
    throw new Error("Postern connected upstream once more");
}

/** Ends the mail program's connection, unless that has happened. */
async function leave(stage: Stage): Promise<void> {
  if (stage.mua.left) return;
  stage.mua.client.end();
  await expectListenerEnd(stage, "fin");
}

/** The listener ends the connection, in an orderly way or not, and says nothing before that is not in the transcript. */
async function expectListenerEnd({ mua }: Stage, how: "fin" | "reset"): Promise<void> {
  const ending = await mua.client.closed(DEADLINE);
  if (mua.client.transcript().length > mua.heard) throw new Error("the listener said more before it closed");
  if (ending !== how) throw new Error(`the listener ended with ${ending}`);
}

async function expectUpstreamEnd(upstream: Upstream): Promise<void> {
  const rest: Buffer[] = [upstream.connection.received().subarray(upstream.heard)];
  for await (const chunk of upstream.connection.chunks()) rest.push(chunk);
  const octets = Buffer.concat(rest);
  if (octets.length > 0) throw new Error(`Postern said more upstream before it closed: ${show(octets)}`);
}

/** What has come so far has been expected: nobody answers before they are asked. */
function expectSilence(stage: Stage): void {
  const { mua, upstream } = stage;
  const early = mua.client.transcript().length > mua.heard;
  const earlyUpstream = upstream !== undefined && upstream.connection.received().length > upstream.heard;
  if (early || earlyUpstream) throw new Error("more was said than the transcript has here");
}

/** Wrong local passwords and the like must not reach the token broker: a token is asked for only to be used. */
function expectTokenRequests({ transcript, connections }: Stage, requests: number): void {
  const used = connections > 0 || transcript.broker !== undefined || transcript.upstream !== "up";
  if (!used && requests > 0) throw new Error("somebody asked for an access token");
}

function expectEqual(heard: Buffer, wanted: Buffer): void {
  if (!heard.equals(wanted)) throw new Error(`got ${show(heard)}`);
}

function isLine(octets: Buffer): boolean {
  return octets.indexOf("\n") === octets.length - 1;
}

function piecesOf(stage: Stage, text: string): readonly Piece[] {
  return parseOctets(text, { port: stage.upstreamPort });
}

function upstreamOf({ upstream }: Stage): Upstream {
  if (upstream === undefined) throw new Error("no U-connect before this");
  return upstream;
}

function lineNumberOf(step: Step): number {
  return step.kind === "says" ? (step.lines[0]?.lineNumber ?? 0) : step.lineNumber;
}

/** What has come that no line of the transcript has spoken of. */
function unheard({ mua, upstream }: Stage): string {
  const fromListener = Buffer.from(mua.client.transcript().slice(mua.heard), "latin1");
  const fromPostern = upstream?.connection.received().subarray(upstream.heard) ?? Buffer.alloc(0);
  const parts = [
    fromListener.length > 0 ? `\n      not in the transcript, L: ${show(fromListener)}` : "",
    fromPostern.length > 0 ? `\n      not in the transcript, U: ${show(fromPostern)}` : "",
  ];
  return parts.join("");
}

function explain(stage: Stage, thrown: unknown): Error {
  const played = stage.played.map((line) => `    ${line}`).join("\n");
  const where = `${stage.transcript.name}:${stage.lineNumber}`;
  return new Error(`${where}: ${messageOf(thrown)}${unheard(stage)}\n  played so far:\n${played}`, {
    cause: thrown instanceof Error ? thrown.cause : undefined,
  });
}

function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.constructor.name : String(thrown);
  return text.length <= 2000 ? text : `${text.slice(0, 2000)}…`;
}

/** Octets as one line of a transcript, shortened. */
function show(octets: Buffer): string {
  const text = JSON.stringify(octets.toString("latin1"));
  return text.length <= 400 ? text : `${text.slice(0, 300)}… (${octets.length} octets)`;
}
