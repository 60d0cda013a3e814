import { once } from "node:events";
import { symlinkSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { connectToDaemon } from "../../../src/control/client.ts";
import { type ControlEvent, EVENTS_PATH } from "../../../src/control/contract.ts";
import { createControlSecret, proofOf } from "../../../src/control/secret.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createAccountView, createSnapshot, startSmallDaemon } from "../../support/small-daemon.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

function prepare() {
  const folder = createTemporaryFolder();
  const secret = createControlSecret();
  const endpoint = join(folder, "control.sock");
  const file = join(folder, "control.json");
  writeFileSync(file, JSON.stringify({ endpoint, secret, processId: 42 }));
  return { folder, secret, endpoint, file };
}

/** A daemon that knows the secret, and answers everything else by `answer`. */
async function impersonate(answer: RequestListener) {
  const prepared = prepare();
  const server = createServer(async (request, response) => {
    if (request.url !== "/control-proof") return answer(request, response);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { nonce } = JSON.parse(Buffer.concat(chunks).toString());
    response.end(JSON.stringify({ proof: proofOf(prepared.secret, nonce) }));
  });
  server.listen(prepared.endpoint);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return prepared;
}

describe("a caller of the control API", () => {
  test("asks the daemon that its file names, and hears answers and failures", async () => {
    const { controlFile } = await startSmallDaemon(createSnapshot(), {
      stop: async () => ({}),
      "account.show": () => Promise.reject(new PosternError("account-unknown", { detail: "carol" })),
    });
    const daemon = await connectToDaemon(controlFile);
    expect(daemon.processId).toBe(42);
    expect(await daemon.call("stop", {})).toEqual({});
    const failure = await failureOf(daemon.call("account.show", { email: "carol@example.com" }));
    expect([failure.code, failure.detail]).toEqual(["account-unknown", "carol"]);
  });

  test("hears what to do as the daemon knows it, and the letter that goes with it", async () => {
    const letter = "Dear administrator,\nplease open the door.";
    const { controlFile } = await startSmallDaemon(createSnapshot(), {
      stop: () =>
        Promise.reject(
          new PosternError("sign-in-ended", { values: { EMAIL: "a$&b@example.com" }, letter, detail: "why" }),
        ),
    });
    const failure = await failureOf((await connectToDaemon(controlFile)).call("stop", {}));
    expect(failure.action).toContain("postern login a$&b@example.com");
    expect(failure).toMatchObject({ code: "sign-in-ended", detail: "why", letter });
    expect(failure.message).toBe(`${failure.entry.sentence} (why)`);
  });

  test("hears the words of a failure that only a newer daemon knows", async () => {
    const told = { code: "moon-phase", temporary: true, sentence: "It is full moon.", action: "Wait." };
    const { file } = await impersonate((_request, response) => {
      response.writeHead(422).end(JSON.stringify({ error: told }));
    });
    const failure = await failureOf((await connectToDaemon(file)).call("stop", {}));
    expect([failure.message, failure.action]).toEqual(["It is full moon.", "Wait."]);
  });

  test("learns that the daemon ended before it had answered", async () => {
    const { file } = await impersonate((_request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("{", () => response.destroy());
    });
    const failure = await failureOf((await connectToDaemon(file)).call("stop", {}));
    expect(failure.code).toBe("daemon-not-running");
  });

  test.each<[string, (secret: string, nonce: string) => unknown]>([
    ["nothing", () => ({})],
    ["the proof of another secret", (_secret, nonce) => ({ proof: proofOf("x".repeat(43), nonce) })],
    ["a proof that was seen before", (secret) => ({ proof: proofOf(secret, "n".repeat(43)) })],
    ["the nonce", (_secret, nonce) => ({ proof: nonce })],
    ["no text", () => ({ proof: 5 })],
    ["null", () => null],
  ])("never shows the secret to somebody in the daemon's place who proves with %s", async (_what, prove) => {
    const { secret, endpoint, file } = prepare();
    let heard = "";
    const squatter = createServer(async (request, response) => {
      heard += JSON.stringify(request.headers) + request.url;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      heard += body;
      response.end(JSON.stringify(prove(secret, JSON.parse(body).nonce)));
    });
    squatter.listen(endpoint);
    await once(squatter, "listening");
    onTestFinished(() => void squatter.close());
    expect((await failureOf(connectToDaemon(file))).code).toBe("control-refused");
    expect(heard).not.toContain(secret);
    expect(heard).toContain("nonce");
  });

  test("learns that no daemon runs", async () => {
    const { folder, file } = prepare();
    expect((await failureOf(connectToDaemon(join(folder, "none.json")))).code).toBe("daemon-not-running");
    expect((await failureOf(connectToDaemon(file))).code).toBe("daemon-not-running");
  });

  test.skipIf(process.platform === "win32")(
    "does not follow a symbolic link to somebody's file",
    async () => {
      const { folder, file } = prepare();
      symlinkSync(file, join(folder, "link.json"));
      expect((await failureOf(connectToDaemon(join(folder, "link.json")))).code).toBe("daemon-not-running");
    },
  );
});

describe("a reader of the daemon's events", () => {
  /** A daemon whose stream is exactly `parts`, each written on its own, and then its end. */
  async function streaming(parts: readonly (string | Buffer)[], end: "orderly" | "abrupt" = "orderly") {
    const { file } = await impersonate(async (request, response) => {
      expect([request.method, request.url]).toEqual(["POST", EVENTS_PATH]);
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      for (const part of parts) {
        await new Promise((resolve) => response.write(part, resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (end === "orderly") response.end();
      else response.destroy();
    });
    return connectToDaemon(file);
  }

  async function readAll(events: AsyncIterable<ControlEvent>): Promise<ControlEvent[]> {
    const seen: ControlEvent[] = [];
    for await (const event of events) seen.push(event);
    return seen;
  }

  const REMOVED: ControlEvent = { kind: "account-removed", email: "\u00fc\u2028\u{1f511}@example.com" };
  const LINE = Buffer.from(`${JSON.stringify(REMOVED)}\n`);

  test("gets the state and what changes, and goes when it wants", async () => {
    const daemon = await startSmallDaemon(createSnapshot({ accounts: [createAccountView({ id: "a" })] }));
    const gone = new AbortController();
    const seen: string[] = [];
    for await (const event of (await connectToDaemon(daemon.controlFile)).events(gone.signal)) {
      seen.push(event.kind);
      if (seen.length === 1) daemon.events.accountChanged("a");
      else gone.abort();
    }
    expect(seen).toEqual(["snapshot", "account"]);
    const [signal] = daemon.signals;
    if (signal?.aborted === false) await once(signal, "abort");
  });

  test("hangs up when it stops reading", async () => {
    const daemon = await startSmallDaemon();
    for await (const _event of (await connectToDaemon(daemon.controlFile)).events()) break;
    const [signal] = daemon.signals;
    if (signal?.aborted === false) await once(signal, "abort");
    expect(daemon.signals).toHaveLength(1);
  });

  test("that is gone before it asks gets nothing, and no failure", async () => {
    const client = await connectToDaemon((await startSmallDaemon()).controlFile);
    expect(await readAll(client.events(AbortSignal.abort()))).toEqual([]);
  });

  test("comes to an end, not to a failure, when the daemon is stopped", async () => {
    const daemon = await startSmallDaemon();
    const seen: string[] = [];
    for await (const event of (await connectToDaemon(daemon.controlFile)).events()) {
      seen.push(event.kind);
      await daemon.stop();
    }
    expect(seen).toEqual(["snapshot"]);
  });

  test("understands events however they are cut, with empty lines between them", async () => {
    const octets = [...Buffer.concat([LINE, Buffer.from("\n\n"), LINE])].map((octet) => Buffer.from([octet]));
    expect(await readAll((await streaming(octets)).events())).toEqual([REMOVED, REMOVED]);
    const atOnce = [Buffer.concat([LINE, LINE, LINE])];
    expect(await readAll((await streaming(atOnce)).events())).toEqual([REMOVED, REMOVED, REMOVED]);
  });

  test.each(["orderly", "abrupt"] as const)(
    "does not take half a line for an event at an %s end",
    async (end) => {
      const client = await streaming([LINE, LINE.subarray(0, 20)], end);
      expect(await readAll(client.events())).toEqual([REMOVED]);
    },
  );

  test.each([
    "{\n",
    "null\n",
    '{"kind":"moon"}\n',
    '{"kind":"account-removed"}\n',
    '{"kind":"account-removed","email":"a@example.com","accessToken":"x"}\n',
  ])("refuses what is no event: %j", async (line) => {
    const client = await streaming([LINE, line, LINE]);
    const failure = await failureOf(readAll(client.events()));
    expect(failure.code).toBe("internal");
    expect(failure.detail).toContain("another version");
  });

  test("hears why there are none", async () => {
    const { file } = await impersonate((_request, response) => {
      const error = { code: "control-refused", temporary: false, sentence: "s", action: "a" };
      response.writeHead(404).end(JSON.stringify({ error }));
    });
    expect((await failureOf(readAll((await connectToDaemon(file)).events()))).code).toBe("control-refused");
  });

  test("learns that the daemon has gone since it was connected to", async () => {
    const daemon = await startSmallDaemon();
    const client = await connectToDaemon(daemon.controlFile);
    await daemon.stop();
    expect((await failureOf(readAll(client.events()))).code).toBe("daemon-not-running");
  });
});

describe("an answer that is forwarded as it comes", () => {
  test("keeps its status and kind, and comes piece by piece", async () => {
    const daemon = await startSmallDaemon();
    const client = await connectToDaemon(daemon.controlFile);
    const { status, contentType, body } = await client.forward(EVENTS_PATH, "{}");
    expect([status, contentType]).toEqual([200, "application/x-ndjson"]);
    const reader = body.getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toMatch(/^\{"kind":"snapshot".*\}\n$/);
    daemon.events.accountRemoved("alice@example.com");
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toMatch(/^\{"kind":"account-removed"/);
  });

  test("is hung up on when nobody wants it any more, also while nothing comes", async () => {
    const daemon = await startSmallDaemon();
    const client = await connectToDaemon(daemon.controlFile);
    const { body } = await client.forward(EVENTS_PATH, "{}");
    const reader = body.getReader();
    await reader.read();
    const waiting = reader.read();
    await reader.cancel();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const [signal] = daemon.signals;
    if (signal?.aborted === false) await once(signal, "abort");
  });

  test("fails for its reader when the daemon ends", async () => {
    const daemon = await startSmallDaemon();
    const client = await connectToDaemon(daemon.controlFile);
    const reader = (await client.forward(EVENTS_PATH, "{}")).body.getReader();
    await reader.read();
    const waiting = reader.read();
    await Promise.all([expect(waiting).rejects.toThrow(), daemon.stop()]);
  });
});
