// What the page may have: its files, the methods that are for it, and the events; on bare Node, with a control server behind it.
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { connectToDaemon } from "../../../src/control/client.ts";
import { contract, controlPath, EVENTS_PATH, type Method } from "../../../src/control/contract.ts";
import { createFolderFiles } from "../../../src/page/page-files.ts";
import { createPageHandler, NOT_FOR_A_PAGE, type PageHandler } from "../../../src/page/page-handler.ts";
import { type SmallDaemon, startSmallDaemon } from "../../support/small-daemon.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

const ORIGIN = "http://127.0.0.1:8401";

function handlerFor({ controlFile }: Pick<SmallDaemon, "controlFile">, folder = "/nonexistent"): PageHandler {
  return createPageHandler({
    files: createFolderFiles(folder),
    forward: async (path, body, signal) => (await connectToDaemon(controlFile)).forward(path, body, signal),
  });
}

const asking = (path: string, init: RequestInit = { method: "POST", body: "{}" }): Request =>
  new Request(`${ORIGIN}${path}`, init);

describe("the page's files", () => {
  /** Two files that are the page's, and two that are not. */
  function prepare(): (path: string, method?: string) => Promise<Response> {
    const folder = createTemporaryFolder();
    mkdirSync(join(folder, "page", "assets"), { recursive: true });
    writeFileSync(join(folder, "page", "index.html"), "<!doctype html><title>page</title>");
    writeFileSync(join(folder, "page", "assets", "a.js"), "export {};");
    writeFileSync(join(folder, "page", "notes.txt"), "not of a kind that the page has");
    writeFileSync(join(folder, "secret.js"), "not for the page");
    const handle = handlerFor({ controlFile: "/nonexistent" }, join(folder, "page"));
    return (path, method = "GET") => handle(asking(path, { method }));
  }

  test("come with headers that let nothing else in", async () => {
    const get = prepare();
    const response = await get("/");
    expect(await response.text()).toContain("<title>page</title>");
    expect(response.headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    );
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect([...response.headers.keys()].filter((name) => /^access-control|cookie/.test(name))).toEqual([]);
    expect((await get("/assets/a.js")).headers.get("content-type")).toMatch(/^text\/javascript/);
  });

  test.each([
    "/%2e%2e/secret.js",
    "/..%2fsecret.js",
    "/assets/..%2f..%2fsecret.js",
    "/assets%5c..%5c..%5csecret.js",
    "//secret.js",
    "/%00.js",
    "/%zz.js",
    "/.hidden.js",
    "/assets",
    "/assets/",
    "/notes.txt",
    "/missing.js",
  ])("have nothing at %s", async (path) => {
    expect((await prepare()(path)).status).toBe(404);
  });

  test("are only read", async () => {
    const ask = prepare();
    for (const method of ["POST", "PUT", "DELETE", "HEAD"]) expect((await ask("/", method)).status).toBe(405);
  });
});

describe("what the page asks", () => {
  test("is passed on, and the answer comes with the page's security headers", async () => {
    const daemon = await startSmallDaemon();
    const response = await handlerFor(daemon)(asking("/control/status"));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none';/);
    expect(await response.json()).toEqual(daemon.state);
  });

  test("is told as it was refused", async () => {
    const daemon = await startSmallDaemon();
    const response = await handlerFor(daemon)(asking("/control/status", { method: "POST", body: "no JSON" }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "request-invalid" } });
  });

  test.each([...NOT_FOR_A_PAGE, "nonsense", "status/more", "toString"])("is not %s", async (method) => {
    const called: string[] = [];
    const note = async (): Promise<never> => {
      called.push(method);
      throw new Error("it was called");
    };
    const daemon = await startSmallDaemon(undefined, { [method]: note });
    expect((await handlerFor(daemon)(asking(`/control/${method}`))).status).toBe(404);
    expect(called).toEqual([]);
  });

  test("is every other method of the contract, and a new one is looked at here first", () => {
    expect(
      (Object.keys(contract) as Method[]).filter((method) => /token|stop|secret|export/.test(method)),
    ).toEqual(["token", "stop"]);
    expect(NOT_FOR_A_PAGE).toEqual(["token", "stop"]);
  });

  test("has an end", async () => {
    const daemon = await startSmallDaemon();
    const long = { method: "POST", body: `"${"x".repeat(300_000)}"` };
    expect((await handlerFor(daemon)(asking(controlPath("status"), long))).status).toBe(413);
  });

  test("hears that Postern is away, in the words of the catalogue", async () => {
    const daemon = await startSmallDaemon();
    await daemon.stop();
    const response = await handlerFor(daemon)(asking(EVENTS_PATH));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      error: { code: "daemon-not-running", temporary: expect.anything() },
    });
  });

  test("is hung up on when the page has gone before the answer", async () => {
    const waiting = Promise.withResolvers<AbortSignal>();
    const daemon = await startSmallDaemon(undefined, {
      status: (_request, gone) => {
        waiting.resolve(gone);
        return new Promise(() => {});
      },
    });
    const page = new AbortController();
    const answer = handlerFor(daemon)(
      asking("/control/status", { method: "POST", body: "{}", signal: page.signal }),
    );
    const gone = await waiting.promise;
    page.abort();
    if (!gone.aborted) await once(gone, "abort");
    expect((await answer).status).toBe(503);
  });
});

describe("the events", () => {
  test("come as they happen, until the page goes", async () => {
    const daemon = await startSmallDaemon();
    const response = await handlerFor(daemon)(asking(EVENTS_PATH));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const reader = response.body?.getReader();
    const next = async (): Promise<string> => Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(JSON.parse(await next()).kind).toBe("snapshot");
    daemon.events.accountRemoved("alice@example.com");
    expect(JSON.parse(await next())).toEqual({ kind: "account-removed", email: "alice@example.com" });
    await reader?.cancel();
    const [signal] = daemon.signals;
    if (signal?.aborted === false) await once(signal, "abort");
  });

  test("are for whoever asks as the page does", async () => {
    const daemon = await startSmallDaemon();
    const handle = handlerFor(daemon);
    expect((await handle(asking(EVENTS_PATH, { method: "GET" }))).status).toBe(405);
    expect((await handle(asking(`${EVENTS_PATH}/more`))).status).toBe(405);
    expect(daemon.signals).toEqual([]);
  });
});
