// Newer versions: installed where the app installs itself, told where a package manager does, and neither where an
// administrator says so.
import { expect, test } from "vitest";
import type { UpdateOffer } from "../../../electron/tray.ts";
import { createUpdates, type UpdateMode, type UpdaterSlice, updateMode } from "../../../electron/updates.ts";
import { wordsIn } from "../../../electron/words.ts";
import { createFakeClock, HOUR, MINUTE } from "../../support/fake-clock.ts";

const PACKAGED = { isPackaged: true, hasFeed: true, platform: "linux", env: {}, policyAllows: true } as const;

test.each([
  [
    { ...PACKAGED, isPackaged: false },
    { kind: "off", why: "clone" },
  ],
  [
    { ...PACKAGED, hasFeed: false },
    { kind: "off", why: "no-feed" },
  ],
  [
    { ...PACKAGED, policyAllows: false },
    { kind: "off", why: "policy" },
  ],
  [
    { ...PACKAGED, policyAllows: undefined },
    { kind: "off", why: "policy" },
  ],
  [PACKAGED, { kind: "tell" }],
  [{ ...PACKAGED, env: { APPIMAGE: "/Postern.AppImage" } }, { kind: "install" }],
  [{ ...PACKAGED, platform: "darwin" }, { kind: "install" }],
  [{ ...PACKAGED, platform: "win32" }, { kind: "install" }],
] as const)("%j is %j", (circumstances, mode) => {
  expect(updateMode(circumstances)).toEqual(mode);
});

/** electron-updater's half, as far as it is used. */
function prepare(answer: () => Promise<unknown> = async () => {}) {
  const listeners = new Map<string, (found: never) => void>();
  const told: string[] = [];
  const offers: UpdateOffer[] = [];
  let checks = 0;
  let loads = 0;
  const updater: UpdaterSlice = {
    autoDownload: true,
    autoInstallOnAppQuit: true,
    allowDowngrade: true,
    on: (event: string, listener: (found: never) => void) => listeners.set(event, listener),
    checkForUpdates() {
      checks += 1;
      return answer();
    },
    quitAndInstall: () => told.push("installed"),
  };
  const clock = createFakeClock();
  const updates = createUpdates({
    async load() {
      loads += 1;
      return updater;
    },
    clock,
    onOffer: (offer) => offers.push(offer),
    notify: ({ title }) => told.push(title),
    words: () => wordsIn("en", "en"),
  });
  const say = (event: string, found: object = {}): void => listeners.get(event)?.(found as never);
  return { updates, updater, clock, told, offers, say, checks: () => checks, loads: () => loads };
}

const INSTALL: UpdateMode = { kind: "install" };
const OFF: UpdateMode = { kind: "off", why: "policy" };

test("looks a minute after the start and once a day, never for an older version", async () => {
  const { updates, updater, clock, checks, loads } = prepare();
  expect(loads()).toBe(0);
  updates.setMode(INSTALL);
  await clock.advance(MINUTE);
  expect(checks()).toBe(1);
  expect(updater).toMatchObject({ autoDownload: true, autoInstallOnAppQuit: true, allowDowngrade: false });
  await clock.advance(24 * HOUR);
  expect(checks()).toBe(2);
});

test("offers what is ready, and installs it when the person says so", async () => {
  const { updates, clock, told, offers, say } = prepare();
  updates.setMode(INSTALL);
  await clock.advance(MINUTE);
  say("update-downloaded", { version: "2.0.0" });
  expect(told).toEqual(["Postern 2.0.0 is ready"]);
  expect(offers.at(-1)).toEqual({ kind: "ready", version: "2.0.0" });
  updates.install();
  expect(told.at(-1)).toBe("installed");
});

test("only tells where a package manager installs", async () => {
  const { updates, updater, clock, told, say } = prepare();
  updates.setMode({ kind: "tell" });
  await clock.advance(MINUTE);
  expect(updater).toMatchObject({ autoDownload: false, autoInstallOnAppQuit: false });
  say("update-available", { version: "2.0.0" });
  expect(told).toEqual(["Postern 2.0.0 is there"]);
});

test("does nothing where an administrator decides, also when they decide later", async () => {
  const { updates, updater, clock, checks, offers } = prepare();
  updates.setMode(INSTALL);
  await clock.advance(MINUTE);
  updates.setMode(OFF);
  expect(offers.at(-1)).toEqual({ kind: "none" });
  expect(updater.autoInstallOnAppQuit).toBe(false);
  await clock.advance(48 * HOUR);
  await updates.check();
  expect(checks()).toBe(1);
});

test("a person who asks is told in every case; nobody else is told of a failure", async () => {
  const failing = prepare(() => Promise.reject(new Error("no network")));
  failing.updates.setMode(INSTALL);
  await failing.clock.advance(MINUTE);
  expect(failing.told).toEqual([]);
  await failing.updates.check();
  expect(failing.told).toEqual(["Postern could not look for updates"]);

  const newest = prepare();
  newest.updates.setMode(INSTALL);
  await newest.updates.check();
  newest.say("update-not-available");
  expect(newest.told).toEqual(["This is the newest Postern"]);
});
