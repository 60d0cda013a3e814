// The application's menu: on macOS what every program has, elsewhere hidden behind Alt. Without it copying by keyboard would
// not work on macOS, and nobody without a tray could quit. Invariant: no developer tools in an installed build.
import type { MenuLine } from "./electron-api.ts";
import type { Words } from "./words.ts";

export interface ApplicationMenuParts {
  readonly platform: NodeJS.Platform;
  readonly isPackaged: boolean;
  readonly words: Words;
  quit(): void;
}

export function applicationMenu({ platform, isPackaged, words, quit }: ApplicationMenuParts): MenuLine[] {
  const separator: MenuLine = { type: "separator" };
  const mac: MenuLine[] = [
    { role: "about" },
    separator,
    { role: "hide" },
    { role: "hideOthers" },
    { role: "unhide" },
    separator,
  ];
  return [
    {
      label: "Postern",
      submenu: [
        ...(platform === "darwin" ? mac : []),
        { role: "close" },
        { label: words("tray.quit"), accelerator: "CommandOrControl+Q", click: quit },
      ],
    },
    {
      label: words("tray.edit"),
      submenu: [
        { role: "undo" },
        { role: "redo" },
        separator,
        { role: "cut" },
        { role: "copy" },
        { role: "paste" },
        { role: "selectAll" },
      ],
    },
    {
      label: words("tray.view"),
      submenu: [
        { role: "resetZoom" },
        { role: "zoomIn" },
        { role: "zoomOut" },
        ...(isPackaged ? [] : [separator, { role: "toggleDevTools" } satisfies MenuLine]),
      ],
    },
  ];
}
