// The rules of the one window, one by one (threats.md I): what its page is given, where it may go, and what it may do.
import { describe, expect, test } from "vitest";
import type { Preventable, SessionSlice, WebContentsSlice } from "../../../electron/electron-api.ts";
import { APP_SCHEME, guardContents, guardSession, isOurs, windowOptions } from "../../../electron/window.ts";

describe("the window's options", () => {
  const { webPreferences } = windowOptions({ preload: "/preload.cjs", isPackaged: true });

  test.each([
    ["nodeIntegration", false],
    ["nodeIntegrationInWorker", false],
    ["nodeIntegrationInSubFrames", false],
    ["contextIsolation", true],
    ["sandbox", true],
    ["webSecurity", true],
    ["allowRunningInsecureContent", false],
    ["experimentalFeatures", false],
    ["webviewTag", false],
    ["navigateOnDragDrop", false],
    ["spellcheck", false],
    ["devTools", false],
  ] as const)("%s is %s", (name, value) => {
    expect(webPreferences[name]).toBe(value);
  });

  test("name nothing else that could weaken the page", () => {
    expect(Object.keys(webPreferences).sort()).toEqual(
      [
        ...["allowRunningInsecureContent", "contextIsolation", "devTools", "experimentalFeatures"],
        ...["navigateOnDragDrop", "nodeIntegration", "nodeIntegrationInSubFrames", "nodeIntegrationInWorker"],
        ...["preload", "sandbox", "spellcheck", "webSecurity", "webviewTag"],
      ].sort(),
    );
  });

  test("have developer tools in a clone only", () => {
    expect(windowOptions({ preload: "", isPackaged: false }).webPreferences.devTools).toBe(true);
  });

  test("fit the smallest window that the page is made for", () => {
    expect(windowOptions({ preload: "", isPackaged: true })).toMatchObject({ minWidth: 720, minHeight: 520 });
  });
});

test("the page's scheme is as good as https, and no better", () => {
  expect(APP_SCHEME).toEqual({
    scheme: "app",
    privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
  });
});

test.each([
  ["app://postern", true],
  ["app://postern/", true],
  ["app://postern/#/add", true],
  ["app://postern.example/", false],
  ["app://posternx", false],
  ["https://postern/", false],
  ["file:///etc/passwd", false],
  ["", false],
  [undefined, false],
])("%s is the window's own page: %s", (address, ours) => {
  expect(isOurs(address)).toBe(ours);
});

describe("the page", () => {
  /** A page's contents, whose events a test sets off. */
  function guarded() {
    const listeners = new Map<string, (event: Preventable) => void>();
    let open: ((details: { readonly url: string }) => { action: "deny" }) | undefined;
    const opened: string[] = [];
    const contents: WebContentsSlice = {
      on: (event: string, listener: (...words: never[]) => void) =>
        listeners.set(event, listener as (event: Preventable) => void),
      setWindowOpenHandler: (handler) => {
        open = handler;
      },
    };
    guardContents(contents, (url) => opened.push(url));
    const isPrevented = (event: string): boolean => {
      let prevented = false;
      listeners.get(event)?.({
        preventDefault: () => {
          prevented = true;
        },
      });
      return prevented;
    };
    return { isPrevented, opened, open: (url: string) => open?.({ url }) };
  }

  test.each(["will-navigate", "will-redirect", "will-attach-webview"])(
    "is kept from what %s tells",
    (event) => {
      expect(guarded().isPrevented(event)).toBe(true);
    },
  );

  test("opens no window; an address goes to whoever judges it", () => {
    const { open, opened } = guarded();
    expect(open("https://login.example/")).toEqual({ action: "deny" });
    expect(open("file:///bin/sh")).toEqual({ action: "deny" });
    expect(opened).toEqual(["https://login.example/", "file:///bin/sh"]);
  });
});

describe("permissions", () => {
  function guardedSession() {
    let asked: Parameters<SessionSlice["setPermissionRequestHandler"]>[0] | undefined;
    let checked: Parameters<SessionSlice["setPermissionCheckHandler"]>[0] | undefined;
    let download: ((event: Preventable, item: { getURL(): string }) => void) | undefined;
    guardSession({
      setPermissionRequestHandler: (handler) => {
        asked = handler;
      },
      setPermissionCheckHandler: (handler) => {
        checked = handler;
      },
      on: (_event, listener) => {
        download = listener;
      },
    });
    return {
      ask(permission: string, requestingUrl: string): boolean | undefined {
        let granted: boolean | undefined;
        asked?.(
          undefined,
          permission,
          (yes) => {
            granted = yes;
          },
          { requestingUrl },
        );
        return granted;
      },
      check: (permission: string, origin: string) => checked?.(undefined, permission, origin),
      downloads(url: string): boolean {
        let allowed = true;
        download?.(
          {
            preventDefault: () => {
              allowed = false;
            },
          },
          { getURL: () => url },
        );
        return allowed;
      },
    };
  }

  test.each([
    "media",
    "geolocation",
    "notifications",
    "midi",
    "pointerLock",
    "fullscreen",
    "openExternal",
    "clipboard-read",
    "display-capture",
    "hid",
    "serial",
    "usb",
    "idle-detection",
  ])("%s is denied", (permission) => {
    const { ask, check } = guardedSession();
    expect(ask(permission, "app://postern/")).toBe(false);
    expect(check(permission, "app://postern")).toBe(false);
  });

  test("copying a text is granted to our own page, and to nobody else", () => {
    const { ask, check } = guardedSession();
    expect(ask("clipboard-sanitized-write", "app://postern/")).toBe(true);
    expect(check("clipboard-sanitized-write", "app://postern")).toBe(true);
    expect(ask("clipboard-sanitized-write", "https://evil.example/")).toBe(false);
    expect(check("clipboard-sanitized-write", "https://evil.example")).toBe(false);
  });

  test("files come from the page itself only", () => {
    const { downloads } = guardedSession();
    expect(downloads("blob:app://postern/5e1f")).toBe(true);
    expect(downloads("blob:https://evil.example/5e1f")).toBe(false);
    expect(downloads("https://evil.example/setup.exe")).toBe(false);
    expect(downloads("data:text/plain,x")).toBe(false);
  });
});
