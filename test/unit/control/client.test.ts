import { once } from "node:events";
import { symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { connectToDaemon } from "../../../src/control/client.ts";
import { createControlSecret, proofOf } from "../../../src/control/secret.ts";
import { createControlServer, type Handlers } from "../../../src/control/server.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

function prepare() {
  const folder = createTemporaryFolder();
  const secret = createControlSecret();
  const endpoint = join(folder, "control.sock");
  const file = join(folder, "control.json");
  writeFileSync(file, JSON.stringify({ endpoint, secret, processId: 42 }));
  return { folder, secret, endpoint, file };
}

describe("a caller of the control API", () => {
  test("asks the daemon that its file names, and hears answers and failures", async () => {
    const { secret, endpoint, file } = prepare();
    const server = createControlServer(secret, {
      stop: async () => ({}),
      "account.show": () => Promise.reject(new PosternError("account-unknown", { detail: "carol" })),
    } as Partial<Handlers> as Handlers);
    server.listen(endpoint);
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const daemon = await connectToDaemon(file);
    expect(daemon.processId).toBe(42);
    expect(await daemon.call("stop", {})).toEqual({});
    const failure = await failureOf(daemon.call("account.show", { email: "carol@example.com" }));
    expect([failure.code, failure.detail]).toEqual(["account-unknown", "carol"]);
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
