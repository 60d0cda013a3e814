// Electron's main process: Electron's own objects, handed to the tray app. Nothing is decided here.
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  app,
  BrowserWindow,
  ipcMain,
  Menu,
  Notification,
  net,
  powerMonitor,
  protocol,
  session,
  shell,
  Tray,
} from "electron";
import { systemClock } from "../src/clock/clock.ts";
import { connectToDaemon } from "../src/control/client.ts";
import { locateHome } from "../src/installation/home.ts";
import { createFolderFiles } from "../src/page/page-files.ts";
import type { ElectronParts } from "./electron-api.ts";
import { createIconFiles } from "./icons.ts";
import { daemonCommand, spawnDaemon } from "./spawn-daemon.ts";
import { startTrayApp } from "./tray-app.ts";
import { hasTray } from "./tray-presence.ts";
import { APP_SCHEME } from "./window.ts";

const { env, platform, execPath, argv, resourcesPath } = process;

protocol.registerSchemesAsPrivileged([APP_SCHEME]);
// Windows shows notifications under the name of the app that has this id: electron-builder.yml's appId.
app.setAppUserModelId("org.postern.Postern");

const electron: ElectronParts = {
  app,
  // Only there once the app is ready.
  get session() {
    return session.defaultSession;
  },
  protocol,
  ipc: ipcMain,
  powerMonitor,
  isOnline: () => net.isOnline(),
  openExternal: (url) => shell.openExternal(url),
  createWindow: (options) => new BrowserWindow(options),
  createTray(icon) {
    const tray = new Tray(icon);
    return {
      setImage: (path) => tray.setImage(path),
      setToolTip: (text) => tray.setToolTip(text),
      setMenu: (lines) => tray.setContextMenu(Menu.buildFromTemplate(lines)),
      on: (event, listener) => tray.on(event, listener),
    };
  },
  setApplicationMenu: (lines) => Menu.setApplicationMenu(Menu.buildFromTemplate(lines)),
  createNotification: (options) => (Notification.isSupported() ? new Notification(options) : undefined),
};

const appPath = app.getAppPath();
const command = daemonCommand({ isPackaged: app.isPackaged, appPath, resourcesPath, platform, env });

void startTrayApp({
  electron,
  clock: systemClock,
  platform,
  env,
  argv,
  execPath,
  connect: () => connectToDaemon(locateHome(env).controlFile),
  startDaemon: () => spawnDaemon(command, env),
  page: createFolderFiles(join(appPath, "dist", "page")),
  preload: join(import.meta.dirname, "preload.cjs"),
  iconFile: createIconFiles(import.meta.dirname, platform),
  hasTray: () => hasTray(platform),
  hasUpdateFeed: existsSync(join(resourcesPath, "app-update.yml")),
  loadUpdater: async () => (await import("electron-updater")).default.autoUpdater,
});
