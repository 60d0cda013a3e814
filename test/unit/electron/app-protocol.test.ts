// The page's way to the events, on bare Node: app:// handler, control client, control server.
import { once } from "node:events";
import { expect, test } from "vitest";
import { type AppProtocol, createAppProtocol } from "../../../electron/app-protocol.ts";
import { connectToDaemon } from "../../../src/control/client.ts";
import { contract, controlPath, EVENTS_PATH, type Method } from "../../../src/control/contract.ts";
import { type SmallDaemon, startSmallDaemon } from "../../support/small-daemon.ts";

function handlerFor({ controlFile }: SmallDaemon): AppProtocol {
  return createAppProtocol({
    folder: "/nonexistent",
    forward: async (path, body) => (await connectToDaemon(controlFile)).forward(path, body),
    forwardStream: async (path, body) => (await connectToDaemon(controlFile)).forwardStream(path, body),
  });
}

const asking = (path: string, method = "POST"): Request =>
  new Request(`app://postern${path}`, { method, ...(method === "POST" ? { body: "{}" } : {}) });

test("the page hears events as they come, with the page's security headers", async () => {
  const daemon = await startSmallDaemon();
  const response = await handlerFor(daemon)(asking(EVENTS_PATH));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none';/);
  const reader = response.body?.getReader();
  const next = async (): Promise<string> => Buffer.from((await reader?.read())?.value ?? []).toString();
  expect(JSON.parse(await next()).kind).toBe("snapshot");
  daemon.events.accountRemoved("alice@example.com");
  expect(JSON.parse(await next())).toEqual({ kind: "account-removed", email: "alice@example.com" });
  await reader?.cancel();
  const [signal] = daemon.signals;
  if (signal?.aborted === false) await once(signal, "abort");
});

test("a page that asks for events in another way gets none", async () => {
  const daemon = await startSmallDaemon();
  const handle = handlerFor(daemon);
  expect((await handle(asking(EVENTS_PATH, "GET"))).status).toBe(405);
  expect((await handle(asking(`${EVENTS_PATH}?all`, "GET"))).status).toBe(405);
  expect((await handle(asking(`${EVENTS_PATH}/more`))).status).toBe(405);
  expect(daemon.signals).toEqual([]);
});

test("a page hears that Postern is away", async () => {
  const daemon = await startSmallDaemon();
  await daemon.stop();
  expect((await handlerFor(daemon)(asking(EVENTS_PATH))).status).toBe(503);
});

test.each((Object.keys(contract) as Method[]).filter((method) => method !== "status"))(
  "%s is not passed on for a page",
  async (method) => {
    const called: string[] = [];
    const note = async (): Promise<never> => {
      called.push(method);
      throw new Error("it was called");
    };
    const daemon = await startSmallDaemon(undefined, { [method]: note });
    expect((await handlerFor(daemon)(asking(controlPath(method)))).status).toBe(404);
    expect(called).toEqual([]);
  },
);
