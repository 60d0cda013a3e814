// The window: its options, and what its page may not do (threats.md I). Each rule is asserted in the tests.
// Invariant: nothing of Node in the page; it never leaves app://postern/, opens no window, and is granted one permission.
import type { SessionSlice, WebContentsSlice } from "./electron-api.ts";

export const WINDOW_URL = "app://postern/";
const ORIGIN = "app://postern";

/** For `protocol.registerSchemesAsPrivileged`: like https, with `fetch` and streams, and no more. */
export const APP_SCHEME = {
  scheme: "app",
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
} as const;

export interface WindowParts {
  /** The built preload script. */
  readonly preload: string;
  readonly isPackaged: boolean;
}

/** For Electron's BrowserWindow. */
export function windowOptions({ preload, isPackaged }: WindowParts) {
  return {
    width: 880,
    height: 640,
    minWidth: 720,
    minHeight: 520,
    title: "Postern",
    autoHideMenuBar: true,
    // Shown when there is something to see.
    show: false,
    webPreferences: {
      preload,
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
      // It would fetch dictionaries from its maker.
      spellcheck: false,
      devTools: !isPackaged,
    },
  } as const;
}

export type WindowOptions = ReturnType<typeof windowOptions>;

/** Chromium's name for `navigator.clipboard.writeText`, which the copy buttons use. */
const COPYING = "clipboard-sanitized-write";

/** For the one session that every window shares. */
export function guardSession(session: SessionSlice): void {
  session.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) =>
    decide(permission === COPYING && isOurs(requestingUrl)),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) => permission === COPYING && isOurs(requestingOrigin),
  );
  session.on("will-download", (event, item) => {
    // Files that the page itself has made: settings for a mail program.
    if (!item.getURL().startsWith(`blob:${ORIGIN}/`)) event.preventDefault();
  });
}

/** @param openExternal is asked about every address that would be a new window */
export function guardContents(contents: WebContentsSlice, openExternal: (url: string) => void): void {
  for (const name of ["will-navigate", "will-redirect"] as const) {
    contents.on(name, (event) => event.preventDefault());
  }
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openExternal(url);
    return { action: "deny" };
  });
}

/** Whether an address or origin is the window's own page. */
export function isOurs(address: string | undefined): boolean {
  return address !== undefined && (address === ORIGIN || address.startsWith(`${ORIGIN}/`));
}
