// A BrowserWindow without anything in it, for tests of when there is one. Invariant: it remembers what it was told to load.
import { EventEmitter } from "node:events";
import type { WebContentsSlice, WindowSlice } from "../../electron/electron-api.ts";

export function createElectronWindow() {
  const events = new EventEmitter();
  const loaded: string[] = [];
  let isDestroyed = false;
  const webContents = Object.assign(new EventEmitter(), { setWindowOpenHandler: () => {} });
  return {
    loaded,
    webContents: webContents as typeof webContents & WebContentsSlice,
    loadURL: async (url: string) => void loaded.push(url),
    show: () => {},
    focus: () => {},
    isMinimized: () => false,
    restore: () => {},
    destroy() {
      isDestroyed = true;
      events.emit("closed");
    },
    isDestroyed: () => isDestroyed,
    once: (event: string, listener: () => void) => events.once(event, listener),
  } satisfies WindowSlice & { readonly loaded: string[] };
}
