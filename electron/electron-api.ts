// The slices of Electron that the tray app uses, by narrow interfaces: main.ts hands Electron's own objects in (tsc checks
// that they fit), and the tests hand in a stand-in. Invariant: nothing here imports electron.
import type { WindowOptions } from "./window.ts";

export interface Preventable {
  preventDefault(): void;
}

/** Of `app`. */
export interface AppSlice {
  readonly isPackaged: boolean;
  getLocale(): string;
  requestSingleInstanceLock(): boolean;
  whenReady(): Promise<void>;
  quit(): void;
  on(event: "second-instance", listener: (event: Preventable, words: string[]) => void): unknown;
  on(event: "before-quit" | "will-quit", listener: (event: Preventable) => void): unknown;
  on(event: "window-all-closed", listener: () => void): unknown;
  on(event: "activate", listener: () => void): unknown;
  setLoginItemSettings(settings: { openAtLogin: boolean; path?: string; args?: string[] }): void;
  getLoginItemSettings(options?: { path?: string; args?: string[] }): { openAtLogin: boolean };
}

/** Of a BrowserWindow. */
export interface WindowSlice {
  readonly webContents: WebContentsSlice;
  loadURL(url: string): Promise<void>;
  show(): void;
  focus(): void;
  isMinimized(): boolean;
  restore(): void;
  destroy(): void;
  isDestroyed(): boolean;
  once(event: "ready-to-show", listener: () => void): unknown;
  once(event: "closed", listener: () => void): unknown;
}

export interface WebContentsSlice {
  on(event: "will-navigate" | "will-redirect", listener: (event: Preventable) => void): unknown;
  on(event: "will-attach-webview", listener: (event: Preventable) => void): unknown;
  on(
    event: "render-process-gone",
    listener: (event: Preventable, details: { readonly reason: string }) => void,
  ): unknown;
  setWindowOpenHandler(handler: (details: { readonly url: string }) => { action: "deny" }): void;
}

/** Of `session.defaultSession`. */
export interface SessionSlice {
  setPermissionRequestHandler(
    handler: (
      contents: unknown,
      permission: string,
      decide: (granted: boolean) => void,
      details: { readonly requestingUrl?: string; readonly isMainFrame?: boolean },
    ) => void,
  ): void;
  setPermissionCheckHandler(
    handler: (contents: unknown, permission: string, requestingOrigin: string) => boolean,
  ): void;
  on(event: "will-download", listener: (event: Preventable, item: DownloadSlice) => void): unknown;
}

export interface DownloadSlice {
  getURL(): string;
}

/** Of `protocol`. */
export interface ProtocolSlice {
  handle(scheme: string, handler: (request: Request) => Promise<Response>): void;
}

/** A Tray; main.ts makes the menu of its lines. */
export interface TraySlice {
  /** @param path of an image file */
  setImage(path: string): void;
  setToolTip(text: string): void;
  setMenu(lines: MenuLine[]): void;
  on(event: "click", listener: () => void): unknown;
}

/** Of a Notification. */
export interface NotificationSlice {
  on(event: "click", listener: () => void): unknown;
  show(): void;
  close(): void;
}

/** Of `ipcMain`. */
export interface IpcSlice {
  handle(channel: string, listener: (event: IpcCall, ...words: unknown[]) => unknown): void;
}

export interface IpcCall {
  /** Null when the frame has gone. */
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
}

/** Of `powerMonitor`. */
export interface PowerMonitorSlice {
  on(event: "suspend" | "resume" | "shutdown", listener: () => void): unknown;
}

/** One line of a menu, as Electron's `Menu.buildFromTemplate` takes it. */
export interface MenuLine {
  readonly label?: string;
  readonly sublabel?: string;
  readonly type?: "separator" | "normal" | "submenu";
  readonly enabled?: boolean;
  readonly role?: MenuRole;
  readonly accelerator?: string;
  readonly submenu?: MenuLine[];
  readonly click?: () => void;
}

export type MenuRole =
  | "about"
  | "hide"
  | "hideOthers"
  | "unhide"
  | "quit"
  | "undo"
  | "redo"
  | "cut"
  | "copy"
  | "paste"
  | "selectAll"
  | "close"
  | "minimize"
  | "resetZoom"
  | "zoomIn"
  | "zoomOut"
  | "toggleDevTools";

export interface NotificationOptions {
  readonly title: string;
  readonly body: string;
}

/** Everything of Electron that the tray app is handed. */
export interface ElectronParts {
  readonly app: AppSlice;
  readonly session: SessionSlice;
  readonly protocol: ProtocolSlice;
  readonly ipc: IpcSlice;
  readonly powerMonitor: PowerMonitorSlice;
  isOnline(): boolean;
  openExternal(url: string): Promise<void>;
  createWindow(options: WindowOptions): WindowSlice;
  /** @throws Error where the system has no tray */
  createTray(icon: string): TraySlice;
  setApplicationMenu(lines: MenuLine[]): void;
  /** Undefined where the system shows none. */
  createNotification(options: NotificationOptions): NotificationSlice | undefined;
}
