// The control API to those who should not use it: browsers, strangers on the socket, and an impostor in its place.
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proofOf } from "../../src/control/secret.ts";
import { preparePostern, runPostern } from "../support/postern.ts";
import { startTown, type Town } from "../support/town.ts";

let town: Town;

beforeAll(async () => {
  town = await startTown({ people: 0 });
});

afterAll(async () => {
  await town.close();
});

describe("the control API", () => {
  let endpoint = "";
  let secret = "";

  beforeAll(async () => {
    ({ endpoint, secret } = JSON.parse(await readFile(join(town.postern.home, "control.json"), "utf8")));
  });

  interface Answer {
    readonly status: number;
    readonly headers: Record<string, unknown>;
    readonly body: string;
  }

  async function send(
    options: { method?: string; path?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
  ): Promise<Answer> {
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${secret}`,
      ...options.headers,
    };
    const outgoing = httpRequest({
      socketPath: endpoint,
      agent: false,
      method: options.method ?? "POST",
      path: options.path ?? "/control/status",
      // Undefined takes a header away.
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
    });
    // Whoever is refused may find the connection closed before all of the body was read.
    outgoing.on("error", () => {});
    outgoing.end(options.body ?? "{}");
    const [incoming] = await once(outgoing, "response");
    return { status: incoming.statusCode, headers: incoming.headers, body: await text(incoming) };
  }

  const addition = JSON.stringify({
    settings: {
      kind: "oauth",
      email: "intruder@example.test",
      issuer: "https://evil.example",
      clientId: "x",
      scope: "x",
      redirectUri: "http://127.0.0.1/callback",
      imap: { host: "evil.example", port: 993, tls: "implicit" },
      smtp: { host: "evil.example", port: 465, tls: "implicit" },
      mechanism: "auto",
    },
  });
  const refused: [string, number, Parameters<typeof send>[0] & object][] = [
    ["no bearer", 401, { headers: { authorization: undefined } }],
    ["an empty one", 401, { headers: { authorization: "Bearer " } }],
    ["a wrong one", 401, { headers: { authorization: `Bearer ${"A".repeat(43)}` } }],
    ["a user name and password", 401, { headers: { authorization: "Basic YTpi" } }],
    ["an Origin", 403, { headers: { origin: "https://evil.example" } }],
    ["the Origin null", 403, { headers: { origin: "null" } }],
    ["our own Origin", 403, { headers: { origin: "http://127.0.0.1" } }],
    ["Sec-Fetch-Site", 403, { headers: { "sec-fetch-site": "cross-site" } }],
    ["Sec-Fetch-Site: same-origin", 403, { headers: { "sec-fetch-site": "same-origin" } }],
    ["GET", 405, { method: "GET", body: "" }],
    ["HEAD", 405, { method: "HEAD", body: "" }],
    ["PUT", 405, { method: "PUT" }],
    ["DELETE", 405, { method: "DELETE" }],
    ["OPTIONS", 405, { method: "OPTIONS", body: "" }],
    [
      "an upgrade to WebSocket",
      405,
      { method: "GET", body: "", headers: { connection: "Upgrade", upgrade: "websocket" } },
    ],
    ["a form", 415, { headers: { "content-type": "application/x-www-form-urlencoded" } }],
    ["plain text", 415, { headers: { "content-type": "text/plain" } }],
    ["no content type", 415, { headers: { "content-type": undefined } }],
    ["a method that there is not", 404, { path: "/control/account.steal" }],
    ["a method that every object has", 404, { path: "/control/toString" }],
    ["another method that every object has", 404, { path: "/control/__proto__" }],
    ["the root", 404, { path: "/" }],
    ["a key too many", 400, { body: '{"more":1}' }],
    ["an array", 400, { body: "[]" }],
    ["null", 400, { body: "null" }],
    ["something that is not JSON", 400, { body: "{" }],
    ["a megabyte", 400, { body: `{"x":"${"y".repeat(1_000_000)}"}` }],
  ];
  for (const [name, status, options] of refused) {
    test(`with ${name} is answered with ${status}, and nothing happens (A7, C1, C2)`, async () => {
      const path = options.path ?? "/control/account.add";
      const answer = await send({ body: addition, ...options, path });
      expect(answer.status).toBe(status);
      for (const header of Object.keys(answer.headers)) expect(header).not.toMatch(/^access-control-/);
      expect(answer.headers["x-content-type-options"]).toBe("nosniff");
      expect(answer.headers["cache-control"]).toBe("no-store");
      if (options.method !== "HEAD") expect(JSON.parse(answer.body).error.code).toMatch(/^[a-z-]+$/);
      expect((await send()).body).not.toContain("intruder");
    });
  }

  test("with two bearers is answered with 401, whichever of them is the right one (A7)", async () => {
    const [right, wrong] = [`Bearer ${secret}`, `Bearer ${"A".repeat(43)}`];
    for (const both of [
      [right, wrong],
      [wrong, right],
      [right, right],
    ]) {
      // In this spelling the types of Node allow more than one.
      const headers = { authorization: undefined, Authorization: both };
      expect((await send({ headers })).status).toBe(401);
    }
  });

  test("answers the right question with the right secret", async () => {
    const answer = await send();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).processId).toBe(town.postern.ready.processId);
  });

  test("proves that it knows the secret without telling it, and only for a nonce that cannot be guessed", async () => {
    const nonce = "n".repeat(43);
    const headers = { authorization: undefined };
    const proof = await send({ path: "/control-proof", headers, body: JSON.stringify({ nonce }) });
    expect(JSON.parse(proof.body)).toEqual({ proof: proofOf(secret, nonce) });
    for (const body of ['{"nonce":"short"}', "{}", '{"nonce":7}', "[]", "null"]) {
      expect((await send({ path: "/control-proof", headers, body })).status).toBe(400);
    }
    const browser = { ...headers, origin: "https://evil.example" };
    expect((await send({ path: "/control-proof", headers: browser, body: "{}" })).status).toBe(403);
  });

  test("survives connections that say nothing, too much, or something else", async () => {
    const sockets = ["", "\x16\x03\x01", "GET / HTTP/9.9\r\n\r\n", "POST ".repeat(20_000)].map((first) => {
      const socket = connect(endpoint);
      socket.on("error", () => {});
      socket.write(first);
      return socket;
    });
    expect((await send()).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  test("is not told the secret by the command line when somebody else sits in its place", async () => {
    const { folder, env } = await preparePostern({ authority: town.authority });
    const asked: { url: string | undefined; headers: string }[] = [];
    const impostor = createServer((incoming, response) => {
      asked.push({ url: incoming.url, headers: JSON.stringify(incoming.headers) });
      response.end(JSON.stringify({ proof: proofOf("another secret", "x") }));
    });
    impostor.listen(join(folder, "impostor.sock"));
    await once(impostor, "listening");
    const file = { endpoint: join(folder, "impostor.sock"), secret: "s".repeat(43), processId: 1 };
    await writeFile(join(folder, "home", "control.json"), JSON.stringify(file), { mode: 0o600 });
    const finished = await runPostern(["status"], env);
    impostor.close();
    expect(finished.exitCode).not.toBe(0);
    expect(finished.stderr).toContain("another program answers");
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked)).not.toContain("s".repeat(43));
    await rm(folder, { recursive: true });
  });
});
