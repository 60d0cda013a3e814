// When there is a window, and what the page's way to the daemon teaches the list of addresses.
import { describe, expect, test } from "vitest";
import { createExternalLinks } from "../../../electron/external-links.ts";
import { createForward } from "../../../electron/forwarding.ts";
import { createWindowKeeper } from "../../../electron/window-keeper.ts";
import type { ControlClient } from "../../../src/control/client.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createElectronWindow } from "../../support/plain-window.ts";

describe("what the page asks", () => {
  test("comes back unchanged, and the address of a sign-in may be opened from then on", async () => {
    const authorizationUrl = "https://login.example.org/authorize?client_id=x";
    const started = {
      flow: "loopback",
      attemptId: "1",
      authorizationUrl,
      redirectUri: "http://127.0.0.1:1/callback",
      otherFlows: [],
    };
    const links = createExternalLinks();
    const client = {
      forward: async () => ({
        status: 200,
        contentType: "application/json",
        body: ReadableStream.from([Buffer.from(JSON.stringify(started))]),
      }),
    } as unknown as ControlClient;
    const forward = createForward(async () => client, links);
    const { signal } = new AbortController();

    await forward("/control/status", "{}", signal);
    expect(links.check(authorizationUrl, [])).toBeUndefined();
    const answered = await forward("/control/sign-in.start", "{}", signal);
    expect(await new Response(answered.body).json()).toEqual(started);
    expect(links.check(authorizationUrl, [])).toBe(authorizationUrl);
  });
});

describe("the one window", () => {
  test("comes back after a crash, and after another one half a minute later, but not after two in a row", async () => {
    const clock = createFakeClock();
    const made: ReturnType<typeof createElectronWindow>[] = [];
    const keeper = createWindowKeeper({
      create() {
        const window = createElectronWindow();
        made.push(window);
        return window;
      },
      clock,
      onClosed: () => expect.unreachable("a crash is not a person's decision"),
    });
    const crash = () => made.at(-1)?.webContents.emit("render-process-gone", {}, { reason: "crashed" });
    keeper.open("/settings");
    expect(made[0]?.loaded).toEqual(["app://postern/#/settings"]);
    crash();
    expect(made).toHaveLength(2);
    await clock.advance(31_000);
    crash();
    expect(made).toHaveLength(3);
    crash();
    expect(made).toHaveLength(3);
    keeper.open();
    expect(made).toHaveLength(4);
    keeper.open("/add");
    expect(made[3]?.loaded).toEqual(["app://postern/#/", "app://postern/#/add"]);
  });
});
