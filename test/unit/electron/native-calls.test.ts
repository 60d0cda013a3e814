// What the page may ask of the main process: three things, from our own page's main frame, in the right shape (threats.md I).
import { describe, expect, test } from "vitest";
import { CHANNELS } from "../../../electron/channels.ts";
import type { IpcCall } from "../../../electron/electron-api.ts";
import { answerNativeCalls } from "../../../electron/native-calls.ts";

function prepare() {
  const handlers = new Map<string, (event: IpcCall, ...words: unknown[]) => unknown>();
  const asked: unknown[] = [];
  answerNativeCalls(
    { handle: (channel, listener) => handlers.set(channel, listener) },
    {
      autostart: {
        get: async () => ({ supported: true, enabled: false }),
        async set(enabled) {
          asked.push(enabled);
          return { supported: true, enabled };
        },
      },
      async openExternal(url) {
        asked.push(url);
        return true;
      },
    },
  );
  const call = async (
    channel: string,
    frame: IpcCall["senderFrame"],
    ...words: unknown[]
  ): Promise<unknown> => handlers.get(channel)?.({ senderFrame: frame }, ...words);
  return { handlers, asked, call };
}

const OURS = { url: "app://postern/", parent: null };

test("our own page is answered", async () => {
  const { call, asked } = prepare();
  expect(await call(CHANNELS.autostartGet, OURS)).toEqual({ supported: true, enabled: false });
  expect(await call(CHANNELS.autostartSet, OURS, true)).toEqual({ supported: true, enabled: true });
  expect(await call(CHANNELS.openExternal, OURS, "https://login.example.test/")).toBe(true);
  expect(asked).toEqual([true, "https://login.example.test/"]);
});

test("there are three things, and no more", () => {
  expect([...prepare().handlers.keys()].sort()).toEqual(Object.values(CHANNELS).sort());
  expect(Object.values(CHANNELS)).toHaveLength(3);
});

describe.each(Object.values(CHANNELS))("%s", (channel) => {
  test.each([
    ["another page", { url: "https://evil.example/", parent: null }],
    ["a page with a name like ours", { url: "app://postern.evil.example/", parent: null }],
    ["a frame in our page", { url: "app://postern/", parent: {} }],
    ["a frame that has gone", null],
  ])("refuses %s", async (_who, frame) => {
    const { call, asked } = prepare();
    await expect(call(channel, frame, true)).rejects.toThrow("only the window's own page");
    expect(asked).toEqual([]);
  });

  test.each([
    [["x".repeat(1_000_000)]],
    [[{ __proto__: { enabled: true } }]],
    [[null]],
    [[1]],
    [[true, true]],
    [[[]]],
  ])("refuses what has another shape", async (words) => {
    const { call, asked } = prepare();
    await expect(call(channel, OURS, ...words)).rejects.toThrow("in a wrong way");
    expect(asked).toEqual([]);
  });
});
