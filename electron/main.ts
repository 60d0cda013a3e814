// Electron's main process: a window on the daemon, and nothing else. The only file that imports electron.
import { join } from "node:path";
import { app, BrowserWindow, protocol, session } from "electron";
import { locateHome } from "../src/installation/home.ts";
import { createFolderFiles } from "../src/page/page-files.ts";
import { createPageHandler } from "../src/page/page-handler.ts";
import { createAppProtocol } from "./app-protocol.ts";
import { attachOrStart } from "./daemon-process.ts";
import { WINDOW_OPTIONS, WINDOW_URL } from "./window.ts";

protocol.registerSchemesAsPrivileged([
  { scheme: "app", privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

if (!app.requestSingleInstanceLock()) app.quit();

app.on("second-instance", () => BrowserWindow.getAllWindows()[0]?.focus());

app.on("web-contents-created", (_event, contents) => {
  contents.on("will-navigate", (event) => event.preventDefault());
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
});

app.whenReady().then(async () => {
  const daemon = await attachOrStart({
    controlFile: locateHome(process.env).controlFile,
    command: ["postern", "serve"],
  });
  app.once("quit", () => daemon.stop());
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  const handle = createPageHandler({
    files: createFolderFiles(join(import.meta.dirname, "../../dist/page")),
    forward: async (path, body, signal) => (await daemon.connect()).forward(path, body, signal),
  });
  protocol.handle("app", createAppProtocol(handle));
  await new BrowserWindow(WINDOW_OPTIONS).loadURL(WINDOW_URL);
});
