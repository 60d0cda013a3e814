// Which file a tray icon is in: .ico on Windows, a template image on macOS (drawn in the menu bar's own colour), .png
// elsewhere. Invariant: every icon is there in every form; scripts/draw-tray-icons.mjs draws them.
import { join } from "node:path";
import type { TrayIcon } from "./tray.ts";

export function createIconFiles(folder: string, platform: NodeJS.Platform): (icon: TrayIcon) => string {
  return (icon) => {
    // Electron takes the @2x file beside a .png by itself, and treats names that end in Template as templates.
    if (platform === "win32") return join(folder, `${icon}.ico`);
    return join(folder, platform === "darwin" ? `${icon}Template.png` : `${icon}.png`);
  };
}
