// The window's port on this machine, spoken to as a browser would and as it would not.
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { connectToDaemon } from "../../../src/control/client.ts";
import { startBrowserServer } from "../../../src/page/browser-server.ts";
import { createEntrySecret, ENTRY_TIME } from "../../../src/page/entry-secret.ts";
import { createPageHandler } from "../../../src/page/page-handler.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { startSmallDaemon } from "../../support/small-daemon.ts";

async function open() {
  const daemon = await startSmallDaemon();
  const clock = createFakeClock();
  const entry = createEntrySecret(clock);
  const forwarded: string[] = [];
  const pages: number[] = [];
  let entered = 0;
  const server = await startBrowserServer({
    handle: createPageHandler({
      files: {
        read: async (name) => (name === "index.html" ? new TextEncoder().encode("the page") : undefined),
      },
      async forward(path, body, signal) {
        forwarded.push(path);
        return (await connectToDaemon(daemon.controlFile)).forward(path, body, signal);
      },
    }),
    entry,
    port: 0,
    onEntered: () => {
      entered += 1;
    },
    onPages: (count) => pages.push(count),
  });
  onTestFinished(server.close);
  const origin = `http://127.0.0.1:${server.port}`;
  const post = (path: string, body: unknown, bearer?: string, signal?: AbortSignal): Promise<Response> =>
    fetch(origin + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin,
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  const enter = async (): Promise<string> => {
    const answer = await post("/session", { secret: entry.secret });
    return ((await answer.json()) as { bearer: string }).bearer;
  };
  return {
    daemon,
    clock,
    entry,
    forwarded,
    pages,
    entered: () => entered,
    origin,
    post,
    enter,
    port: server.port,
  };
}

describe("a page", () => {
  test("comes in once by the address's secret, and asks with the secret that it gets", async () => {
    const { post, enter, daemon, entered, entry } = await open();
    const bearer = await enter();
    expect(bearer).toMatch(/^[\w-]{43}$/);
    expect(bearer).not.toBe(entry.secret);
    const answer = await post("/control/status", {}, bearer);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(daemon.state);
    expect((await post("/session", { secret: entry.secret })).status).toBe(401);
    expect((await post("/control/status", {}, bearer)).status).toBe(200);
    expect(entered()).toBe(1);
  });

  test("that comes too late does not come in", async () => {
    const { post, entry, clock } = await open();
    await clock.advance(ENTRY_TIME);
    expect((await post("/session", { secret: entry.secret })).status).toBe(401);
  });

  test.each([{ secret: "x".repeat(43) }, { secret: 5 }, {}, [], null, "secret"])(
    "with %j does not come in, and keeps nobody else from it",
    async (body) => {
      const { post, enter, entered } = await open();
      for (let tries = 0; tries < 20; tries++) expect((await post("/session", body)).status).toBe(401);
      expect(entered()).toBe(0);
      expect(await enter()).toMatch(/^[\w-]{43}$/);
    },
  );

  test("hears events as they happen, and is counted while it does", async () => {
    const { post, enter, daemon, pages } = await open();
    const gone = new AbortController();
    const answer = await post("/control-events", {}, await enter(), gone.signal);
    const reader = answer.body?.getReader();
    const next = async (): Promise<string> => Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(JSON.parse(await next()).kind).toBe("snapshot");
    daemon.events.accountRemoved("alice@example.com");
    expect(JSON.parse(await next())).toEqual({ kind: "account-removed", email: "alice@example.com" });
    expect(pages).toEqual([1]);
    const [signal] = daemon.signals;
    gone.abort();
    if (signal?.aborted === false) await once(signal, "abort");
    await expect.poll(() => pages).toEqual([1, 0]);
  });

  test("goes on when Postern has restarted", async () => {
    const { post, enter, daemon } = await open();
    const bearer = await enter();
    await daemon.stop();
    expect((await post("/control/status", {}, bearer)).status).toBe(503);
    await daemon.restart();
    expect((await post("/control/status", {}, bearer)).status).toBe(200);
  });
});

describe("whoever has no secret", () => {
  test.each([undefined, "", "x", "x".repeat(43), "a b"])("(%s) asks nothing", async (bearer) => {
    const { post, enter, forwarded } = await open();
    await enter();
    expect((await post("/control/status", {}, bearer)).status).toBe(401);
    expect((await post("/control-events", {}, bearer)).status).toBe(401);
    expect(forwarded).toEqual([]);
  });

  test("does not ask before the page has come in either, not even with the address's secret", async () => {
    const { post, entry, forwarded } = await open();
    expect((await post("/control/status", {}, entry.secret)).status).toBe(401);
    expect(forwarded).toEqual([]);
  });
});

describe("on the wire", () => {
  async function say(port: number, request: string): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    socket.end(request);
    return text(socket);
  }

  test.each([
    ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 400],
    [
      "two Hosts",
      "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
      400,
    ],
    ["localhost", "GET / HTTP/1.1\r\nHost: localhost:PORT\r\nConnection: close\r\n\r\n", 421],
    [
      "an absolute target",
      "GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n",
      400,
    ],
    [
      "a WebSocket",
      "GET /control-events HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n",
      400,
    ],
    ["a tunnel", "CONNECT 127.0.0.1:25 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", undefined],
    ["a mail program", "EHLO me\r\n", 400],
  ])("%s is refused, and nobody may read why", async (_what, request, status) => {
    const { port, forwarded } = await open();
    const answer = await say(port, request.replaceAll("PORT", String(port)));
    if (status === undefined) expect(answer).toBe("");
    else expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).not.toMatch(/access-control|set-cookie/i);
    expect(forwarded).toEqual([]);
  });
});
