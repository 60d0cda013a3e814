// Runs beside the page, sandboxed, before it: puts `window.posternNative` there. Built as CommonJS, in one file.
// Invariant: named functions only; neither ipcRenderer nor anything of Node reaches the page.
import { contextBridge, ipcRenderer } from "electron";
import type { PosternNative } from "../src/control/native.ts";
import { CHANNELS } from "./channels.ts";

const native: PosternNative = {
  platform: process.platform,
  autostart: {
    get: () => ipcRenderer.invoke(CHANNELS.autostartGet),
    set: (enabled) => ipcRenderer.invoke(CHANNELS.autostartSet, enabled),
  },
  openExternal: (url) => ipcRenderer.invoke(CHANNELS.openExternal, url),
};

contextBridge.exposeInMainWorld("posternNative", native);
