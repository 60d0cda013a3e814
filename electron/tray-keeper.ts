// The icon in the tray: what it shows follows the state, and its menu's lines do what they say.
// Invariant: only what has changed is set again: a menu that is open would close. Where the system has no tray, all of it
// does nothing, and says so.
import { assertNever } from "../src/errors/assert-never.ts";
import type { DaemonView } from "./daemon-view.ts";
import type { MenuLine, TraySlice } from "./electron-api.ts";
import {
  type TrayAction,
  type TrayIcon,
  type TrayLine,
  type TrayPicture,
  trayPicture,
  type UpdateOffer,
} from "./tray.ts";
import type { Words } from "./words.ts";

export interface TrayKeeperParts {
  /** @throws Error where the system has no tray */
  create(icon: TrayIcon): TraySlice;
  iconFile(icon: TrayIcon): string;
  onAction(action: TrayAction): void;
  onClick(): void;
  readonly opensByClick: boolean;
}

export interface TrayKeeper {
  show(view: DaemonView, words: Words): void;
  offerUpdate(offer: UpdateOffer): void;
  isThere(): boolean;
}

export function createTrayKeeper(parts: TrayKeeperParts): TrayKeeper {
  let tray: TraySlice | undefined;
  let failed = false;
  let shown: TrayPicture | undefined;
  let last: { readonly view: DaemonView; readonly words: Words } | undefined;
  let offer: UpdateOffer = { kind: "none" };

  function make(icon: TrayIcon): TraySlice | undefined {
    if (failed) return undefined;
    try {
      const made = parts.create(icon);
      if (parts.opensByClick) made.on("click", () => parts.onClick());
      return made;
    } catch {
      failed = true;
      return undefined;
    }
  }

  function toMenuLine(line: TrayLine): MenuLine {
    switch (line.kind) {
      case "text":
        return { label: line.label, enabled: false };
      case "separator":
        return { type: "separator" };
      case "action":
        return { label: line.label, click: () => parts.onAction(line.action) };
      default:
        return assertNever(line);
    }
  }

  function draw(): void {
    if (last === undefined) return;
    const next = trayPicture(last.view, last.words, offer);
    tray ??= make(next.icon);
    if (tray === undefined) return;
    if (next.icon !== shown?.icon) tray.setImage(parts.iconFile(next.icon));
    if (next.tooltip !== shown?.tooltip) tray.setToolTip(next.tooltip);
    if (JSON.stringify(next.menu) !== JSON.stringify(shown?.menu)) tray.setMenu(next.menu.map(toMenuLine));
    shown = next;
  }

  return {
    show(view, words) {
      last = { view, words };
      draw();
    },
    offerUpdate(next) {
      offer = next;
      draw();
    },
    isThere: () => tray !== undefined,
  };
}
