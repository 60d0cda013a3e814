// Electron as the tray app sees it, on Node: its windows are pages of a real Chromium, its app:// is served to them by the
// handler that the tray app registered, and its preload script is the built one.
// Invariant: it decides nothing for the tray app: what a real Electron asks a listener, it asks, and it does what it is told.
import { EventEmitter } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "vite";
import type {
  DownloadSlice,
  ElectronParts,
  IpcCall,
  MenuLine,
  NotificationSlice,
  SessionSlice,
  TraySlice,
} from "../../electron/electron-api.ts";
import type { WindowOptions } from "../../electron/window.ts";
import { type AppPages, createPreventable, type StandInWindow, startAppPages } from "./electron-windows.ts";

const ELECTRON = resolve(import.meta.dirname, "../../electron");

export interface StandInNotification {
  readonly title: string;
  readonly body: string;
  readonly isClosed: boolean;
  click(): void;
}

export interface ElectronStandIn {
  readonly parts: ElectronParts;
  /** What the tray shows; undefined before there is one. */
  readonly tray: { image: string; tooltip: string; menu: readonly MenuLine[] } | undefined;
  /** The labels of the tray's menu. */
  labels(): readonly string[];
  /** Clicks the first line of the tray's menu that has this text in it. */
  click(label: string): void;
  /** Those that are not destroyed. */
  windows(): readonly StandInWindow[];
  readonly notifications: readonly StandInNotification[];
  /** What was handed to the system to open. */
  readonly opened: readonly string[];
  /** Whether Chromium's permission would be given, when asked for and when looked up. */
  permission(name: string, origin: string): { readonly requested: boolean; readonly checked: boolean };
  /** Whether a download goes on. */
  download(url: string): boolean;
  invoke(channel: string, sender: IpcCall["senderFrame"], ...words: unknown[]): Promise<unknown>;
  secondInstance(...words: string[]): void;
  power(event: "suspend" | "resume" | "shutdown"): void;
  setOnline(online: boolean): void;
  quit(): void;
  /** Resolves when the app has quit. */
  readonly quitted: Promise<void>;
  readonly hasQuit: boolean;
  close(): Promise<void>;
}

export interface StandInOptions {
  /** Another instance has the lock. */
  readonly isSecond?: boolean;
  readonly isPackaged?: boolean;
  readonly locale?: string;
  /** The system has no tray at all. */
  readonly withoutTray?: boolean;
}

/** The preload script as it is built. */
export async function buildPreload(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "preload-"));
  await build({
    configFile: join(ELECTRON, "vite.config.ts"),
    mode: "preload",
    logLevel: "error",
    build: { outDir: folder, sourcemap: false },
  });
  const code = await readFile(join(folder, "preload.cjs"), "utf8");
  await rm(folder, { recursive: true });
  return code;
}

export async function createElectronStandIn(options: StandInOptions = {}): Promise<ElectronStandIn> {
  const app = new EventEmitter();
  const powerMonitor = new EventEmitter();
  const downloads = new EventEmitter();
  const handlers = new Map<string, (event: IpcCall, ...words: unknown[]) => unknown>();
  const notifications: (StandInNotification & NotificationSlice)[] = [];
  const opened: string[] = [];
  const ended = Promise.withResolvers<void>();
  let request: Parameters<SessionSlice["setPermissionRequestHandler"]>[0] | undefined;
  let check: Parameters<SessionSlice["setPermissionCheckHandler"]>[0] | undefined;
  let tray: { image: string; tooltip: string; menu: readonly MenuLine[] } | undefined;
  let isOnline = true;
  let hasQuit = false;

  const invoke = async (channel: string, senderFrame: IpcCall["senderFrame"], ...words: unknown[]) => {
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`nobody handles ${channel}`);
    return handler({ senderFrame }, ...words);
  };
  const pages: AppPages = await startAppPages(await buildPreload(), invoke);

  /** As Electron's `app.quit`: everybody may object until the windows are closed and once more after that. */
  function quit(): void {
    if (hasQuit || !asks(app, "before-quit")) return;
    for (const window of pages.windows()) window.destroy();
    if (!asks(app, "will-quit")) return;
    hasQuit = true;
    ended.resolve();
  }

  function createTray(image: string): TraySlice {
    if (options.withoutTray) throw new Error("no tray");
    const shown: { image: string; tooltip: string; menu: readonly MenuLine[] } = {
      image,
      tooltip: "",
      menu: [],
    };
    tray = shown;
    return {
      setImage: (path) => {
        shown.image = path;
      },
      setToolTip: (text) => {
        shown.tooltip = text;
      },
      setMenu: (lines) => {
        shown.menu = lines;
      },
      on: () => {},
    };
  }

  function createNotification({ title, body }: { title: string; body: string }): NotificationSlice {
    const clicks = new EventEmitter();
    let isClosed = false;
    const notification = {
      title,
      body,
      get isClosed() {
        return isClosed;
      },
      on: (event: "click", listener: () => void) => clicks.on(event, listener),
      click: () => void clicks.emit("click"),
      show: () => void notifications.push(notification),
      close: () => {
        isClosed = true;
      },
    };
    return notification;
  }

  const parts: ElectronParts = {
    app: {
      isPackaged: options.isPackaged ?? false,
      getLocale: () => options.locale ?? "en-GB",
      requestSingleInstanceLock: () => !options.isSecond,
      whenReady: async () => {},
      quit,
      on: (event: string, listener: (...words: never[]) => void) => app.on(event, listener as () => void),
      setLoginItemSettings: () => {},
      getLoginItemSettings: () => ({ openAtLogin: false }),
    },
    session: {
      setPermissionRequestHandler: (handler) => {
        request = handler;
      },
      setPermissionCheckHandler: (handler) => {
        check = handler;
      },
      on: (event, listener) => downloads.on(event, listener),
    },
    protocol: { handle: (_scheme, handler) => pages.serve(handler) },
    ipc: { handle: (channel, listener) => void handlers.set(channel, listener) },
    powerMonitor: { on: (event, listener) => powerMonitor.on(event, listener) },
    isOnline: () => isOnline,
    openExternal: async (url) => void opened.push(url),
    createWindow: (windowOptions: WindowOptions) => pages.createWindow(windowOptions),
    createTray,
    setApplicationMenu: () => {},
    createNotification,
  };

  return {
    parts,
    get tray() {
      return tray;
    },
    labels: () => tray?.menu.flatMap(({ label }) => (label === undefined ? [] : [label])) ?? [],
    click(label) {
      const line = tray?.menu.find((one) => one.label?.includes(label) && one.click !== undefined);
      if (line?.click === undefined) throw new Error(`no line "${label}" in ${JSON.stringify(tray?.menu)}`);
      line.click();
    },
    windows: () => pages.windows(),
    notifications,
    opened,
    permission(name, origin) {
      let requested = false;
      const decide = (granted: boolean): void => {
        requested = granted;
      };
      request?.(undefined, name, decide, { requestingUrl: origin });
      return { requested, checked: check?.(undefined, name, origin) ?? true };
    },
    download(url) {
      const event = createPreventable();
      const item: DownloadSlice = { getURL: () => url };
      downloads.emit("will-download", event, item);
      return !event.isPrevented;
    },
    invoke,
    secondInstance: (...words) => void app.emit("second-instance", {}, ["postern", ...words]),
    power: (event) => void powerMonitor.emit(event),
    setOnline(online) {
      isOnline = online;
    },
    quit,
    quitted: ended.promise,
    get hasQuit() {
      return hasQuit;
    },
    close: () => pages.close(),
  };
}

/** Whether nobody objects. */
function asks(emitter: EventEmitter, event: string): boolean {
  const asked = createPreventable();
  emitter.emit(event, asked);
  return !asked.isPrevented;
}
