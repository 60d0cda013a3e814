// BrowserWindows of the Electron stand-in: pages of a real Chromium, to which app://postern/ is an origin of this machine that
// the registered handler answers, streams too. Invariant: navigation, new windows and crashes are asked about as Electron does.
import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type BrowserContext, chromium, type Page, type Route } from "playwright-core";
import type { IpcCall, WebContentsSlice, WindowSlice } from "../../electron/electron-api.ts";
import type { WindowOptions } from "../../electron/window.ts";
import { CHROMIUM_PROGRAM } from "./chromium.ts";

type Handler = (request: Request) => Promise<Response>;
type Invoke = (channel: string, sender: IpcCall["senderFrame"], ...words: unknown[]) => Promise<unknown>;

export interface StandInWindow extends WindowSlice {
  readonly options: WindowOptions;
  /** The page that is in it, once it has been loaded. */
  page(): Promise<Page>;
  /** What the page's address is, as Electron would tell it. */
  url(): Promise<string>;
  readonly focused: number;
  /** Its renderer process dies. */
  crash(): Promise<void>;
}

export interface AppPages {
  serve(handler: Handler): void;
  createWindow(options: WindowOptions): StandInWindow;
  windows(): readonly StandInWindow[];
  close(): Promise<void>;
}

const APP = "app://postern";

export async function startAppPages(preload: string, invoke: Invoke): Promise<AppPages> {
  let handler: Handler | undefined;
  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing, handler).catch(() => outgoing.destroy());
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const toApp = (url: string): string => url.replace(origin, APP);

  const browser = await chromium.launch({
    executablePath: CHROMIUM_PROGRAM,
    args: ["--disable-gpu", "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  const context = await browser.newContext({ locale: "en" });
  await context.exposeBinding("standInInvoke", ({ frame }, channel: string, ...words: unknown[]) =>
    invoke(channel, { url: toApp(frame.url()), parent: frame.parentFrame() }, ...words),
  );
  await context.addInitScript(preloadScript(preload));
  const windows = new Set<StandInWindow>();

  function createWindow(options: WindowOptions): StandInWindow {
    const events = new EventEmitter();
    const contents = new EventEmitter();
    let openHandler: Parameters<WebContentsSlice["setWindowOpenHandler"]>[0] | undefined;
    let page: Promise<Page> | undefined;
    let isLoading = false;
    let isDestroyed = false;
    let focused = 0;

    async function openPage(): Promise<Page> {
      const made = await newPage(context, {
        isOurNavigation: () => isLoading,
        mayNavigate: () => {
          const event = createPreventable();
          contents.emit("will-navigate", event);
          return !event.isPrevented;
        },
        openWindow: (url) => openHandler?.({ url: toApp(url) }),
      });
      made.on("crash", () => contents.emit("render-process-gone", {}, { reason: "crashed" }));
      return made;
    }

    const window: StandInWindow = {
      options,
      webContents: {
        on: (event: string, listener: (...words: never[]) => void) =>
          contents.on(event, listener as () => void),
        setWindowOpenHandler: (given) => {
          openHandler = given;
        },
      },
      async loadURL(url) {
        const isFirst = page === undefined;
        page ??= openPage();
        const shown = await page;
        isLoading = true;
        await shown.goto(url.replace(APP, origin)).finally(() => {
          isLoading = false;
        });
        if (isFirst) events.emit("ready-to-show");
      },
      show: () => {},
      focus() {
        focused += 1;
      },
      isMinimized: () => false,
      restore: () => {},
      destroy() {
        if (isDestroyed) return;
        isDestroyed = true;
        windows.delete(window);
        void page?.then((shown) => shown.close()).catch(() => {});
        events.emit("closed");
      },
      isDestroyed: () => isDestroyed,
      once: (event: string, listener: () => void) => events.once(event, listener),
      async page() {
        if (page === undefined) throw new Error("nothing was loaded");
        return page;
      },
      async url() {
        return toApp((await window.page()).url());
      },
      get focused() {
        return focused;
      },
      async crash() {
        const session = await context.newCDPSession(await window.page());
        // It cannot answer any more.
        void session.send("Page.crash").catch(() => {});
      },
    };
    windows.add(window);
    return window;
  }

  return {
    serve: (given) => {
      handler = given;
    },
    createWindow,
    windows: () => [...windows],
    async close() {
      await browser.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** An event that somebody may object to. */
export function createPreventable() {
  return {
    isPrevented: false,
    preventDefault() {
      this.isPrevented = true;
    },
  };
}

interface Judge {
  isOurNavigation(): boolean;
  mayNavigate(): boolean;
  openWindow(url: string): { action: "deny" } | undefined;
}

async function newPage(context: BrowserContext, judge: Judge): Promise<Page> {
  const page = await context.newPage();
  await page.route("**/*", (route: Route) => {
    const request = route.request();
    const isNavigation = request.isNavigationRequest() && request.frame() === page.mainFrame();
    if (isNavigation && !judge.isOurNavigation() && !judge.mayNavigate()) {
      // Chromium stays where it is then; after an aborted request it would show a page of its own.
      return route.fulfill({ status: 204 });
    }
    return route.continue();
  });
  // Only Chromium itself knows the address of a window before there is one.
  const session = await context.newCDPSession(page);
  await session.send("Page.enable");
  let isDenied = false;
  session.on("Page.windowOpen", ({ url }) => {
    isDenied = judge.openWindow(url)?.action === "deny";
  });
  page.on("popup", (popup) => {
    // Where nobody forbids it, it stays.
    if (isDenied) void popup.close().catch(() => {});
  });
  return page;
}

/** As Electron runs a preload script: before the page's own, with `require("electron")`. */
function preloadScript(code: string): string {
  return `{
    const electron = {
      contextBridge: { exposeInMainWorld: (name, api) => { globalThis[name] = api; } },
      ipcRenderer: { invoke: (...words) => globalThis.standInInvoke(...words) },
    };
    ((require, process, module, exports) => {${code}
    })(() => electron, { platform: "linux" }, {}, {});
  }`;
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: Handler | undefined,
): Promise<void> {
  const { method = "GET", url = "/" } = incoming;
  const body = ["GET", "HEAD"].includes(method) ? null : Readable.toWeb(incoming);
  const response = await handler?.(
    new Request(`${APP}${url}`, { method, body, duplex: "half" } as RequestInit),
  );
  outgoing.writeHead(response?.status ?? 404, Object.fromEntries(response?.headers ?? []));
  outgoing.flushHeaders();
  if (response?.body) {
    await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), outgoing);
  } else outgoing.end();
}
