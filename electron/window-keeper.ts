// At most one window, made when somebody wants to see it and destroyed when it is closed: what it held in memory goes.
// Invariant: a page that crashed comes back once; one that crashes again soon stays away until somebody opens it.
import type { Clock } from "../src/clock/clock.ts";
import type { WindowSlice } from "./electron-api.ts";
import { HOME, type Route } from "./routes.ts";
import { WINDOW_URL } from "./window.ts";

export interface WindowKeeperParts {
  /** With its rules in force. */
  create(): WindowSlice;
  readonly clock: Clock;
  /** It was closed by a person. */
  onClosed(): void;
}

export interface WindowKeeper {
  /** Shows the window, in front; on another page when a route is named. */
  open(route?: Route): void;
  close(): void;
}

/** Milliseconds within which a second crash is the same trouble again. */
const SOON = 30_000;

export function createWindowKeeper({ create, clock, onClosed }: WindowKeeperParts): WindowKeeper {
  let window: WindowSlice | undefined;
  let crashedAt: number | undefined;

  function load(target: WindowSlice, route: Route): void {
    // It fails when the window is closed meanwhile; a page that cannot be shown says so itself.
    target.loadURL(`${WINDOW_URL}#${route}`).catch(() => {});
  }

  function make(route: Route): void {
    const made = create();
    window = made;
    made.once("ready-to-show", () => {
      made.show();
      made.focus();
    });
    made.once("closed", () => {
      if (window !== made) return;
      window = undefined;
      onClosed();
    });
    made.webContents.on("render-process-gone", (_event, { reason }) => {
      if (window !== made || reason === "clean-exit") return;
      window = undefined;
      made.destroy();
      const now = clock.monotonic();
      const again = crashedAt !== undefined && now - crashedAt < SOON;
      crashedAt = now;
      if (!again) make(HOME);
    });
    load(made, route);
  }

  return {
    open(route) {
      if (window === undefined || window.isDestroyed()) {
        make(route ?? HOME);
        return;
      }
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
      if (route !== undefined) load(window, route);
    },
    close() {
      const closing = window;
      window = undefined;
      closing?.destroy();
    },
  };
}
