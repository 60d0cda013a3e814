// The window's way to the daemon, on bare Node: app:// handler, attaching to a daemon, starting one.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAppProtocol } from "../../electron/app-protocol.ts";
import { attachOrStart } from "../../electron/daemon-process.ts";
import { WINDOW_OPTIONS } from "../../electron/window.ts";
import { connectToDaemon } from "../../src/control/client.ts";
import { createFolderFiles } from "../../src/page/page-files.ts";
import { createPageHandler, type PageHandler } from "../../src/page/page-handler.ts";
import { createTestAuthority } from "../support/authority.ts";
import { type Postern, preparePostern, startPostern } from "../support/postern.ts";

let folder: string;
let postern: Postern;
let handle: PageHandler;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "window-"));
  await mkdir(join(folder, "page"), { recursive: true });
  await writeFile(join(folder, "page", "index.html"), "<!doctype html><title>page</title>");
  await writeFile(join(folder, "secret.js"), "not for the page");
  postern = await startPostern({ authority: await createTestAuthority() });
  handle = createAppProtocol(
    createPageHandler({
      files: createFolderFiles(join(folder, "page")),
      forward: async (path, body, signal) =>
        (await connectToDaemon(join(postern.home, "control.json"))).forward(path, body, signal),
    }),
  );
});
afterAll(async () => {
  await postern.remove();
  await rm(folder, { recursive: true });
});

const ask = (method: string) =>
  handle(new Request(`app://postern/control/${method}`, { method: "POST", body: "{}" }));

describe("the app:// handler", () => {
  it("serves the page, and passes on what it asks with the secret that the page does not have", async () => {
    const page = await handle(new Request("app://postern/"));
    expect(await page.text()).toContain("<title>page</title>");
    const response = await ask("status");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ keychain: { kind: "file", ready: true }, accounts: [] });
  });

  it.each(["app://elsewhere/index.html", "app://postern.example/", "app://postern/../secret.js"])(
    "has nothing at %s",
    async (url) => {
      expect((await handle(new Request(url))).status).toBe(404);
    },
  );

  it("says that Postern is away when it is, and goes on when it is back", async () => {
    await postern.stop();
    expect((await ask("status")).status).toBe(503);
    postern = await postern.restart();
    expect((await ask("status")).status).toBe(200);
  });
});

describe("the daemon behind the window", () => {
  it("is the one that runs, and is left running", async () => {
    const attached = await attachOrStart({
      controlFile: join(postern.home, "control.json"),
      command: ["/nonexistent/postern", "serve"],
    });
    expect(attached.ours).toBe(false);
    attached.stop();
    expect((await ask("status")).status).toBe(200);
  });

  it("is started where none runs, and ended with the window", async () => {
    const { folder: own, env } = await preparePostern({ authority: await createTestAuthority() });
    const program = resolve(import.meta.dirname, "../../dist/cli/main.js");
    const before = { ...process.env };
    Object.assign(process.env, env);
    const started = await attachOrStart({
      controlFile: join(own, "home", "control.json"),
      command: [
        process.execPath,
        program,
        "serve",
        "--imap-port",
        "0",
        "--smtp-port",
        "0",
        "--log-level",
        "silent",
      ],
    });
    process.env = before;
    expect(started.ours).toBe(true);
    const client = await started.connect();
    expect((await client.call("status", {})).processId).toBe(client.processId);
    started.stop();
    await rm(own, { recursive: true, force: true });
  });
});

describe("the window", () => {
  it("gives the page nothing of Node", () => {
    expect(WINDOW_OPTIONS.webPreferences).toEqual({
      nodeIntegration: false,
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
    });
  });
});
