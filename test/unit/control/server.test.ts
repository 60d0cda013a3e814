import { once } from "node:events";
import { type OutgoingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { contract, failureSchema } from "../../../src/control/contract.ts";
import type { EventSource } from "../../../src/control/event-stream.ts";
import { proofOf } from "../../../src/control/secret.ts";
import { createControlServer, type Handlers } from "../../../src/control/server.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

const SECRET = "s".repeat(43);

/** A control server whose every handler notes that it was called. */
async function start(overrides: Partial<Handlers> = {}) {
  const called: string[] = [];
  const handlers = Object.fromEntries(
    Object.keys(contract).map((method) => [
      method,
      async () => {
        called.push(method);
        return {};
      },
    ]),
  ) as unknown as Handlers;
  const events: EventSource = { async *subscribe() {} };
  const server = createControlServer(SECRET, { ...handlers, ...overrides }, events, createFakeClock());
  const socketPath = join(createTemporaryFolder(), "control.sock");
  server.listen(socketPath);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { called, socketPath };
}

interface Ask {
  method?: string;
  path?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
}

const JSON_BODY = { "content-type": "application/json" };
const WITH_SECRET = { ...JSON_BODY, authorization: `Bearer ${SECRET}` };

async function ask(
  socketPath: string,
  { method = "POST", path = "/control/stop", headers = WITH_SECRET, body = "{}" }: Ask,
) {
  const asking = request({
    socketPath,
    method,
    path,
    headers: { host: "postern", ...headers },
    agent: false,
  });
  asking.end(method === "GET" || method === "HEAD" ? undefined : body);
  const [response] = await once(asking, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.statusCode as number,
    headers: response.headers,
    json: text === "" ? undefined : JSON.parse(text),
  };
}

describe("the control server", () => {
  test("answers who knows the secret", async () => {
    const { socketPath, called } = await start();
    const { status, headers } = await ask(socketPath, {});
    expect([status, called]).toEqual([200, ["stop"]]);
    expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  });

  test.each<[string, Ask, number]>([
    ["no secret", { headers: JSON_BODY }, 401],
    ["a wrong secret", { headers: { ...JSON_BODY, authorization: `Bearer ${"t".repeat(43)}` } }, 401],
    [
      "the start of the secret",
      { headers: { ...JSON_BODY, authorization: `Bearer ${SECRET.slice(0, -1)}` } },
      401,
    ],
    // In this spelling the types of Node allow more than one.
    [
      "two secrets, the right one first",
      { headers: { ...JSON_BODY, Authorization: [WITH_SECRET.authorization, `Bearer ${"t".repeat(43)}`] } },
      401,
    ],
    [
      "two secrets, the right one last",
      { headers: { ...JSON_BODY, Authorization: [`Bearer ${"t".repeat(43)}`, WITH_SECRET.authorization] } },
      401,
    ],
    ["the secret without its scheme", { headers: { ...JSON_BODY, authorization: SECRET } }, 401],
    ["the secret in the query", { headers: JSON_BODY, path: `/control/stop?secret=${SECRET}` }, 401],
    [
      "an Origin, though it knows the secret",
      { headers: { ...WITH_SECRET, origin: "https://evil.example" } },
      403,
    ],
    ["the Origin null", { headers: { ...WITH_SECRET, origin: "null" } }, 403],
    ["Sec-Fetch-Site", { headers: { ...WITH_SECRET, "sec-fetch-site": "cross-site" } }, 403],
    ["the content type of a form", { headers: { ...WITH_SECRET, "content-type": "text/plain" } }, 415],
    ["no content type", { headers: { authorization: `Bearer ${SECRET}` } }, 415],
    ["GET", { method: "GET" }, 405],
    ["OPTIONS", { method: "OPTIONS" }, 405],
    ["an unknown method", { path: "/control/format-disk" }, 404],
    ["a name that every object has", { path: "/control/constructor" }, 404],
    ["another path", { path: "/" }, 404],
    ["something that is not JSON", { body: "{" }, 400],
    ["an unknown key", { body: '{"preload":"evil.js"}' }, 400],
    ["more than 256 KiB", { body: `{"x":"${"x".repeat(300_000)}"}` }, 400],
  ])("does nothing for a caller with %s", async (_what, asked, expected) => {
    const { socketPath, called } = await start();
    const { status, headers, json } = await ask(socketPath, asked);
    expect(called).toEqual([]);
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(JSON.stringify(json)).not.toContain(SECRET);
    expect(status).toBe(expected);
  });

  test("proves that it knows the secret to who asks with a nonce, and tells nothing else", async () => {
    const { socketPath, called } = await start();
    const nonce = "n".repeat(43);
    const { status, json } = await ask(socketPath, {
      path: "/control-proof",
      headers: JSON_BODY,
      body: JSON.stringify({ nonce }),
    });
    expect([status, json]).toEqual([200, { proof: proofOf(SECRET, nonce) }]);
    expect(called).toEqual([]);
  });

  test.each(["{}", '{"nonce":"short"}', '{"nonce":5}', "null"])(
    "does not prove anything to %s",
    async (body) => {
      const { socketPath } = await start();
      const { status, json } = await ask(socketPath, { path: "/control-proof", headers: JSON_BODY, body });
      expect(status).toBe(400);
      expect(JSON.stringify(json)).not.toContain('proof":');
    },
  );

  test("tells a failure by its code, and a bug of ours without its words", async () => {
    const { socketPath } = await start({
      "account.show": () => Promise.reject(new PosternError("account-unknown", { detail: "carol" })),
      stop: () => Promise.reject(new Error("token ya29")),
    });
    const known = await ask(socketPath, {
      path: "/control/account.show",
      body: '{"email":"carol@example.com"}',
    });
    expect(known).toMatchObject({
      status: 422,
      json: { error: { code: "account-unknown", detail: "carol" } },
    });
    const bug = await ask(socketPath, {});
    expect(bug).toMatchObject({ status: 500, json: { error: { code: "internal" } } });
    expect(JSON.stringify(bug.json)).not.toContain("ya29");
  });

  test("tells what to do with what is known filled in, and the letter for the administrator", async () => {
    const { socketPath } = await start({
      stop: () =>
        Promise.reject(
          new PosternError("sign-in-ended", { values: { EMAIL: "a$&b@example.com" }, letter: "Dear …" }),
        ),
    });
    const { json } = await ask(socketPath, {});
    expect(failureSchema.parse(json).error).toMatchObject({
      code: "sign-in-ended",
      action: expect.stringContaining("postern login a$&b@example.com"),
      letter: "Dear …",
    });
  });

  test("tells a handler that its caller has gone", async () => {
    const gone = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const { socketPath } = await start({
      "sign-in.wait": (_request, signal) => {
        signal.addEventListener("abort", () => gone.resolve());
        started.resolve();
        return new Promise(() => {});
      },
    });
    const asking = request({
      socketPath,
      method: "POST",
      path: "/control/sign-in.wait",
      headers: { host: "postern", ...WITH_SECRET },
    });
    asking.on("error", () => {});
    asking.end('{"attemptId":"a"}');
    await started.promise;
    asking.destroy();
    await gone.promise;
  });
});
