import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type ControlEvent, EVENTS_PATH } from "../../../src/control/contract.ts";
import type { EventSource } from "../../../src/control/event-stream.ts";
import { eventSchema } from "../../../src/control/snapshot-shapes.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { createSnapshot, type SmallDaemon, startSmallDaemon } from "../../support/small-daemon.ts";

interface Ask {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** Asks for events, and leaves the answer's body unread. */
async function ask(daemon: SmallDaemon, { method = "POST", headers = {}, body = "{}" }: Ask = {}) {
  const asking = request({
    socketPath: daemon.endpoint,
    method,
    path: EVENTS_PATH,
    agent: false,
    headers: {
      host: "postern",
      "content-type": "application/json",
      authorization: `Bearer ${daemon.secret}`,
      ...headers,
    },
  });
  asking.on("error", () => {});
  asking.end(method === "POST" ? body : undefined);
  onTestFinished(() => void asking.destroy());
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Reads on until so many octets' worth of text has come that `enough` is content. */
async function readUntil(response: IncomingMessage, enough: (text: string) => boolean): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  const iterator = response.iterator({ destroyOnReturn: false });
  while (!enough(text)) {
    const { value, done } = await iterator.next();
    if (done) throw new Error(`ended after: ${text}`);
    text += value;
  }
  return text;
}

const hasLines = (count: number) => (text: string) => text.split("\n").length > count;

test("the stream begins with the state, and each change follows at once, one a line", async () => {
  const daemon = await startSmallDaemon();
  const response = await ask(daemon);
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({
    "content-type": "application/x-ndjson",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  const first = await readUntil(response, hasLines(1));
  expect(JSON.parse(first)).toEqual({ kind: "snapshot", snapshot: createSnapshot() });
  daemon.events.activity({ what: "signed-in", account: "alice@example.com" });
  const second = await readUntil(response, hasLines(1));
  expect(eventSchema.parse(JSON.parse(second))).toMatchObject({ activity: { what: "signed-in" } });
});

test.each<[string, number, Ask]>([
  ["no secret", 401, { headers: { authorization: "" } }],
  ["a wrong secret", 401, { headers: { authorization: `Bearer ${"t".repeat(43)}` } }],
  ["an Origin, as a page sends it", 403, { headers: { origin: "https://evil.example" } }],
  ["Sec-Fetch-Site, as a browser sends it", 403, { headers: { "sec-fetch-site": "same-origin" } }],
  ["the content type of a form", 415, { headers: { "content-type": "text/plain" } }],
  ["GET, as EventSource asks", 405, { method: "GET" }],
  ["an unknown key", 400, { body: '{"account":"alice@example.com"}' }],
  ["something that is not JSON", 400, { body: "{" }],
])("a caller with %s hears %i, and no event", async (_what, status, asked) => {
  const daemon = await startSmallDaemon();
  const response = await ask(daemon, asked);
  expect(response.statusCode).toBe(status);
  expect(JSON.parse(await textOf(response)).error.code).toMatch(/^(?:control-refused|request-invalid)$/);
  expect(daemon.signals).toEqual([]);
});

test("an empty line comes every half minute, and none any more when the reader has gone", async () => {
  const daemon = await startSmallDaemon();
  const response = await ask(daemon);
  await readUntil(response, hasLines(1));
  await daemon.clock.advance(29_999);
  await daemon.clock.advance(1);
  expect(await readUntil(response, (text) => text !== "")).toBe("\n");
  await daemon.clock.advance(30_000);
  expect(await readUntil(response, (text) => text !== "")).toBe("\n");
  const [signal] = daemon.signals;
  response.destroy();
  if (signal?.aborted === false) await once(signal, "abort");
  await new Promise((resolve) => setImmediate(resolve));
  expect(daemon.clock.scheduled()).toBe(0);
});

test("a reader that hangs up before its snapshot has come is noticed too", async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  const daemon = await startSmallDaemon(
    createSnapshot(),
    {},
    {
      // biome-ignore lint/correctness/useYield: it waits for a reader that never gets anything.
      async *subscribe(signal) {
        asked.resolve(signal);
        await once(signal, "abort");
      },
    },
  );
  const socket = connect(daemon.endpoint);
  socket.write(
    `POST ${EVENTS_PATH} HTTP/1.1\r\nHost: postern\r\nContent-Type: application/json\r\nAuthorization: Bearer ${daemon.secret}\r\nContent-Length: 2\r\n\r\n{}`,
  );
  const signal = await asked.promise;
  const aborted = once(signal, "abort");
  socket.destroy();
  await aborted;
});

test("a reader that does not read is hung up on, while another one reads everything", async () => {
  const daemon = await startSmallDaemon();
  const idle = await ask(daemon);
  idle.pause();
  const reading = await ask(daemon);
  let lines = 0;
  reading.setEncoding("utf8");
  reading.on("data", (text: string) => {
    lines += text.split("\n").length - 1;
  });
  const [idleSignal, readingSignal] = daemon.signals;
  const bulk = "x".repeat(300);
  let told = 0;
  // What fits into the sockets' buffers comes on top of the thousand events that may wait.
  while (idleSignal?.aborted === false && told < 50_000) {
    daemon.events.activity({ what: "login-refused", passwordName: bulk });
    told++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(told).toBeGreaterThan(1000);
  expect(idleSignal?.aborted).toBe(true);
  await expect(textOf(idle)).rejects.toThrow("aborted");
  while (lines < told + 1) await once(reading, "data");
  expect(readingSignal?.aborted).toBe(false);
});

test("a reader that is late gets everything, however much it is", async () => {
  const daemon = await startSmallDaemon();
  const response = await ask(daemon);
  const bulk = "x".repeat(2000);
  // Less than a reader may leave unread, but far more than a socket takes at once.
  for (let count = 0; count < 900; count++) {
    daemon.events.activity({ what: "logged-in", passwordName: bulk, account: String(count) });
  }
  const text = await readUntil(response, hasLines(901));
  const accounts = text
    .trim()
    .split("\n")
    .map((line) => eventSchema.parse(JSON.parse(line)))
    .flatMap((event) => (event.kind === "activity" ? [event.activity.account] : []));
  expect(accounts).toEqual(Array.from({ length: 900 }, (_, count) => String(count)));
});

test("the end of the daemon is the end of every stream", async () => {
  const daemon = await startSmallDaemon();
  const response = await ask(daemon);
  await readUntil(response, hasLines(1));
  const closed = new Promise<void>((resolve) => response.once("close", resolve));
  response.on("error", () => {});
  await daemon.stop();
  await closed;
  expect(daemon.signals.map(({ aborted }) => aborted)).toEqual([true]);
});

const EVENT: ControlEvent = { kind: "account-removed", email: "alice@example.com" };
/** Gives `events`, and fails then. */
const failing = (events: readonly ControlEvent[]): EventSource => ({
  async *subscribe() {
    yield* events;
    throw new PosternError("keychain-locked", { detail: "no bus" });
  },
});

test("a failure before the first event has a status and a code", async () => {
  const response = await ask(await startSmallDaemon(createSnapshot(), {}, failing([])));
  expect(response.statusCode).toBe(422);
  expect(JSON.parse(await textOf(response))).toMatchObject({ error: { code: "keychain-locked" } });
});

test("a failure after the first event breaks the stream off, and does not look like its end", async () => {
  const daemon = await startSmallDaemon(createSnapshot(), {}, failing([EVENT]));
  await expect(ask(daemon).then(textOf)).rejects.toThrow(/aborted|hang up/);
});
