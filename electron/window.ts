// The options of the one window: nothing of Node in the page (threats.md I).

/** For Electron's BrowserWindow. */
export const WINDOW_OPTIONS = {
  width: 880,
  height: 640,
  minWidth: 720,
  minHeight: 520,
  title: "Postern",
  webPreferences: {
    nodeIntegration: false,
    contextIsolation: true,
    sandbox: true,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
  },
} as const;

export const WINDOW_URL = "app://postern/";
