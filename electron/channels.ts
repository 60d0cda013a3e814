// The names under which the page's process and the main process speak. Invariant: as many as `window.posternNative` needs.

export const CHANNELS = {
  autostartGet: "native:autostart-get",
  autostartSet: "native:autostart-set",
  openExternal: "native:open-external",
} as const;
