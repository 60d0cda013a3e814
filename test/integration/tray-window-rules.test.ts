// What the window's page may not do (threats.md I), rule by rule: in a real page behind the stand-in, with the built preload
// script, and as the options and answers that Electron is given.
import { rm } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHANNELS } from "../../electron/channels.ts";
import { APP_SCHEME, WINDOW_URL, windowOptions } from "../../electron/window.ts";
import { createTestAuthority } from "../support/authority.ts";
import { describeWithChromium } from "../support/chromium.ts";
import { preparePostern } from "../support/postern.ts";
import { eventually } from "../support/town.ts";
import { startTrayRig, type TrayRig } from "../support/tray-rig.ts";

let folder: string;
let rig: TrayRig;
let page: Page;

const OURS = { url: "app://postern/#/settings", parent: null };

describeWithChromium("the window's page", () => {
  beforeAll(async () => {
    const prepared = await preparePostern({ authority: await createTestAuthority() });
    folder = prepared.folder;
    rig = await startTrayRig({ env: prepared.env });
    await eventually(() => rig.labels().includes("Pause"));
    const [window] = rig.windows();
    if (window === undefined) throw new Error("no window");
    await eventually(async () => (await window.url()).startsWith(WINDOW_URL));
    page = await window.page();
    await (await rig.connect()).call("account.add", {
      settings: {
        kind: "oauth",
        email: "a@example.org",
        issuer: "https://issuer.example.org",
        clientId: "x",
        scope: "mail",
        redirectUri: "http://127.0.0.1/callback",
        imap: { host: "localhost", port: 9, tls: "implicit" },
        smtp: { host: "localhost", port: 9, tls: "implicit" },
        mechanism: "auto",
      },
    });
    await eventually(() => rig.labels().some((label) => label.includes("a@example.org")));
  });
  afterAll(async () => {
    await rig.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("is shown with nothing of Node, in a sandbox, by options that are these and no others", () => {
    const { webPreferences } = windowOptions({ preload: "/out/preload.cjs", isPackaged: true });
    expect(webPreferences).toEqual({
      preload: "/out/preload.cjs",
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: false,
    });
    expect(rig.windows()[0]?.options.webPreferences).toEqual({
      ...webPreferences,
      preload: "preload.cjs",
      devTools: true,
    });
    expect(APP_SCHEME.privileges).toEqual({
      standard: true,
      secure: true,
      supportFetchAPI: true,
      stream: true,
    });
  });

  test("finds one object of the preload script, of functions by name, and nothing of Node or Electron", async () => {
    const seen = await page.evaluate(() => {
      const native = Reflect.get(globalThis, "posternNative");
      return {
        keys: Object.keys(native).sort(),
        autostart: Object.keys(native.autostart).sort(),
        node: ["require", "process", "module", "Buffer", "ipcRenderer", "electron"].filter(
          (name) => name in globalThis,
        ),
      };
    });
    expect(seen).toEqual({
      keys: ["autostart", "openExternal", "platform"],
      autostart: ["get", "set"],
      node: [],
    });
  });

  test("is the page that is shipped, under its Content-Security-Policy, and follows the daemon's events", async () => {
    const first = await page.evaluate(async () => {
      const response = await fetch("/control-events", { method: "POST", body: "{}" });
      const reader = response.body?.getReader();
      const { value } = (await reader?.read()) ?? {};
      await reader?.cancel();
      return {
        policy: response.headers.get("content-security-policy"),
        event: JSON.parse(new TextDecoder().decode(value)).kind,
      };
    });
    expect(first.event).toBe("snapshot");
    expect(first.policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    );
    await page.getByText("a@example.org").first().waitFor();
  });

  test("reaches nothing outside, runs nothing inline", async () => {
    // As text: what runs in the page has other globals than a test.
    const blocked: { fetched: string; violated: string[]; ran: boolean } = await page.evaluate(`(async () => {
      const violated = [];
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
        violated.push(effectiveDirective);
      });
      const fetched = await fetch("https://evil.test/").then(() => "reached", () => "refused");
      const script = document.createElement("script");
      script.textContent = "globalThis.ranInline = true";
      document.head.append(script);
      const frame = document.createElement("iframe");
      frame.src = "https://evil.test/";
      const framed = new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
          if (effectiveDirective === "frame-src") resolve();
        });
      });
      document.body.append(frame);
      await framed;
      frame.remove();
      return { fetched, violated, ran: "ranInline" in globalThis };
    })()`);
    expect(blocked).toMatchObject({ fetched: "refused", ran: false });
    expect(blocked.violated).toEqual(expect.arrayContaining(["connect-src", "script-src-elem", "frame-src"]));
  });

  test("goes nowhere else, and opens no window", async () => {
    const before = page.url();
    for (const address of ["https://evil.test/", "file:///etc/passwd"]) {
      await page.evaluate(`void (location.href = ${JSON.stringify(address)})`);
    }
    await page.evaluate(`void window.open("https://evil.test/")`);
    await eventually(() => page.context().pages().length === 1);
    expect(page.url()).toBe(before);
    expect(rig.windows()).toHaveLength(1);
    expect(rig.opened).toEqual([]);
  });

  test("opens in the browser what the daemon named, by its own click or a call, and nothing else", async () => {
    const open = (url: string) =>
      page.evaluate((address) => Reflect.get(globalThis, "posternNative").openExternal(address), url);
    expect(await open("https://issuer.example.org/account")).toBe(true);
    for (const url of [
      "https://evil.test/",
      "file:///bin/sh",
      "javascript:alert(1)",
      "http://issuer.example.org/",
    ]) {
      expect(await open(url)).toBe(false);
    }
    expect(rig.opened).toEqual(["https://issuer.example.org/account"]);
    // A link with target=_blank asks in the other way, and the same list decides.
    await page.evaluate(`void window.open("https://issuer.example.org/help")`);
    await eventually(() => rig.opened.includes("https://issuer.example.org/help"));
    await eventually(() => page.context().pages().length === 1);
  });

  test("is granted copying and no other permission; another origin not even that", () => {
    expect(rig.permission("clipboard-sanitized-write", "app://postern/")).toEqual({
      requested: true,
      checked: true,
    });
    const all = [
      "clipboard-read",
      "media",
      "geolocation",
      "notifications",
      "openExternal",
      "hid",
      "fileSystem",
    ];
    for (const name of all) {
      expect(rig.permission(name, "app://postern/")).toEqual({ requested: false, checked: false });
    }
    for (const origin of ["https://evil.test", "app://postern.evil.test/", "app://other/", ""]) {
      expect(rig.permission("clipboard-sanitized-write", origin)).toEqual({
        requested: false,
        checked: false,
      });
    }
  });

  test("saves only files that it made itself", () => {
    expect(rig.download("blob:app://postern/0a1b")).toBe(true);
    for (const url of [
      "https://evil.test/a.exe",
      "blob:https://evil.test/1",
      "app://postern/index.html",
      "data:,x",
    ]) {
      expect(rig.download(url)).toBe(false);
    }
  });

  const calls = Object.values(CHANNELS);
  test.each(calls)("%s answers nobody but the page's main frame", async (channel) => {
    const right =
      channel === CHANNELS.openExternal
        ? ["https://evil.test/"]
        : channel === CHANNELS.autostartSet
          ? [true]
          : [];
    await expect(rig.invoke(channel, OURS, ...right)).resolves.toBeDefined();
    const strangers = [
      null,
      { url: "https://evil.test/", parent: null },
      { url: "app://postern.evil.test/", parent: null },
      { url: "file:///app/index.html", parent: null },
      { url: OURS.url, parent: {} },
    ];
    for (const sender of strangers) {
      await expect(rig.invoke(channel, sender, ...right)).rejects.toThrow("only the window's own page");
    }
    const wrong = [[{}], ["x".repeat(1_000_000)], [JSON.parse('{"__proto__":{"polluted":true}}')], [1, 2]];
    for (const words of wrong) {
      await expect(rig.invoke(channel, OURS, ...words)).rejects.toThrow("in a wrong way");
    }
    expect("polluted" in {}).toBe(false);
  });

  test.each([
    ["GET", "/..%2f..%2fpackage.json", 404],
    ["GET", "/%2e%2e/%2e%2e/package.json", 404],
    ["GET", "/assets/..%5c..%5cindex.html", 404],
    ["GET", "/control/status", 405],
    ["DELETE", "/", 405],
    ["PUT", "/index.html", 405],
    ["POST", "/control/token", 404],
    ["POST", "/control/stop", 404],
    ["POST", "/control/nonsense", 404],
  ])("%s %s is answered with %i", async (method, path, status) => {
    const answered = await page.evaluate(
      async ([how, where]) => {
        const response = await fetch(where, { method: how, ...(how === "POST" ? { body: "{}" } : {}) });
        return { status: response.status, sniff: response.headers.get("x-content-type-options") };
      },
      [method, path] as const,
    );
    expect(answered).toEqual({ status, sniff: "nosniff" });
  });
});
