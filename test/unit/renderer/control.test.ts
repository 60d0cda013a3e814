// How the page asks, through the window's port to a daemon: what comes back, and each way in which nothing does.
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import {
  type Control,
  ControlFailure,
  createControl,
  failureFrom,
  isAbort,
} from "../../../renderer/control.ts";
import { openSession } from "../../../renderer/session.ts";
import { connectToDaemon } from "../../../src/control/client.ts";
import type { ControlEvent } from "../../../src/control/contract.ts";
import type { Handlers } from "../../../src/control/server.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { startBrowserServer } from "../../../src/page/browser-server.ts";
import { createEntrySecret } from "../../../src/page/entry-secret.ts";
import { createPageHandler } from "../../../src/page/page-handler.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { startSmallDaemon } from "../../support/small-daemon.ts";

const { fetch } = globalThis;
afterEach(() => vi.unstubAllGlobals());

/** Relative addresses are this server's, as they are in a page that comes from it. */
function beAt(origin: string): void {
  vi.stubGlobal("fetch", (path: string, options: RequestInit) =>
    fetch(origin + path, { ...options, headers: { ...options.headers, origin } }),
  );
}

async function openPage(handlers: Partial<Handlers> = {}) {
  const daemon = await startSmallDaemon(undefined, handlers);
  const entry = createEntrySecret(createFakeClock());
  const server = await startBrowserServer({
    handle: createPageHandler({
      files: { read: async () => undefined },
      forward: async (path, body, signal) =>
        (await connectToDaemon(daemon.controlFile)).forward(path, body, signal),
    }),
    entry,
    port: 0,
    onEntered: () => {},
    onPages: () => {},
  });
  onTestFinished(server.close);
  beAt(`http://127.0.0.1:${server.port}`);
  const kept = new Map<string, string>();
  const session = await openSession({
    hash: `#/open?secret=${entry.secret}`,
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    replaceHash: () => {},
    exchange: async (secret) => entry.exchange(secret),
  });
  return { daemon, server, control: createControl(session.bearer) };
}

async function failureOf(control: Control): Promise<ControlFailure> {
  const thrown = await control.call("status", {}).then(
    () => undefined,
    (one: unknown) => one,
  );
  if (!(thrown instanceof ControlFailure)) throw new Error(`it was ${thrown}`);
  return thrown;
}

test("a page that came in is answered, and hears the state and then what changes", async () => {
  const { daemon, control } = await openPage();
  expect(await control.call("status", {})).toEqual(daemon.state);
  const heard: ControlEvent[] = [];
  for await (const event of control.events(new AbortController().signal)) {
    heard.push(event);
    if (heard.length === 2) break;
    daemon.events.accountRemoved("alice@example.com");
  }
  expect(heard).toEqual([
    { kind: "snapshot", snapshot: daemon.state },
    { kind: "account-removed", email: "alice@example.com" },
  ]);
});

test("what the daemon refuses comes with its code and its own words", async () => {
  const { control } = await openPage({
    status: async () => {
      throw new PosternError("account-exists", { detail: "alice@example.com" });
    },
  });
  const { failure, isLockedOut } = await failureOf(control);
  expect(failure).toMatchObject({ code: "account-exists", temporary: false, detail: "alice@example.com" });
  expect(isLockedOut).toBe(false);
});

test("a page without the bearer is locked out, also of the events", async () => {
  await openPage();
  const stranger = createControl(() => undefined);
  expect((await failureOf(stranger)).isLockedOut).toBe(true);
  const events = stranger.events(new AbortController().signal)[Symbol.asyncIterator]();
  await expect(events.next()).rejects.toMatchObject({ isLockedOut: true });
});

test("a daemon that is gone, and a window's process that is gone, are both: not running", async () => {
  const { daemon, server, control } = await openPage();
  await daemon.stop();
  const gone = await failureOf(control);
  expect(gone.failure.code).toBe("daemon-not-running");
  expect(gone.isLockedOut).toBe(false);
  await server.close();
  expect((await failureOf(control)).failure.code).toBe("daemon-not-running");
});

test("giving up is no failure, and reaches the daemon", async () => {
  const waiting = Promise.withResolvers<void>();
  const { control } = await openPage({
    status: async () => {
      waiting.resolve();
      return new Promise<never>(() => {});
    },
  });
  const over = new AbortController();
  const asked = control.call("status", {}, over.signal).catch((thrown: unknown) => thrown);
  await waiting.promise;
  over.abort();
  const thrown = await asked;
  expect(thrown).not.toBeInstanceOf(ControlFailure);
  expect(isAbort(thrown)).toBe(true);
});

test("an answer that is none of Postern's is shown as one that is not understood", async () => {
  vi.stubGlobal("fetch", async () => new Response("<html>", { status: 502 }));
  expect((await failureOf(createControl(() => undefined))).failure.code).toBe("internal");
  expect(failureFrom(new Error("anything")).code).toBe("internal");
});
